package metrics

import (
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
)

var streamListenerMetrics = []spec[stream.Stats]{
	{name: "accepted_total", kind: count, help: "Connections accepted over TCP or TLS, those that were refused at once included.", value: func(s stream.Stats) float64 { return float64(s.Accepted) }},
	{name: "connections", kind: gauge, help: "Connections that are open.", value: func(s stream.Stats) float64 { return float64(s.Open) }},
	{name: "messages_total", kind: count, help: "IPFIX messages handed on to be decoded.", value: func(s stream.Stats) float64 { return float64(s.Messages) }},
	{name: "bytes_total", kind: count, help: "Bytes of these messages.", value: func(s stream.Stats) float64 { return float64(s.Bytes) }},
	{name: "refused_total", kind: count, part: "reason", help: "Connections refused, by reason; see receiving.md.", parts: func(s stream.Stats) map[string]uint64 { return s.Refused }},
	{name: "closed_total", kind: count, part: "reason", help: "Connections that ended, by reason; see receiving.md.", parts: func(s stream.Stats) map[string]uint64 { return s.Closed }},
}

var forwardMetrics = []spec[forward.Stats]{
	{name: "taken_total", kind: count, help: "Datagrams for the target: sent, dropped and waiting.", value: func(s forward.Stats) float64 { return float64(s.Taken) }},
	{name: "sent_total", kind: count, help: "Datagrams sent on to the target.", value: func(s forward.Stats) float64 { return float64(s.Sent) }},
	{name: "bytes_total", kind: count, help: "Payload bytes of the datagrams sent on.", value: func(s forward.Stats) float64 { return float64(s.Bytes) }},
	{name: "waiting_datagrams", kind: gauge, help: "Datagrams that wait for the target.", value: func(s forward.Stats) float64 { return float64(s.Waiting) }},
	{name: "resolved", kind: gauge, help: "1 while the target's address is known.", value: func(s forward.Stats) float64 {
		if s.Resolved {
			return 1
		}
		return 0
	}},
	{name: "refusals_total", kind: count, help: "Times that the target's host said that nothing listens there.", value: func(s forward.Stats) float64 { return float64(s.Refusals) }},
	{name: "resolve_errors_total", kind: count, help: "Failed look-ups of the target's name.", value: func(s forward.Stats) float64 { return float64(s.ResolveErrors) }},
	{name: "dropped_total", kind: count, part: "reason", help: "Datagrams not sent on, by reason; see receiving.md.", parts: func(s forward.Stats) map[string]uint64 { return s.Dropped }},
}

// transportOf is a label: tcp or tls.
func transportOf(s stream.Stats) string {
	if s.TLS {
		return "tls"
	}
	return "tcp"
}
