package metrics

import "github.com/weirflow/weir/elastic/sink"

var elasticMetrics = []spec[sink.Stats]{
	{name: "documents_total", kind: count, part: "kind", help: "Documents made, by kind.", parts: func(s sink.Stats) map[string]uint64 { return s.Made }},
	{name: "delivered_total", kind: count, help: "Documents taken by the server.", value: func(s sink.Stats) float64 { return float64(s.Delivered) }},
	{name: "already_there_total", kind: count, help: "Documents that were there already, or in a later state.", value: func(s sink.Stats) float64 { return float64(s.Already) }},
	{name: "refused_total", kind: count, help: "Documents that the server refused; they are in the dead letters.", value: func(s sink.Stats) float64 { return float64(s.Refused) }},
	{name: "lost_total", kind: count, help: "Of the refused documents those that the dead letters refused, too.", value: func(s sink.Stats) float64 { return float64(s.Lost) }},
	{name: "sent_again_total", kind: count, help: "Documents sent again because the server had no time for them, or no answer came.", value: func(s sink.Stats) float64 { return float64(s.Again) }},
	{name: "failures_total", kind: count, help: "Requests that failed.", value: func(s sink.Stats) float64 { return float64(s.Failures) }},
	{name: "requests_total", kind: count, help: "Requests sent.", value: func(s sink.Stats) float64 { return float64(s.Requests) }},
	{name: "sent_bytes_total", kind: count, help: "Bytes of the requests' bodies.", value: func(s sink.Stats) float64 { return float64(s.SentBytes) }},
	{name: "waiting_documents", kind: gauge, help: "Documents on disk, not delivered yet.", value: func(s sink.Stats) float64 { return float64(s.Waiting) }},
	{name: "spool_bytes", kind: gauge, help: "Size of what waits on disk.", value: func(s sink.Stats) float64 { return float64(s.Bytes) }},
	{name: "spool_write_errors_total", kind: count, help: "Failed writes to disk; the documents wait in memory.", value: func(s sink.Stats) float64 { return float64(s.DiskError) }},
	{name: "early_sums_total", kind: count, help: "Minutes of summed records told of early, as there was no room for more sums.", value: func(s sink.Stats) float64 { return float64(s.AggregateFlushes) }},
	{name: "dropped_total", kind: count, part: "reason", help: "Documents dropped, by reason; see elastic.md.", parts: func(s sink.Stats) map[string]uint64 { return s.Dropped }},
}
