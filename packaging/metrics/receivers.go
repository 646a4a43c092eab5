package metrics

import (
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
)

var streamListenerMetrics = []Spec[stream.Stats]{
	{Name: "accepted_total", Kind: Count, Help: "Connections accepted over TCP or TLS, those that were refused at once included.", Value: func(s stream.Stats) float64 { return float64(s.Accepted) }},
	{Name: "connections", Kind: Gauge, Help: "Connections that are open.", Value: func(s stream.Stats) float64 { return float64(s.Open) }},
	{Name: "messages_total", Kind: Count, Help: "IPFIX messages handed on to be decoded.", Value: func(s stream.Stats) float64 { return float64(s.Messages) }},
	{Name: "bytes_total", Kind: Count, Help: "Bytes of these messages.", Value: func(s stream.Stats) float64 { return float64(s.Bytes) }},
	{Name: "refused_total", Kind: Count, Part: "reason", Help: "Connections refused, by reason; see receiving.md.", Parts: func(s stream.Stats) map[string]uint64 { return s.Refused }},
	{Name: "closed_total", Kind: Count, Part: "reason", Help: "Connections that ended, by reason; see receiving.md.", Parts: func(s stream.Stats) map[string]uint64 { return s.Closed }},
}

var forwardMetrics = []Spec[forward.Stats]{
	{Name: "taken_total", Kind: Count, Help: "Datagrams for the target: sent, dropped and waiting.", Value: func(s forward.Stats) float64 { return float64(s.Taken) }},
	{Name: "sent_total", Kind: Count, Help: "Datagrams sent on to the target.", Value: func(s forward.Stats) float64 { return float64(s.Sent) }},
	{Name: "bytes_total", Kind: Count, Help: "Payload bytes of the datagrams sent on.", Value: func(s forward.Stats) float64 { return float64(s.Bytes) }},
	{Name: "waiting_datagrams", Kind: Gauge, Help: "Datagrams that wait for the target.", Value: func(s forward.Stats) float64 { return float64(s.Waiting) }},
	{Name: "resolved", Kind: Gauge, Help: "1 while the target's address is known.", Value: func(s forward.Stats) float64 {
		if s.Resolved {
			return 1
		}
		return 0
	}},
	{Name: "refusals_total", Kind: Count, Help: "Times that the target's host said that nothing listens there.", Value: func(s forward.Stats) float64 { return float64(s.Refusals) }},
	{Name: "resolve_errors_total", Kind: Count, Help: "Failed look-ups of the target's name.", Value: func(s forward.Stats) float64 { return float64(s.ResolveErrors) }},
	{Name: "dropped_total", Kind: Count, Part: "reason", Help: "Datagrams not sent on, by reason; see receiving.md.", Parts: func(s forward.Stats) map[string]uint64 { return s.Dropped }},
}

// transportOf is a label: tcp or tls.
func transportOf(s stream.Stats) string {
	if s.TLS {
		return "tls"
	}
	return "tcp"
}
