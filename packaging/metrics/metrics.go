// Package metrics shows counters to Prometheus: those that every packaging of the core has, and what others add by [Of]. The metrics are listed
// in docs/metrics.md.
package metrics

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/interfaces/snmp"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink/route"
)

// Core is whose counters are shown. All but Account may be nil.
type Core struct {
	Account    *flow.Account
	Sockets    func() []listen.SocketStats
	Streams    func() []stream.Stats
	Forward    func() []forward.Stats
	Pipeline   func() pipeline.Stats
	Detect     func() detect.Stats
	Detectors  func() pipeline.DetectorStats
	Geo        func() geo.Stats
	Outputs    func() []route.Stats
	HEC        func() []route.HECStats // of outputs of type hec
	Interfaces func() interfaces.Stats
	SNMP       func() snmp.Stats
}

// CoreOf takes the counters of a core and of its receivers, which may be nil. Pipeline and Outputs are left to the caller.
func CoreOf(core *pipeline.Core, r *pipeline.Receivers) Core {
	c := Core{
		Account: core.Account, Detect: core.Detectors.Rates.Stats, Detectors: core.Detectors.Stats, Geo: core.Geo.Stats,
		Interfaces: core.Detectors.Interfaces.Stats, SNMP: core.SNMP.Stats,
	}
	if r != nil {
		c.Sockets, c.Streams, c.Forward = r.Sockets, r.Streams, r.Forwarded
	}
	return c
}

// Metrics returns the core's metrics.
func (c *Core) Metrics() Groups {
	var list Groups
	list = append(list, Of(Source[*flow.Stream]{
		Prefix: "weir_", Labels: []string{"exporter", "domain", "protocol"}, // their number is bounded by flow.MaxStreams
		All: c.Account.Streams, Of: streamOf,
	}, streamMetrics), Of(Source[*flow.Stream]{
		Prefix: "weir_", Labels: []string{"exporter", "domain", "protocol", "reason"}, All: c.Account.Streams, Of: streamOf,
	}, reasonMetrics))
	if c.Sockets != nil {
		list = append(list, Of(Source[listen.SocketStats]{
			Prefix: "weir_", Labels: []string{"address", "socket"}, All: c.Sockets,
			Of: func(s listen.SocketStats) []string { return []string{s.Address.String(), strconv.Itoa(s.Worker)} },
		}, socketMetrics))
	}
	if c.Streams != nil {
		list = append(list, Of(Source[stream.Stats]{
			Prefix: "weir_stream_", Labels: []string{"address", "transport"}, All: c.Streams,
			Of: func(s stream.Stats) []string { return []string{s.Address.String(), transportOf(s)} },
		}, streamListenerMetrics))
	}
	if c.Forward != nil {
		list = append(list, Of(Source[forward.Stats]{
			Prefix: "weir_forward_", Labels: []string{"target"}, All: c.Forward, Of: func(s forward.Stats) []string { return []string{s.Target} },
		}, forwardMetrics))
	}
	if c.Outputs != nil {
		list = append(list, Of(Source[route.Stats]{
			Prefix: "weir_output_", Labels: []string{"output", "type"}, All: c.Outputs,
			Of: func(s route.Stats) []string { return []string{s.Name, s.Type} },
		}, outputMetrics))
	}
	if c.HEC != nil {
		list = append(list, Of(Source[route.HECStats]{
			Prefix: "weir_hec_", Labels: []string{"output"}, All: c.HEC, Of: func(s route.HECStats) []string { return []string{s.Name} },
		}, hecMetrics))
	}
	list = with(list, "weir_pipeline_", c.Pipeline, pipelineMetrics)
	list = with(list, "weir_detect_", c.Detect, detectMetrics)
	list = with(list, "weir_", c.Detectors, sessionMetrics)
	list = with(list, "weir_geo_", c.Geo, geoMetrics)
	list = with(list, "weir_interfaces_", c.Interfaces, interfaceMetrics)
	return with(list, "weir_snmp_", c.SNMP, snmpMetrics)
}

// with adds the metrics of a source that there is once, or not.
func with[T any](list Groups, prefix string, read func() T, specs []Spec[T]) Groups {
	if read == nil {
		return list
	}
	return append(list, Of(Source[T]{Prefix: prefix, All: One(read)}, specs))
}

// streamOf returns the labels of a stream. Datagrams that could not be told to belong to a protocol have that of "unknown".
func streamOf(s *flow.Stream) []string {
	protocol := s.Key.Protocol.String()
	if protocol == "" {
		protocol = "unknown"
	}
	return []string{s.Key.Source(), strconv.FormatUint(uint64(s.Key.Domain), 10), protocol}
}

// Handler answers with the metrics, and with those of the process and the Go runtime.
func Handler(list ...prometheus.Collector) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(list...)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
