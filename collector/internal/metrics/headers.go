package metrics

import (
	"github.com/weirflow/weir/packaging/metrics"
	"github.com/weirflow/weir/shared/headers"
)

// HeaderStats are the counters of the headers of sampled packets: in memory, and on disk.
type HeaderStats struct {
	Ring headers.RingStats
	Kept headers.Stats
}

var headerMetrics = []metrics.Spec[HeaderStats]{
	{Name: "taken_total", Kind: metrics.Count, Help: "Headers of packets that sFlow sampled, taken into memory.", Value: func(s HeaderStats) float64 { return float64(s.Ring.Taken) }},
	{Name: "forgotten_total", Kind: metrics.Count, Help: "Headers in memory that were overwritten by later ones.", Value: func(s HeaderStats) float64 { return float64(s.Ring.Forgotten) }},
	{Name: "memory_bytes", Kind: metrics.Gauge, Help: "Memory taken for headers.", Value: func(s HeaderStats) float64 { return float64(s.Ring.Bytes) }},
	{Name: "files_total", Kind: metrics.Count, Help: "Captures begun for alerts.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Files) }},
	{Name: "files_removed_total", Kind: metrics.Count, Help: "Captures removed for newer ones.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Removed) }},
	{Name: "saved_total", Kind: metrics.Count, Help: "Headers written to captures.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Packets) }},
	{Name: "cut_total", Kind: metrics.Count, Help: "Headers left out because the capture of their alert was full.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Cut) }},
	{Name: "unfit_total", Kind: metrics.Count, Help: "Headers left out because captures cannot hold their link.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Unfit) }},
	{Name: "alerts_skipped_total", Kind: metrics.Count, Help: "Alerts without a capture because too many were waited for.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Skipped) }},
	{Name: "failures_total", Kind: metrics.Count, Help: "Captures that could not be written.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Failures) }},
	{Name: "alerts_waiting", Kind: metrics.Gauge, Help: "Alerts whose headers are still being waited for.", Value: func(s HeaderStats) float64 { return float64(s.Kept.Waiting) }},
}
