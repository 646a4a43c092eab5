package metrics

import "github.com/prometheus/client_golang/prometheus"

// Kinds of metrics.
const (
	Count = prometheus.CounterValue
	Gauge = prometheus.GaugeValue
)

// Spec describes a metric of a T. Exactly one of Value and Parts is set.
type Spec[T any] struct {
	Name, Help string
	Kind       prometheus.ValueType
	Value      func(T) float64
	Parts      func(T) map[string]uint64 // by the last label
	Part       string                    // that label, where it is the metric's own
}

// Source is whose counters a group of metrics shows.
type Source[T any] struct {
	Prefix string           // of the names, like weir_geo_
	Labels []string         // names of the labels
	All    func() []T       // those there are
	Of     func(T) []string // values of the labels; nil without labels
}

// One is the list of a source that there is once.
func One[T any](read func() T) func() []T { return func() []T { return []T{read()} } }

// metric is a Spec with its description.
type metric[T any] struct {
	Spec[T]
	desc *prometheus.Desc
}

// group is a prometheus.Collector over the counters of a source; nothing is kept twice.
type group[T any] struct {
	source Source[T]
	list   []metric[T]
}

// Of returns the metrics of a source.
func Of[T any](source Source[T], specs ...[]Spec[T]) prometheus.Collector {
	g := &group[T]{source: source}
	for _, some := range specs {
		for _, s := range some {
			labels := source.Labels[:len(source.Labels):len(source.Labels)]
			if s.Part != "" {
				labels = append(labels, s.Part)
			}
			g.list = append(g.list, metric[T]{Spec: s, desc: prometheus.NewDesc(source.Prefix+s.Name, s.Help, labels, nil)})
		}
	}
	return g
}

// Describe sends the description of every metric.
func (g *group[T]) Describe(out chan<- *prometheus.Desc) {
	for i := range g.list {
		out <- g.list[i].desc
	}
}

// Collect sends the current value of every metric. Of those with parts there is a series for each part that is not 0.
func (g *group[T]) Collect(out chan<- prometheus.Metric) {
	for _, v := range g.source.All() {
		var labels []string
		if g.source.Of != nil {
			labels = g.source.Of(v)
		}
		for i := range g.list {
			g.list[i].send(out, v, labels)
		}
	}
}

func (m *metric[T]) send(out chan<- prometheus.Metric, v T, labels []string) {
	if m.Value != nil {
		out <- prometheus.MustNewConstMetric(m.desc, m.Kind, m.Value(v), labels...)
		return
	}
	for part, n := range m.Parts(v) {
		out <- prometheus.MustNewConstMetric(m.desc, m.Kind, float64(n), append(labels[:len(labels):len(labels)], part)...)
	}
}

// Groups are several collectors as one.
type Groups []prometheus.Collector

// Describe sends the description of every metric.
func (g Groups) Describe(out chan<- *prometheus.Desc) {
	for _, c := range g {
		c.Describe(out)
	}
}

// Collect sends the current value of every metric.
func (g Groups) Collect(out chan<- prometheus.Metric) {
	for _, c := range g {
		c.Collect(out)
	}
}
