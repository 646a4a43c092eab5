package metrics

import "github.com/weirflow/weir/shared/headers"

// HeaderStats are the counters of the headers of sampled packets: in memory, and on disk.
type HeaderStats struct {
	Ring headers.RingStats
	Kept headers.Stats
}

var headerMetrics = []spec[HeaderStats]{
	{name: "taken_total", kind: count, help: "Headers of packets that sFlow sampled, taken into memory.", value: func(s HeaderStats) float64 { return float64(s.Ring.Taken) }},
	{name: "forgotten_total", kind: count, help: "Headers in memory that were overwritten by later ones.", value: func(s HeaderStats) float64 { return float64(s.Ring.Forgotten) }},
	{name: "memory_bytes", kind: gauge, help: "Memory taken for headers.", value: func(s HeaderStats) float64 { return float64(s.Ring.Bytes) }},
	{name: "files_total", kind: count, help: "Captures begun for alerts.", value: func(s HeaderStats) float64 { return float64(s.Kept.Files) }},
	{name: "files_removed_total", kind: count, help: "Captures removed for newer ones.", value: func(s HeaderStats) float64 { return float64(s.Kept.Removed) }},
	{name: "saved_total", kind: count, help: "Headers written to captures.", value: func(s HeaderStats) float64 { return float64(s.Kept.Packets) }},
	{name: "cut_total", kind: count, help: "Headers left out because the capture of their alert was full.", value: func(s HeaderStats) float64 { return float64(s.Kept.Cut) }},
	{name: "unfit_total", kind: count, help: "Headers left out because captures cannot hold their link.", value: func(s HeaderStats) float64 { return float64(s.Kept.Unfit) }},
	{name: "alerts_skipped_total", kind: count, help: "Alerts without a capture because too many were waited for.", value: func(s HeaderStats) float64 { return float64(s.Kept.Skipped) }},
	{name: "failures_total", kind: count, help: "Captures that could not be written.", value: func(s HeaderStats) float64 { return float64(s.Kept.Failures) }},
	{name: "alerts_waiting", kind: gauge, help: "Alerts whose headers are still being waited for.", value: func(s HeaderStats) float64 { return float64(s.Kept.Waiting) }},
}
