package metrics

import (
	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/packaging/metrics"
)

// APIStats are the counters of the API: of its stream of alerts and of its audit.
type APIStats struct {
	Live  api.LiveStats
	Audit audit.Stats
}

var apiMetrics = []metrics.Spec[APIStats]{
	{Name: "audited_total", Kind: metrics.Count, Help: "Requests written to the audit.", Value: func(s APIStats) float64 { return float64(s.Audit.Written) }},
	{Name: "audit_failures_total", Kind: metrics.Count, Help: "Requests that could not be written to the audit.", Value: func(s APIStats) float64 { return float64(s.Audit.Failed) }},
	{Name: "alert_events_total", Kind: metrics.Count, Help: "Changes of alerts told to the readers of the stream.", Value: func(s APIStats) float64 { return float64(s.Live.Events) }},
	{Name: "alert_readers", Kind: metrics.Gauge, Help: "Readers of the stream of alerts.", Value: func(s APIStats) float64 { return float64(s.Live.Readers) }},
	{Name: "alert_readers_slow_total", Kind: metrics.Count, Help: "Readers of the stream of alerts that were dropped because they did not keep up.", Value: func(s APIStats) float64 { return float64(s.Live.Slow) }},
	{Name: "alert_readers_refused_total", Kind: metrics.Count, Help: "Readers of the stream of alerts for whom there was no place.", Value: func(s APIStats) float64 { return float64(s.Live.Refused) }},
}
