package query_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestExporterSampling: the interval that counts, where it is from, and what cannot be seen at it.
func TestExporterSampling(t *testing.T) {
	for _, c := range []struct {
		name     string
		interval float64
		source   flow.SamplingSource
		json     string
		text     string
		blind    []string // some of what cannot be seen
		sees     []string
	}{
		{"no record yet", 0, flow.SamplingNone, "null", "", nil, nil},
		{"nothing said", 1, flow.SamplingAssumed, `{"interval":1,"source":"assumed"}`, "1:1", nil, []string{"brute.ssh", "brute.success", "scan.vertical"}},
		{"1:10", 10, flow.SamplingOptions, `{"interval":10,"source":"options"}`, "1:10", []string{"brute.success"}, []string{"brute.ssh", "scan.vertical"}},
		{"1:1000", 1000, flow.SamplingOptions, `{"interval":1000,"source":"options"}`, "1:1000", []string{"scan.vertical", "scan.block", "dos.reflection.unknown"}, []string{"scan.horizontal", "dos.volumetric.host"}},
		{"a sampler without a description", 1, flow.SamplingUnknown, `{"interval":null,"source":"unknown"}`, "unknown", []string{"brute.ssh"}, []string{"dos.volumetric.host"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &flow.Stream{}
			s.Sampling.Store(math.Float64bits(c.interval))
			s.SamplingSource.Store(uint32(c.source))
			e := query.ExporterOf(s)
			got, err := json.Marshal(e.Sampling)
			if err != nil || string(got) != c.json {
				t.Errorf("%s, %v, want %s", got, err, c.json)
			}
			if e.Sampling != nil && e.Sampling.String() != c.text {
				t.Errorf("%v, want %s", e.Sampling, c.text)
			}
			if e.CannotSee == nil {
				t.Error("no list of what cannot be seen")
			}
			for _, name := range c.blind {
				if !slices.Contains(e.CannotSee, name) {
					t.Errorf("%v lacks %s", e.CannotSee, name)
				}
			}
			for _, name := range c.sees {
				if slices.Contains(e.CannotSee, name) {
					t.Errorf("%s is among %v", name, e.CannotSee)
				}
			}
		})
	}
}
