package metrics

import "github.com/weirflow/weir/shared/pipeline"

var sessionMetrics = []Spec[pipeline.DetectorStats]{
	{Name: "copies_marked_total", Kind: Count, Help: "Records marked as other exporters' copies.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Marked) }},
	{Name: "copies_owner_changes_total", Kind: Count, Help: "Times that a flow got another owner, as the exporter that had it did not go on.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Moved) }},
	{Name: "copies_evicted_total", Kind: Count, Help: "Flows whose owner was forgotten for want of room.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Evicted) }},
	{Name: "copies_flows", Kind: Gauge, Help: "Directions of flows whose owner is known.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Flows) }},
	{Name: "sessions_records_total", Kind: Count, Help: "Records that sessions were made of.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Records) }},
	{Name: "sessions_skipped_total", Kind: Count, Help: "Records left out of sessions: set aside, or without addresses or time.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Skipped) }},
	{Name: "sessions_copies_total", Kind: Count, Help: "Records about what a session already counts from another exporter.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Copies) }},
	{Name: "sessions_late_total", Kind: Count, Help: "Records that came after their turn and were taken at once.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Late) }},
	{Name: "sessions_hurried_total", Kind: Count, Help: "Times that records were taken before their turn for want of room.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Hurried) }},
	{Name: "sessions_ended_total", Kind: Count, Help: "Sessions that ended.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Ended) }},
	{Name: "sessions_truncated_total", Kind: Count, Help: "Sessions given up for want of room.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Truncated) }},
	{Name: "sessions_reused_total", Kind: Count, Help: "Sessions that began because their ports were used anew.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Reused) }},
	{Name: "sessions", Kind: Gauge, Help: "Sessions kept.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Sessions) }},
	{Name: "sessions_held_records", Kind: Gauge, Help: "Records held until it is their turn.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Held) }},
	{Name: "sessions_servers", Kind: Gauge, Help: "Server endpoints learned.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Servers) }},
	{Name: "health_streams", Kind: Gauge, Help: "Exporters and domains whose health is watched.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Streams) }},
	{Name: "health_records_total", Kind: Count, Help: "Records that the watch over exporters looked at.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Records) }},
	{Name: "health_alerts_raised_total", Kind: Count, Help: "Times that an alert about an exporter became active, returns included.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Raised) }},
	{Name: "health_alerts_open", Kind: Gauge, Help: "Alerts about exporters that are active, clearing or watching.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Open) }},
	{Name: "health_cap_total", Kind: Count, Part: "table", Help: "What found no place in a full table of exporters' health or was given up for it, by table.", Parts: func(s pipeline.DetectorStats) map[string]uint64 { return s.Health.Caps }},
	{Name: "behavior_tellings_total", Kind: Count, Help: "Tellings of sessions that detectors of behavior looked at.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Sessions) }},
	{Name: "behavior_raised_total", Kind: Count, Help: "Times that a finding of behavior became active, returns included.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Raised) }},
	{Name: "behavior_findings", Kind: Gauge, Help: "Findings of behavior that are active or watched.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Open) }},
	{Name: "behavior_sources", Kind: Gauge, Help: "Hosts with failed contacts.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Sources) }},
	{Name: "behavior_pairs", Kind: Gauge, Help: "Pairs of client and server with logins.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Pairs) }},
	{Name: "behavior_hosts", Kind: Gauge, Help: "Inside hosts with logins from outside.", Value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Hosts) }},
	{Name: "behavior_cap_total", Kind: Count, Part: "table", Help: "What was given up or left out at the caps of behavior's tables, by table.", Parts: func(s pipeline.DetectorStats) map[string]uint64 { return s.Behavior.Caps }},
}
