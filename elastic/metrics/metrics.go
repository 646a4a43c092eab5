// Package metrics shows the counters of the sink of Elasticsearch and OpenSearch to Prometheus.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/packaging/metrics"
)

// Of returns the metrics of a sink; where read says false there is none.
func Of(read func() (stats sink.Stats, on bool)) prometheus.Collector {
	all := func() []sink.Stats {
		if s, on := read(); on {
			return []sink.Stats{s}
		}
		return nil
	}
	return metrics.Of(metrics.Source[sink.Stats]{Prefix: "weir_elastic_", All: all}, sinkMetrics)
}

var sinkMetrics = []metrics.Spec[sink.Stats]{
	{Name: "documents_total", Kind: metrics.Count, Part: "kind", Help: "Documents made, by kind.", Parts: func(s sink.Stats) map[string]uint64 { return s.Made }},
	{Name: "delivered_total", Kind: metrics.Count, Help: "Documents taken by the server.", Value: func(s sink.Stats) float64 { return float64(s.Delivered) }},
	{Name: "already_there_total", Kind: metrics.Count, Help: "Documents that were there already, or in a later state.", Value: func(s sink.Stats) float64 { return float64(s.Already) }},
	{Name: "refused_total", Kind: metrics.Count, Help: "Documents that the server refused; they are in the dead letters.", Value: func(s sink.Stats) float64 { return float64(s.Refused) }},
	{Name: "lost_total", Kind: metrics.Count, Help: "Of the refused documents those that the dead letters refused, too.", Value: func(s sink.Stats) float64 { return float64(s.Lost) }},
	{Name: "sent_again_total", Kind: metrics.Count, Help: "Documents sent again because the server had no time for them, or no answer came.", Value: func(s sink.Stats) float64 { return float64(s.Again) }},
	{Name: "failures_total", Kind: metrics.Count, Help: "Requests that failed.", Value: func(s sink.Stats) float64 { return float64(s.Failures) }},
	{Name: "requests_total", Kind: metrics.Count, Help: "Requests sent.", Value: func(s sink.Stats) float64 { return float64(s.Requests) }},
	{Name: "sent_bytes_total", Kind: metrics.Count, Help: "Bytes of the requests' bodies.", Value: func(s sink.Stats) float64 { return float64(s.SentBytes) }},
	{Name: "waiting_documents", Kind: metrics.Gauge, Help: "Documents on disk, not delivered yet.", Value: func(s sink.Stats) float64 { return float64(s.Waiting) }},
	{Name: "spool_bytes", Kind: metrics.Gauge, Help: "Size of what waits on disk.", Value: func(s sink.Stats) float64 { return float64(s.Bytes) }},
	{Name: "spool_write_errors_total", Kind: metrics.Count, Help: "Failed writes to disk; the documents wait in memory.", Value: func(s sink.Stats) float64 { return float64(s.DiskError) }},
	{Name: "early_sums_total", Kind: metrics.Count, Help: "Minutes of summed records told of early, as there was no room for more sums.", Value: func(s sink.Stats) float64 { return float64(s.AggregateFlushes) }},
	{Name: "expired_alerts_total", Kind: metrics.Count, Help: "Old alerts deleted from the index of alerts.", Value: func(s sink.Stats) float64 { return float64(s.Expired) }},
	{Name: "dropped_total", Kind: metrics.Count, Part: "reason", Help: "Documents dropped, by reason; see elastic.md.", Parts: func(s sink.Stats) map[string]uint64 { return s.Dropped }},
}
