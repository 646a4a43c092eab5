package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/query"
)

// TestExportersSampling: what a stopped store has of a sampled exporter says what could not be seen.
func TestExportersSampling(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--sampling", "1000", "--out", dir)
	must(t, "replay", filepath.Join(dir, "traffic.pcap"), "--data", data)
	list := jsonOf[[]query.Exporter](t, must(t, "exporters", "--data", data, "--format", "json"))
	if len(list) == 0 {
		t.Fatal("no exporters")
	}
	for _, e := range list {
		if e.Sampling == nil || e.Sampling.Interval == nil || *e.Sampling.Interval != 1000 || e.Sampling.Source != "options" {
			t.Errorf("%s: sampling %v", e.IP, e.Sampling)
		}
		if !slices.Contains(e.CannotSee, "scan.vertical") || slices.Contains(e.CannotSee, "scan.horizontal") {
			t.Errorf("%s: cannot see %v", e.IP, e.CannotSee)
		}
	}
	text := must(t, "exporters", "--data", data)
	for _, want := range []string{"SAMPLING", "1:1000 options", "cannot be seen at 1:1000: ", "scan.vertical"} {
		if !strings.Contains(text, want) {
			t.Errorf("weir exporters does not show %q:\n%s", want, text)
		}
	}
}
