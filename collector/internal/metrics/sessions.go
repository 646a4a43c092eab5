package metrics

import "github.com/weirflow/weir/shared/pipeline"

var sessionMetrics = []spec[pipeline.DetectorStats]{
	{name: "copies_marked_total", kind: count, help: "Records marked as other exporters' copies.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Marked) }},
	{name: "copies_owner_changes_total", kind: count, help: "Times that a flow got another owner, as the exporter that had it did not go on.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Moved) }},
	{name: "copies_evicted_total", kind: count, help: "Flows whose owner was forgotten for want of room.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Evicted) }},
	{name: "copies_flows", kind: gauge, help: "Directions of flows whose owner is known.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Copies.Flows) }},
	{name: "sessions_records_total", kind: count, help: "Records that sessions were made of.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Records) }},
	{name: "sessions_skipped_total", kind: count, help: "Records left out of sessions: set aside, or without addresses or time.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Skipped) }},
	{name: "sessions_copies_total", kind: count, help: "Records about what a session already counts from another exporter.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Copies) }},
	{name: "sessions_late_total", kind: count, help: "Records that came after their turn and were taken at once.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Late) }},
	{name: "sessions_hurried_total", kind: count, help: "Times that records were taken before their turn for want of room.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Hurried) }},
	{name: "sessions_ended_total", kind: count, help: "Sessions that ended.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Ended) }},
	{name: "sessions_truncated_total", kind: count, help: "Sessions given up for want of room.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Truncated) }},
	{name: "sessions_reused_total", kind: count, help: "Sessions that began because their ports were used anew.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Reused) }},
	{name: "sessions", kind: gauge, help: "Sessions kept.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Sessions) }},
	{name: "sessions_held_records", kind: gauge, help: "Records held until it is their turn.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Held) }},
	{name: "sessions_servers", kind: gauge, help: "Server endpoints learned.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Sessions.Servers) }},
	{name: "health_streams", kind: gauge, help: "Exporters and domains whose health is watched.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Streams) }},
	{name: "health_records_total", kind: count, help: "Records that the watch over exporters looked at.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Records) }},
	{name: "health_alerts_raised_total", kind: count, help: "Times that an alert about an exporter became active, returns included.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Raised) }},
	{name: "health_alerts_open", kind: gauge, help: "Alerts about exporters that are active, clearing or watching.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Health.Open) }},
	{name: "health_cap_total", kind: count, part: "table", help: "What found no place in a full table of exporters' health or was given up for it, by table.", parts: func(s pipeline.DetectorStats) map[string]uint64 { return s.Health.Caps }},
	{name: "behavior_tellings_total", kind: count, help: "Tellings of sessions that detectors of behavior looked at.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Sessions) }},
	{name: "behavior_raised_total", kind: count, help: "Times that a finding of behavior became active, returns included.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Raised) }},
	{name: "behavior_findings", kind: gauge, help: "Findings of behavior that are active or watched.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Open) }},
	{name: "behavior_sources", kind: gauge, help: "Hosts with failed contacts.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Sources) }},
	{name: "behavior_pairs", kind: gauge, help: "Pairs of client and server with logins.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Pairs) }},
	{name: "behavior_hosts", kind: gauge, help: "Inside hosts with logins from outside.", value: func(s pipeline.DetectorStats) float64 { return float64(s.Behavior.Hosts) }},
	{name: "behavior_cap_total", kind: count, part: "table", help: "What was given up or left out at the caps of behavior's tables, by table.", parts: func(s pipeline.DetectorStats) map[string]uint64 { return s.Behavior.Caps }},
}
