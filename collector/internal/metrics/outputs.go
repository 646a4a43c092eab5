package metrics

import "github.com/weirflow/weir/shared/sink/route"

var outputMetrics = []spec[route.Stats]{
	{name: "events_total", kind: count, help: "Events of alerts put into the output's spool.", value: func(s route.Stats) float64 { return float64(s.Events) }},
	{name: "unrouted_total", kind: count, help: "Changes of alerts that are not for this output, by severity, detector or kind of change.", value: func(s route.Stats) float64 { return float64(s.Unrouted) }},
	{name: "unchanged_total", kind: count, help: "Repetitions of alerts that told nothing new and were left out.", value: func(s route.Stats) float64 { return float64(s.Unchanged) }},
	{name: "delivered_total", kind: count, help: "Events delivered; over UDP: sent.", value: func(s route.Stats) float64 { return float64(s.Delivered) }},
	{name: "sent_again_total", kind: count, help: "Events sent again because a connection broke before they counted as delivered.", value: func(s route.Stats) float64 { return float64(s.Again) }},
	{name: "failures_total", kind: count, help: "Attempts to connect or to deliver that failed.", value: func(s route.Stats) float64 { return float64(s.Failures) }},
	{name: "waiting_events", kind: gauge, help: "Events in the spool, not delivered yet.", value: func(s route.Stats) float64 { return float64(s.Waiting) }},
	{name: "spool_bytes", kind: gauge, help: "Size of the spool.", value: func(s route.Stats) float64 { return float64(s.Bytes) }},
	{name: "spool_torn_total", kind: count, help: "Ends of spool files that a broken write left and that were cut off at the start.", value: func(s route.Stats) float64 { return float64(s.Torn) }},
	{name: "spool_write_errors_total", kind: count, help: "Failed writes to the spool; the events wait in memory.", value: func(s route.Stats) float64 { return float64(s.DiskError) }},
	{name: "dropped_total", kind: count, part: "reason", help: "Events dropped, by reason; see outputs.md.", parts: func(s route.Stats) map[string]uint64 { return s.Dropped }},
}
