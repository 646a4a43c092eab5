package metrics

import "github.com/weirflow/weir/shared/sink/route"

var outputMetrics = []Spec[route.Stats]{
	{Name: "events_total", Kind: Count, Help: "Events put into the output's spool.", Value: func(s route.Stats) float64 { return float64(s.Events) }},
	{Name: "unrouted_total", Kind: Count, Help: "Changes of alerts that are not for this output, by severity, detector or kind of change.", Value: func(s route.Stats) float64 { return float64(s.Unrouted) }},
	{Name: "unchanged_total", Kind: Count, Help: "Repetitions of alerts that told nothing new and were left out.", Value: func(s route.Stats) float64 { return float64(s.Unchanged) }},
	{Name: "delivered_total", Kind: Count, Help: "Events delivered; over UDP: sent.", Value: func(s route.Stats) float64 { return float64(s.Delivered) }},
	{Name: "sent_again_total", Kind: Count, Help: "Events sent again because it was not sure that they had arrived.", Value: func(s route.Stats) float64 { return float64(s.Again) }},
	{Name: "failures_total", Kind: Count, Help: "Attempts to connect or to deliver that failed.", Value: func(s route.Stats) float64 { return float64(s.Failures) }},
	{Name: "waiting_events", Kind: Gauge, Help: "Events in the spool, not delivered yet.", Value: func(s route.Stats) float64 { return float64(s.Waiting) }},
	{Name: "spool_bytes", Kind: Gauge, Help: "Size of the spool.", Value: func(s route.Stats) float64 { return float64(s.Bytes) }},
	{Name: "spool_torn_total", Kind: Count, Help: "Ends of spool files that a broken write left and that were cut off at the start.", Value: func(s route.Stats) float64 { return float64(s.Torn) }},
	{Name: "spool_write_errors_total", Kind: Count, Help: "Failed writes to the spool; the events wait in memory.", Value: func(s route.Stats) float64 { return float64(s.DiskError) }},
	{Name: "dropped_total", Kind: Count, Part: "reason", Help: "Events dropped, by reason; see outputs.md.", Parts: func(s route.Stats) map[string]uint64 { return s.Dropped }},
}
