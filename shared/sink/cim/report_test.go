package cim_test

import (
	"testing"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/cim"
)

// TestReportOf: exporters are counted by their addresses, those of which nothing could be read are none.
func TestReportOf(t *testing.T) {
	silent := &health.Stream{Faults: []health.Fault{{Kind: health.Silent.String()}}}
	r := cim.ReportOf("weir", []query.Exporter{
		{IP: "192.0.2.1", Domain: 1, Decoded: 9}, {IP: "192.0.2.1", Domain: 2, Decoded: 1, Waiting: 3}, {IP: "192.0.2.2", Decoded: 1, Health: silent}, {IP: "198.51.100.1", Waiting: 1},
	})
	if r.Exporters != 2 || r.Waiting != 1 || r.Silent != 1 || r.Component != "weir" || r.State != "listening" {
		t.Errorf("%+v", r)
	}
}

func TestLine(t *testing.T) {
	for want, r := range map[string]cim.Report{
		"listening, no exporter yet":                     {State: "listening"},
		"listening, 3 exporters, none without templates": {State: "listening", Exporters: 3},
		"stopping, 3 exporters, 1 without templates, 2 silent, 7 events dropped, 5 datagrams dropped by the system": {
			State: "stopping", Exporters: 3, Waiting: 1, Silent: 2, Lost: 7, KernelDrops: 5,
		},
	} {
		if got := r.Line(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
