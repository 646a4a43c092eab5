package metrics

import (
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/interfaces/snmp"
)

var interfaceMetrics = []Spec[interfaces.Stats]{
	{Name: "samples_total", Kind: Count, Help: "Samples of interface counters taken, from sFlow and SNMP.", Value: func(s interfaces.Stats) float64 { return float64(s.Samples) }},
	{Name: "faults_total", Kind: Count, Part: "reason", Help: "Samples that made no rate with the one before: order, gap, reset, narrow (32-bit counters that wrap too often), domain (of another sub-agent).", Parts: func(s interfaces.Stats) map[string]uint64 { return s.Faults }},
	{Name: "flow_records_total", Kind: Count, Help: "Records that name an interface and were counted there.", Value: func(s interfaces.Stats) float64 { return float64(s.Flows) }},
	{Name: "late_total", Kind: Count, Help: "Records of which a part came after its minute had been closed.", Value: func(s interfaces.Stats) float64 { return float64(s.Late) }},
	{Name: "rows_total", Kind: Count, Help: "Minutes of interfaces told to the store.", Value: func(s interfaces.Stats) float64 { return float64(s.Told) }},
	{Name: "rows_untold_total", Kind: Count, Help: "Of these those for which there was no room; they are told again.", Value: func(s interfaces.Stats) float64 { return float64(s.Untold) }},
	{Name: "left_out_total", Kind: Count, Help: "Samples and records of interfaces that found no room.", Value: func(s interfaces.Stats) float64 { return float64(s.Full) }},
	{Name: "dropped_samples_total", Kind: Count, Help: "Samples by SNMP that found no room on their way.", Value: func(s interfaces.Stats) float64 { return float64(s.Dropped) }},
	{Name: "raised_total", Kind: Count, Help: "Times that a finding about an interface became active, returns included.", Value: func(s interfaces.Stats) float64 { return float64(s.Raised) }},
	{Name: "measured", Kind: Gauge, Help: "Interfaces that are measured.", Value: func(s interfaces.Stats) float64 { return float64(s.Interfaces) }},
	{Name: "vlans", Kind: Gauge, Help: "VLANs that are measured.", Value: func(s interfaces.Stats) float64 { return float64(s.VLANs) }},
	{Name: "processors", Kind: Gauge, Help: "Processors that are measured.", Value: func(s interfaces.Stats) float64 { return float64(s.Processors) }},
	{Name: "findings", Kind: Gauge, Help: "Findings about interfaces that are active or watched.", Value: func(s interfaces.Stats) float64 { return float64(s.Open) }},
	{Name: "known", Kind: Gauge, Help: "Interfaces of which a name or speed was learned.", Value: func(s interfaces.Stats) float64 { return float64(s.Table.Known) }},
	{Name: "named_total", Kind: Count, Help: "Times that an interface of a record got its name from weir.yaml, SNMP or sFlow.", Value: func(s interfaces.Stats) float64 { return float64(s.Table.Named) }},
	{Name: "unlearned_total", Kind: Count, Help: "Interfaces whose name or speed found no room.", Value: func(s interfaces.Stats) float64 { return float64(s.Table.Full) }},
}

var snmpMetrics = []Spec[snmp.Stats]{
	{Name: "polls_total", Kind: Count, Help: "Exporters asked for their interfaces that answered.", Value: func(s snmp.Stats) float64 { return float64(s.Polls) }},
	{Name: "failures_total", Kind: Count, Part: "reason", Help: "Exporters asked in vain: timeout, auth, refused, secret, answer, network, canceled.", Parts: func(s snmp.Stats) map[string]uint64 { return s.Failures }},
	{Name: "skipped_total", Kind: Count, Help: "Polls left out because the one before had not ended.", Value: func(s snmp.Stats) float64 { return float64(s.Skipped) }},
	{Name: "samples_total", Kind: Count, Help: "Samples of interface counters by SNMP.", Value: func(s snmp.Stats) float64 { return float64(s.Samples) }},
	{Name: "left_out_total", Kind: Count, Help: "Interfaces beyond the bound of an exporter.", Value: func(s snmp.Stats) float64 { return float64(s.LeftOut) }},
	{Name: "too_many_total", Kind: Count, Help: "Exporters not asked because there are too many; counted whenever it is looked who is due.", Value: func(s snmp.Stats) float64 { return float64(s.TooMany) }},
	{Name: "exporters", Kind: Gauge, Help: "Exporters that are asked.", Value: func(s snmp.Stats) float64 { return float64(s.Exporters) }},
	{Name: "unanswered", Kind: Gauge, Help: "Exporters whose last poll failed.", Value: func(s snmp.Stats) float64 { return float64(s.Unanswered) }},
}
