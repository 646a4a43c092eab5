package metrics

import "github.com/weirflow/weir/shared/sink/route"

// hecMetrics are what outputs of type hec have besides those of all outputs.
var hecMetrics = []Spec[route.HECStats]{
	{Name: "events_total", Kind: Count, Part: "kind", Help: "Events made for Splunk, by kind.", Parts: func(s route.HECStats) map[string]uint64 { return s.Kinds }},
	{Name: "answers_total", Kind: Count, Part: "code", Help: "Answers of the HTTP Event Collector, by code; see splunk-hec.md.", Parts: func(s route.HECStats) map[string]uint64 { return s.Answers }},
	{Name: "acknowledged_total", Kind: Count, Help: "Events that indexers have acknowledged.", Value: func(s route.HECStats) float64 { return float64(s.Acknowledged) }},
	{Name: "late_requests_total", Kind: Count, Help: "Requests sent again because they were not acknowledged in time.", Value: func(s route.HECStats) float64 { return float64(s.Late) }},
	{Name: "channels_given_up_total", Kind: Count, Help: "Channels given up because their numbers went back: the server restarted, or a balancer does not keep to one server.", Value: func(s route.HECStats) float64 { return float64(s.Restarts) }},
	{Name: "requests_total", Kind: Count, Help: "Requests with events.", Value: func(s route.HECStats) float64 { return float64(s.Requests) }},
	{Name: "polls_total", Kind: Count, Help: "Requests for acknowledgements.", Value: func(s route.HECStats) float64 { return float64(s.Polls) }},
	{Name: "sent_bytes_total", Kind: Count, Help: "Bytes of the requests with events, compressed.", Value: func(s route.HECStats) float64 { return float64(s.SentBytes) }},
	{Name: "open_requests", Kind: Gauge, Help: "Requests that are on their way or wait for their acknowledgement.", Value: func(s route.HECStats) float64 { return float64(s.Pieces) }},
	{Name: "open_requests_bytes", Kind: Gauge, Help: "Memory that these take.", Value: func(s route.HECStats) float64 { return float64(s.Memory) }},
	{Name: "open_sessions", Kind: Gauge, Help: "Sessions that go on, remembered to be told of.", Value: func(s route.HECStats) float64 { return float64(s.OpenSessions) }},
	{Name: "open_sessions_over_total", Kind: Count, Help: "States of sessions that go on for which there was no room: they are told of when they end.", Value: func(s route.HECStats) float64 { return float64(s.Unremembered) }},
	{Name: "early_sums_total", Kind: Count, Help: "Minutes of summed records told of early, as there was no room for more sums.", Value: func(s route.HECStats) float64 { return float64(s.EarlySums) }},
}
