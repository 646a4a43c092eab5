// Package metrics shows the loss account, the sockets and the pipeline to Prometheus.
package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
)

// Deps is what is shown. All but Account may be nil.
type Deps struct {
	Account  *flow.Account
	Sockets  func() []listen.SocketStats
	Pipeline func() pipeline.Stats
	Detect   func() detect.Stats
	Store    func() store.Stats
}

// Collector is a prometheus.Collector over the counters of a collector; nothing is kept twice.
type Collector struct{ deps Deps }

// New returns a Collector.
func New(deps Deps) *Collector { return &Collector{deps: deps} }

// Describe sends nothing: the metrics are checked when they are collected.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the current value of every counter.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	for _, s := range c.deps.Account.Streams() {
		collectStream(out, s)
	}
	if c.deps.Sockets != nil {
		for _, s := range c.deps.Sockets() {
			collectSocket(out, s)
		}
	}
	if c.deps.Pipeline != nil {
		collectPipeline(out, c.deps.Pipeline())
	}
	if c.deps.Detect != nil {
		collectDetect(out, c.deps.Detect())
	}
	if c.deps.Store != nil {
		collectStore(out, c.deps.Store())
	}
}

// streamLabels tell exporters, domains and protocols apart; their number is bounded by flow.MaxStreams.
var streamLabels = []string{"exporter", "domain", "protocol"}

// streamCounter is a counter of the loss account with its metric name.
type streamCounter struct {
	name, help string
	value      func(*flow.Stream) uint64
}

var streamCounters = []streamCounter{
	{"datagrams_total", "Datagrams received.", func(s *flow.Stream) uint64 { return s.Datagrams.Load() }},
	{"bytes_total", "Payload bytes received.", func(s *flow.Stream) uint64 { return s.Bytes.Load() }},
	{"datagrams_decoded_total", "Datagrams decoded.", func(s *flow.Stream) uint64 { return s.Decoded.Load() }},
	{"sets_total", "Sets seen.", func(s *flow.Stream) uint64 { return s.Sets.Load() }},
	{"sets_decoded_total", "Sets decoded.", func(s *flow.Stream) uint64 { return s.SetsDecoded.Load() }},
	{"records_total", "Records decoded.", func(s *flow.Stream) uint64 { return s.Records.Load() }},
	{"records_stored_total", "Records committed to the store.", func(s *flow.Stream) uint64 { return s.Stored.Load() }},
	{"records_already_stored_total", "Records that the store had already.", func(s *flow.Stream) uint64 { return s.AlreadyStored.Load() }},
	{"options_records_total", "Options records decoded.", func(s *flow.Stream) uint64 { return s.OptionsRecords.Load() }},
	{"flow_samples_total", "sFlow flow samples.", func(s *flow.Stream) uint64 { return s.FlowSamples.Load() }},
	{"counter_samples_total", "sFlow counter samples.", func(s *flow.Stream) uint64 { return s.CounterSamples.Load() }},
	{"sequence_gaps_total", "Units lost on the way by sequence number: flows (NetFlow v5), datagrams (v9, sFlow), records (IPFIX).", func(s *flow.Stream) uint64 { return s.Gaps.Load() }},
	{"datagrams_reordered_total", "Datagrams that came after a later one.", func(s *flow.Stream) uint64 { return s.Reordered.Load() }},
	{"exporter_restarts_total", "Restarts of the exporter.", func(s *flow.Stream) uint64 { return s.Restarts.Load() }},
}

// reasonCounter is a counter with a reason.
type reasonCounter struct {
	name, help string
	value      func(*flow.Stream) *flow.ByReason
}

var reasonCounters = []reasonCounter{
	{"datagrams_refused_total", "Datagrams refused.", func(s *flow.Stream) *flow.ByReason { return &s.Refused }},
	{"sets_expired_total", "Sets that were not decoded.", func(s *flow.Stream) *flow.ByReason { return &s.SetsExpired }},
	{"records_set_aside_total", "Records stored apart because they are impossible.", func(s *flow.Stream) *flow.ByReason { return &s.SetAside }},
	{"records_dropped_total", "Records dropped.", func(s *flow.Stream) *flow.ByReason { return &s.Dropped }},
	{"errors_total", "Malformed input.", func(s *flow.Stream) *flow.ByReason { return &s.Errors }},
	{"repaired_total", "Repairs.", func(s *flow.Stream) *flow.ByReason { return &s.Repaired }},
}

// streamGauge is a gauge of the loss account.
type streamGauge struct {
	name, help string
	value      func(*flow.Stream) int64
}

var streamGauges = []streamGauge{
	{"sets_waiting", "Sets that wait for their template.", func(s *flow.Stream) int64 { return s.Waiting.Load() }},
	{"records_in_flight", "Records decoded and not yet settled.", func(s *flow.Stream) int64 { return s.InFlight.Load() }},
	{"templates", "Templates known.", func(s *flow.Stream) int64 { return s.Templates.Load() }},
}

func collectStream(out chan<- prometheus.Metric, s *flow.Stream) {
	labels := []string{s.Key.Exporter.String(), strconv.FormatUint(uint64(s.Key.Domain), 10), s.Key.Protocol.String()}
	for _, c := range streamCounters {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("weir_"+c.name, c.help, streamLabels, nil), prometheus.CounterValue, float64(c.value(s)), labels...)
	}
	for _, g := range streamGauges {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("weir_"+g.name, g.help, streamLabels, nil), prometheus.GaugeValue, float64(g.value(s)), labels...)
	}
	for _, c := range reasonCounters {
		desc := prometheus.NewDesc("weir_"+c.name, c.help, append(streamLabels[:len(streamLabels):len(streamLabels)], "reason"), nil)
		for reason, n := range c.value(s).Map() {
			out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), append(labels[:len(labels):len(labels)], reason)...)
		}
	}
}

var socketLabels = []string{"address", "socket"}

func collectSocket(out chan<- prometheus.Metric, s listen.SocketStats) {
	labels := []string{s.Address.String(), strconv.Itoa(s.Worker)}
	counter := func(name, help string, v uint64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("weir_"+name, help, socketLabels, nil), prometheus.CounterValue, float64(v), labels...)
	}
	counter("socket_datagrams_total", "Datagrams read off the socket.", s.Datagrams)
	counter("socket_truncated_total", "Datagrams longer than the buffer.", s.Truncated)
	counter("socket_refused_total", "Datagrams of exporters that are not allowed.", s.Refused)
	counter("socket_read_errors_total", "Failed reads.", s.ReadErrors)
	counter("kernel_drops_total", "Datagrams dropped by the kernel for want of buffer.", s.KernelDrops)
	out <- prometheus.MustNewConstMetric(prometheus.NewDesc("weir_socket_receive_buffer_bytes", "Receive buffer granted by the kernel.", socketLabels, nil),
		prometheus.GaugeValue, float64(s.ReceiveBuffer), labels...)
}

func collectPipeline(out chan<- prometheus.Metric, s pipeline.Stats) {
	metric := func(name, help string, kind prometheus.ValueType, v float64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("weir_pipeline_"+name, help, nil, nil), kind, v)
	}
	metric("queued_detect_batches", "Batches waiting for the detector.", prometheus.GaugeValue, float64(s.QueuedDetect))
	metric("queued_sink_batches", "Batches waiting for the sinks.", prometheus.GaugeValue, float64(s.QueuedSinks))
	metric("dropped_batches_total", "Batches dropped before the detector.", prometheus.CounterValue, float64(s.DroppedBatches))
	metric("dropped_sink_batches_total", "Batches seen by the detector and dropped before the sinks.", prometheus.CounterValue, float64(s.DroppedForSinks))
	metric("alert_errors_total", "Alert changes that a sink refused.", prometheus.CounterValue, float64(s.AlertErrors))
}
