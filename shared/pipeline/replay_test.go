package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/traffic"
)

// writeCapture generates a small flood into a folder and returns its capture.
func writeCapture(t *testing.T, seed uint64) (path string, result *traffic.Result) {
	t.Helper()
	dir := t.TempDir()
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Hosts = "flood", seed, 5
	result, err := traffic.WriteDir(context.Background(), cfg, dir)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "traffic.pcap"), result
}

// replayed replays files and returns records as JSON lines, in the order in which they came, and what was told as trouble.
func replayed(t *testing.T, files ...string) (lines []string, trouble []error) {
	t.Helper()
	var core *pipeline.Core
	m := &lineSink{memory: newMemory(), registry: flow.NewRegistry()}
	core, err := pipeline.Assemble(defaultConfig(), discard())
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(replaying(), pipeline.Sinks{Records: m}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	ctx := context.Background()
	if err := p.Replay(ctx, files, pipeline.ReplayConfig{Trouble: func(err error) { trouble = append(trouble, err) }}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(ctx); err != nil {
		t.Fatal(err)
	}
	checkAccount(t, core.Account)
	return m.lines, trouble
}

// lineSink keeps records as JSON lines.
type lineSink struct {
	*memory
	registry *flow.Registry
	lines    []string
}

func (s *lineSink) WriteBatch(ctx context.Context, b *flow.Batch) error {
	for i := range b.Records {
		s.lines = append(s.lines, string(flow.AppendJSON(nil, s.registry, b, &b.Records[i])))
	}
	return s.memory.WriteBatch(ctx, b)
}

// TestJSONLines: records written as JSON lines replay to the same records, names included; a bad line is told with its place
// and the rest goes on.
func TestJSONLines(t *testing.T) {
	capture, _ := writeCapture(t, 7)
	want, _ := replayed(t, capture)
	lines := append([]string{"{not json"}, want...)
	path := filepath.Join(t.TempDir(), "records.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, trouble := replayed(t, path)
	if len(trouble) != 1 || !strings.Contains(trouble[0].Error(), "records.jsonl:1:") {
		t.Errorf("trouble told: %v", trouble)
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("record %d:\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}

// TestMergeByTime: a capture and JSON lines of another time are taken in the order of their times.
func TestMergeByTime(t *testing.T) {
	capture, _ := writeCapture(t, 8)
	early := `{"event.end":"2026-03-02T00:00:00Z","event.created":"2026-03-02T00:00:01Z","observer.ip":"192.0.2.9","source.ip":"10.0.0.1","destination.ip":"10.0.0.2","network.iana_number":1,"network.bytes":84,"network.packets":1}`
	late := strings.NewReplacer("T00:00:00Z", "T09:00:00Z", "T00:00:01Z", "T09:00:01Z").Replace(early)
	path := filepath.Join(t.TempDir(), "pings.jsonl")
	if err := os.WriteFile(path, []byte(early+"\n"+late+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, trouble := replayed(t, capture, path)
	if len(trouble) != 0 {
		t.Fatal(trouble)
	}
	first, last := lines[0], lines[len(lines)-1]
	for _, l := range []string{first, last} {
		if !strings.Contains(l, `"192.0.2.9"`) || !strings.Contains(l, `"event.id":"`) || !strings.Contains(l, `"network.direction":"internal"`) {
			t.Errorf("first or last record is not the ping: %s", l)
		}
	}
}

// TestReplayTrouble: a capture cut within a packet gives what came before; a missing file is an error.
func TestReplayTrouble(t *testing.T) {
	capture, result := writeCapture(t, 9)
	text, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.pcap")
	if err := os.WriteFile(cut, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	lines, _ := replayed(t, cut)
	if n := uint64(len(lines)); n == 0 || n >= result.Records {
		t.Errorf("%d records of %d in half the file", n, result.Records)
	}
	_, p, _ := assemble(t, replaying())
	if err := p.Replay(context.Background(), []string{cut + ".no"}, pipeline.ReplayConfig{}); err == nil {
		t.Error("a missing file is no error")
	}
}
