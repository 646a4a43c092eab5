package metrics

import (
	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
)

// APIStats are the counters of the API: of its stream of alerts and of its audit.
type APIStats struct {
	Live  api.LiveStats
	Audit audit.Stats
}

var apiMetrics = []spec[APIStats]{
	{name: "audited_total", kind: count, help: "Requests written to the audit.", value: func(s APIStats) float64 { return float64(s.Audit.Written) }},
	{name: "audit_failures_total", kind: count, help: "Requests that could not be written to the audit.", value: func(s APIStats) float64 { return float64(s.Audit.Failed) }},
	{name: "alert_events_total", kind: count, help: "Changes of alerts told to the readers of the stream.", value: func(s APIStats) float64 { return float64(s.Live.Events) }},
	{name: "alert_readers", kind: gauge, help: "Readers of the stream of alerts.", value: func(s APIStats) float64 { return float64(s.Live.Readers) }},
	{name: "alert_readers_slow_total", kind: count, help: "Readers of the stream of alerts that were dropped because they did not keep up.", value: func(s APIStats) float64 { return float64(s.Live.Slow) }},
	{name: "alert_readers_refused_total", kind: count, help: "Readers of the stream of alerts for whom there was no place.", value: func(s APIStats) float64 { return float64(s.Live.Refused) }},
}
