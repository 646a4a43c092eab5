package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/daemon"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	coresink "github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/traffic"
)

// setUp installs what the documents of a namespace need.
func setUp(t *testing.T, s *servertest.Server, namespace string) {
	t.Helper()
	install(t, s, setup.Config{Options: assets.Options{Shards: 1}, Namespace: namespace})
}

func connect(t *testing.T, s *servertest.Server) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		Nodes: []string{s.URL}, Timeout: 5 * time.Minute, TLS: coresink.TLS{CA: s.CA}, Username: s.User, Password: client.Secret{Value: s.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// walkthrough makes the walk-through and returns its capture and configuration: the minutes of the first attack, or under WEIR_SOAK all, at a
// tenth of its size.
func walkthrough(t *testing.T) (capture string, cfg config.Config) {
	t.Helper()
	scenario := traffic.DefaultConfig()
	scenario.Scenario, scenario.Seed, scenario.Scale = "walkthrough", 4, 0.1
	whole := os.Getenv("WEIR_SOAK") != ""
	if !whole {
		scenario.Scale, scenario.Hosts = 0.001, 4
	}
	dir := filepath.Join(t.TempDir(), "set")
	if _, err := traffic.WriteDir(t.Context(), scenario, dir); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	capture = filepath.Join(dir, "traffic.pcap")
	if !whole {
		evening := scenario.Start.Truncate(24 * time.Hour)
		cut(t, capture, evening.Add(17*time.Hour+5*time.Minute), evening.Add(17*time.Hour+25*time.Minute))
	}
	return capture, cfg
}

// cut leaves of a capture the packets between two times.
func cut(t *testing.T, path string, from, to time.Time) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := pcapgo.NewWriterNanos(&out)
	if err := w.WriteFileHeader(1<<16, r.LinkType()); err != nil {
		t.Fatal(err)
	}
	for data, info, err := r.ReadPacketData(); err == nil; data, info, err = r.ReadPacketData() {
		if info.Timestamp.Before(from) || !info.Timestamp.Before(to) {
			continue
		}
		if err := w.WritePacket(info, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reference is what the pipeline finds in a capture.
type reference struct {
	records  map[flow.EventID]bool
	sessions map[flow.SessionID]bool
	alerts   map[string]flow.Alert
}

func (r *reference) WriteBatch(_ context.Context, b *flow.Batch) error {
	for i := range b.Records {
		r.records[b.Records[i].ID] = true
	}
	return nil
}

func (r *reference) WriteSessions(_ context.Context, b *flow.SessionBatch) error {
	for i := range b.Sessions {
		r.sessions[b.Sessions[i].ID] = true
	}
	return nil
}

func (r *reference) WriteAlerts(_ context.Context, list []flow.Alert) error {
	for i := range list {
		r.alerts[list[i].ID] = list[i]
	}
	return nil
}

func refer(t *testing.T, cfg config.Config, capture string) *reference {
	t.Helper()
	r := &reference{records: map[flow.EventID]bool{}, sessions: map[flow.SessionID]bool{}, alerts: map[string]flow.Alert{}}
	core, err := pipeline.Assemble(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: r, Sessions: r, Alerts: []coresink.Alerts{r}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Replay(t.Context(), []string{capture}, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func replay(t *testing.T, s *servertest.Server, cfg config.Config, namespace, capture string) sink.Stats {
	t.Helper()
	cfg.Data, cfg.Listen = t.TempDir(), nil
	cfg.Elastic.Nodes, cfg.Elastic.Namespace = []string{s.URL}, namespace
	d, err := daemon.New(daemon.Config{Config: cfg, Clock: pipeline.ReceiveClock, Run: pipeline.RunOf([]string{capture})}, daemon.Deps{Server: connect(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Replay(t.Context(), []string{capture}, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	return d.Stats()
}

// TestReplayedOnRealServers: the walk-through is there whole: records, sessions and alerts as the pipeline finds them; replayed again it is there
// already.
func TestReplayedOnRealServers(t *testing.T) {
	capture, cfg := walkthrough(t)
	want := refer(t, cfg, capture)
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			setUp(t, s, "replay")
			began := time.Now()
			st := replay(t, s, cfg, "replay", capture)
			t.Logf("%d records, %d sessions, %d alerts in %s: %+v", len(want.records), len(want.sessions), len(want.alerts), time.Since(began), st)
			check := func() {
				t.Helper()
				for kind, n := range map[document.Kind]int{document.Flow: len(want.records), document.Session: len(want.sessions), document.Alert: len(want.alerts), document.DeadLetter: 0} {
					if got := count(t, s, kind.Target("replay")); got != n {
						t.Errorf("%s: %d documents, want %d", kind, got, n)
					}
				}
			}
			check()
			checkAlerts(t, s, want)
			minutes := count(t, s, document.Interface.Target("replay"))
			again := replay(t, s, cfg, "replay", capture)
			check()
			if got := count(t, s, document.Interface.Target("replay")); got != minutes || got == 0 {
				t.Errorf("%d documents of minutes, then %d", minutes, got)
			}
			if again.Already < uint64(len(want.records)+len(want.sessions)) || again.Refused > 0 {
				t.Errorf("%+v", again)
			}
		})
	}
}

// checkAlerts compares the last states of alerts.
func checkAlerts(t *testing.T, s *servertest.Server, want *reference) {
	t.Helper()
	var answer struct {
		Hits struct {
			Hits []struct {
				Source json.RawMessage `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	s.Must(t, http.MethodGet, "/weir-alerts-replay/_search?size=1000", nil, &answer)
	reader := document.NewReader()
	for _, hit := range answer.Hits.Hits {
		a, err := reader.Alert(hit.Source)
		if err != nil {
			t.Fatal(err)
		}
		w := want.alerts[a.ID]
		if a.State != w.State || !a.Last.Equal(w.Last) || a.Measured != w.Measured || !slices.Equal(a.Actors, w.Actors) {
			t.Errorf("%+v\nwant %+v", a, w)
		}
	}
}
