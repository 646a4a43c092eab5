package quality

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/traffic"
)

// TestPlay: a folder of generated traffic is played and scored; the flood in it is found.
func TestPlay(t *testing.T) {
	tally, err := playAll(context.Background(), "flood", []uint64{3}, func(c *traffic.Config) { c.Hosts = 40 }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s := tally.Score()
	if s.Overall.Truth != 1 || s.Overall.Found != 1 || s.Overall.False != 0 || s.Records < 20_000 || s.Days <= 0 {
		t.Errorf("%+v", s)
	}
}

// TestLines: a set as others may make it: canonical records and their truth.
func TestLines(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("traffic.jsonl", `{"event.start":"2026-03-02T08:00:00Z","event.end":"2026-03-02T08:00:10Z","source.ip":"10.0.0.1","destination.ip":"192.0.2.1","network.iana_number":6,"destination.port":443,"source.port":5000,"network.bytes":100,"network.packets":2}`+"\n")
	write("truth.jsonl", `{"id":"1","detector":"scan.block","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:00:10Z","actors":["10.0.0.1"],"victims":[],"kind":"attack","allowed":[]}`+"\n")
	tally, err := Play(t.Context(), dir, Deps{})
	if err != nil || tally.Records != 1 || len(tally.Missed) != 1 {
		t.Errorf("%+v, %v", tally, err)
	}
	write("truth.jsonl", "nonsense\n")
	if _, err := Play(t.Context(), dir, Deps{}); err == nil || !strings.Contains(err.Error(), "truth.jsonl:1") {
		t.Errorf("%v", err)
	}
	if _, err := Play(t.Context(), t.TempDir(), Deps{}); err == nil || !strings.Contains(err.Error(), "weir gen") {
		t.Errorf("%v", err)
	}
}
