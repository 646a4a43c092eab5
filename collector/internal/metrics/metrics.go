// Package metrics shows the counters of the collector to Prometheus: the core's, the sink's of Elasticsearch, the store's, the API's and those
// of kept headers. They are listed in docs/metrics.md.
package metrics

import (
	"github.com/weirflow/weir/collector/internal/store"
	elastic "github.com/weirflow/weir/elastic/metrics"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/packaging/metrics"
)

// Deps is what is shown.
type Deps struct {
	Core    metrics.Core
	Store   func() store.Stats
	Elastic func() (sink.Stats, bool) // false: nothing is shipped
	Headers func() HeaderStats
	API     func() APIStats
}

// New returns the metrics of a collector.
func New(deps Deps) metrics.Groups {
	return append(deps.Core.Metrics(),
		elastic.Of(deps.Elastic),
		metrics.Of(metrics.Source[store.Stats]{Prefix: "weir_store_", All: metrics.One(deps.Store)}, storeMetrics),
		metrics.Of(metrics.Source[HeaderStats]{Prefix: "weir_headers_", All: metrics.One(deps.Headers)}, headerMetrics),
		metrics.Of(metrics.Source[APIStats]{Prefix: "weir_api_", All: metrics.One(deps.API)}, apiMetrics))
}
