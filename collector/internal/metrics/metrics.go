// Package metrics shows the loss account, the sockets and connections, forwarding, the pipeline, detection, the store, the look-ups of countries
// and AS numbers, and what is known of interfaces to Prometheus. Its metrics are listed in docs/metrics.md.
package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/elastic/sink"
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

// Deps is what is shown. All but Account may be nil.
type Deps struct {
	Account    *flow.Account
	Sockets    func() []listen.SocketStats
	Streams    func() []stream.Stats
	Forward    func() []forward.Stats
	Pipeline   func() pipeline.Stats
	Detect     func() detect.Stats
	Detectors  func() pipeline.DetectorStats
	Store      func() store.Stats
	Geo        func() geo.Stats
	Outputs    func() []route.Stats
	Elastic    func() (sink.Stats, bool) // false: nothing is shipped
	Interfaces func() interfaces.Stats
	SNMP       func() snmp.Stats
	Headers    func() HeaderStats
	API        func() APIStats
}

// Collector is a prometheus.Collector over the counters of a collector; nothing is kept twice.
type Collector struct {
	deps Deps

	streams    []metric[*flow.Stream]
	reasons    []metric[*flow.Stream]
	sockets    []metric[listen.SocketStats]
	doors      []metric[stream.Stats]
	forward    []metric[forward.Stats]
	pipeline   []metric[pipeline.Stats]
	detect     []metric[detect.Stats]
	sessions   []metric[pipeline.DetectorStats]
	store      []metric[store.Stats]
	geo        []metric[geo.Stats]
	outputs    []metric[route.Stats]
	elastic    []metric[sink.Stats]
	interfaces []metric[interfaces.Stats]
	snmp       []metric[snmp.Stats]
	headers    []metric[HeaderStats]
	api        []metric[APIStats]
}

// New returns a Collector.
func New(deps Deps) *Collector {
	streamLabels := []string{"exporter", "domain", "protocol"} // their number is bounded by flow.MaxStreams
	return &Collector{
		deps:       deps,
		streams:    describe("weir_", streamMetrics, streamLabels...),
		reasons:    describe("weir_", reasonMetrics, append(streamLabels, "reason")...),
		sockets:    describe("weir_", socketMetrics, "address", "socket"),
		doors:      describe("weir_stream_", streamListenerMetrics, "address", "transport"),
		forward:    describe("weir_forward_", forwardMetrics, "target"),
		pipeline:   describe("weir_pipeline_", pipelineMetrics),
		detect:     describe("weir_detect_", detectMetrics),
		sessions:   describe("weir_", sessionMetrics),
		store:      describe("weir_store_", storeMetrics),
		outputs:    describe("weir_output_", outputMetrics, "output", "type"),
		elastic:    describe("weir_elastic_", elasticMetrics),
		geo:        describe("weir_geo_", geoMetrics),
		interfaces: describe("weir_interfaces_", interfaceMetrics),
		snmp:       describe("weir_snmp_", snmpMetrics),
		headers:    describe("weir_headers_", headerMetrics),
		api:        describe("weir_api_", apiMetrics),
	}
}

// Describe sends the description of every metric.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	sendDescs(out, c.streams)
	sendDescs(out, c.reasons)
	sendDescs(out, c.sockets)
	sendDescs(out, c.doors)
	sendDescs(out, c.forward)
	sendDescs(out, c.pipeline)
	sendDescs(out, c.detect)
	sendDescs(out, c.sessions)
	sendDescs(out, c.store)
	sendDescs(out, c.outputs)
	sendDescs(out, c.elastic)
	sendDescs(out, c.geo)
	sendDescs(out, c.interfaces)
	sendDescs(out, c.snmp)
	sendDescs(out, c.headers)
	sendDescs(out, c.api)
}

// Collect sends the current value of every metric.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	for _, s := range c.deps.Account.Streams() {
		labels := streamOf(s)
		send(out, c.streams, s, labels...)
		send(out, c.reasons, s, labels...)
	}
	if c.deps.Sockets != nil {
		for _, s := range c.deps.Sockets() {
			send(out, c.sockets, s, s.Address.String(), strconv.Itoa(s.Worker))
		}
	}
	if c.deps.Streams != nil {
		for _, s := range c.deps.Streams() {
			send(out, c.doors, s, s.Address.String(), transportOf(s))
		}
	}
	if c.deps.Forward != nil {
		for _, s := range c.deps.Forward() {
			send(out, c.forward, s, s.Target)
		}
	}
	if c.deps.Pipeline != nil {
		send(out, c.pipeline, c.deps.Pipeline())
	}
	if c.deps.Detect != nil {
		send(out, c.detect, c.deps.Detect())
	}
	if c.deps.Detectors != nil {
		send(out, c.sessions, c.deps.Detectors())
	}
	if c.deps.Store != nil {
		send(out, c.store, c.deps.Store())
	}
	if c.deps.Outputs != nil {
		for _, s := range c.deps.Outputs() {
			send(out, c.outputs, s, s.Name, s.Type)
		}
	}
	if c.deps.Elastic != nil {
		if s, on := c.deps.Elastic(); on {
			send(out, c.elastic, s)
		}
	}
	if c.deps.Geo != nil {
		send(out, c.geo, c.deps.Geo())
	}
	if c.deps.Interfaces != nil {
		send(out, c.interfaces, c.deps.Interfaces())
	}
	if c.deps.SNMP != nil {
		send(out, c.snmp, c.deps.SNMP())
	}
	if c.deps.Headers != nil {
		send(out, c.headers, c.deps.Headers())
	}
	if c.deps.API != nil {
		send(out, c.api, c.deps.API())
	}
}

// streamOf returns the labels of a stream. Datagrams that could not be told to belong to a protocol have that of "unknown".
func streamOf(s *flow.Stream) []string {
	protocol := s.Key.Protocol.String()
	if protocol == "" {
		protocol = "unknown"
	}
	return []string{s.Key.Source(), strconv.FormatUint(uint64(s.Key.Domain), 10), protocol}
}
