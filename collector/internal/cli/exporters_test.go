package cli

import (
	"path/filepath"
	"slices"
	"strconv"
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

// TestDevicesBehindOneAddress: devices told apart by port and by what they tell are shown apart, keep their accounts over runs, and are not
// stored twice.
func TestDevicesBehindOneAddress(t *testing.T) {
	const vendors = "../../../shared/decode/testdata/vendors"
	for _, c := range []struct {
		folder  string
		shown   []string
		records uint64
	}{
		{"devices-behind-one-address", []string{"198.51.100.9:40001 0", "198.51.100.9:40001 7", "198.51.100.9:40002 0"}, 5},
		{"devices-that-tell-their-address", []string{"10.0.0.1 from 198.51.100.9 0", "10.0.0.2 from 198.51.100.9:40002 0"}, 4},
	} {
		t.Run(c.folder, func(t *testing.T) {
			data, capture := filepath.Join(t.TempDir(), "data"), filepath.Join(vendors, c.folder, "capture.pcap")
			must(t, "replay", capture, "--data", data)
			must(t, "replay", capture, "--data", data)
			var stored, gaps uint64
			for _, e := range jsonOf[[]query.Exporter](t, must(t, "exporters", "--data", data, "--format", "json")) {
				stored, gaps = stored+e.Stored, gaps+e.Gaps
				if name := exporterName(&e) + " " + strconv.Itoa(int(e.Domain)); !slices.Contains(c.shown, name) {
					t.Errorf("shown is %q", name)
				}
			}
			if stored != c.records || gaps != 0 {
				t.Errorf("%d records stored, %d gaps; want %d and none", stored, gaps, c.records)
			}
		})
	}
}

// TestSampleLoss: what an agent could not sample, and samples that did not come, are named.
func TestSampleLoss(t *testing.T) {
	if got := trouble(&query.Exporter{SampleDrops: 3, SampleGaps: 7}); got != "samples dropped by the agent 3, samples missing 7" {
		t.Errorf("%q", got)
	}
}
