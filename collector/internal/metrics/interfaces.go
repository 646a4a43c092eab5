package metrics

import (
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/interfaces/snmp"
)

var interfaceMetrics = []spec[interfaces.Stats]{
	{name: "samples_total", kind: count, help: "Samples of interface counters taken, from sFlow and SNMP.", value: func(s interfaces.Stats) float64 { return float64(s.Samples) }},
	{name: "faults_total", kind: count, part: "reason", help: "Samples that made no rate with the one before: order, gap, reset, narrow (32-bit counters that wrap too often), domain (of another sub-agent).", parts: func(s interfaces.Stats) map[string]uint64 { return s.Faults }},
	{name: "flow_records_total", kind: count, help: "Records that name an interface and were counted there.", value: func(s interfaces.Stats) float64 { return float64(s.Flows) }},
	{name: "late_total", kind: count, help: "Records of which a part came after its minute had been closed.", value: func(s interfaces.Stats) float64 { return float64(s.Late) }},
	{name: "rows_total", kind: count, help: "Minutes of interfaces told to the store.", value: func(s interfaces.Stats) float64 { return float64(s.Told) }},
	{name: "rows_untold_total", kind: count, help: "Of these those for which there was no room; they are told again.", value: func(s interfaces.Stats) float64 { return float64(s.Untold) }},
	{name: "left_out_total", kind: count, help: "Samples and records of interfaces that found no room.", value: func(s interfaces.Stats) float64 { return float64(s.Full) }},
	{name: "dropped_samples_total", kind: count, help: "Samples by SNMP that found no room on their way.", value: func(s interfaces.Stats) float64 { return float64(s.Dropped) }},
	{name: "raised_total", kind: count, help: "Times that a finding about an interface became active, returns included.", value: func(s interfaces.Stats) float64 { return float64(s.Raised) }},
	{name: "measured", kind: gauge, help: "Interfaces that are measured.", value: func(s interfaces.Stats) float64 { return float64(s.Interfaces) }},
	{name: "vlans", kind: gauge, help: "VLANs that are measured.", value: func(s interfaces.Stats) float64 { return float64(s.VLANs) }},
	{name: "processors", kind: gauge, help: "Processors that are measured.", value: func(s interfaces.Stats) float64 { return float64(s.Processors) }},
	{name: "findings", kind: gauge, help: "Findings about interfaces that are active or watched.", value: func(s interfaces.Stats) float64 { return float64(s.Open) }},
	{name: "known", kind: gauge, help: "Interfaces of which a name or speed was learned.", value: func(s interfaces.Stats) float64 { return float64(s.Table.Known) }},
	{name: "named_total", kind: count, help: "Times that an interface of a record got its name from weir.yaml, SNMP or sFlow.", value: func(s interfaces.Stats) float64 { return float64(s.Table.Named) }},
	{name: "unlearned_total", kind: count, help: "Interfaces whose name or speed found no room.", value: func(s interfaces.Stats) float64 { return float64(s.Table.Full) }},
}

var snmpMetrics = []spec[snmp.Stats]{
	{name: "polls_total", kind: count, help: "Exporters asked for their interfaces that answered.", value: func(s snmp.Stats) float64 { return float64(s.Polls) }},
	{name: "failures_total", kind: count, part: "reason", help: "Exporters asked in vain: timeout, auth, refused, secret, answer, network, canceled.", parts: func(s snmp.Stats) map[string]uint64 { return s.Failures }},
	{name: "skipped_total", kind: count, help: "Polls left out because the one before had not ended.", value: func(s snmp.Stats) float64 { return float64(s.Skipped) }},
	{name: "samples_total", kind: count, help: "Samples of interface counters by SNMP.", value: func(s snmp.Stats) float64 { return float64(s.Samples) }},
	{name: "left_out_total", kind: count, help: "Interfaces beyond the bound of an exporter.", value: func(s snmp.Stats) float64 { return float64(s.LeftOut) }},
	{name: "too_many_total", kind: count, help: "Exporters not asked because there are too many; counted whenever it is looked who is due.", value: func(s snmp.Stats) float64 { return float64(s.TooMany) }},
	{name: "exporters", kind: gauge, help: "Exporters that are asked.", value: func(s snmp.Stats) float64 { return float64(s.Exporters) }},
	{name: "unanswered", kind: gauge, help: "Exporters whose last poll failed.", value: func(s snmp.Stats) float64 { return float64(s.Unanswered) }},
}
