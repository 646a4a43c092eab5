package metrics

import "github.com/prometheus/client_golang/prometheus"

const (
	count = prometheus.CounterValue
	gauge = prometheus.GaugeValue
)

// spec describes a metric of a T. Exactly one of value and parts is set.
type spec[T any] struct {
	name, help string
	kind       prometheus.ValueType
	value      func(T) float64
	parts      func(T) map[string]uint64 // by the last label
	part       string                    // that label, where it is the metric's own
}

// metric is a spec with its description.
type metric[T any] struct {
	spec[T]
	desc *prometheus.Desc
}

// describe makes the metrics of specs that share labels.
func describe[T any](prefix string, specs []spec[T], labels ...string) []metric[T] {
	list := make([]metric[T], 0, len(specs))
	for _, s := range specs {
		all := labels[:len(labels):len(labels)]
		if s.part != "" {
			all = append(all, s.part)
		}
		list = append(list, metric[T]{spec: s, desc: prometheus.NewDesc(prefix+s.name, s.help, all, nil)})
	}
	return list
}

func sendDescs[T any](out chan<- *prometheus.Desc, list []metric[T]) {
	for i := range list {
		out <- list[i].desc
	}
}

// send sends the metrics of v. Of those with parts there is a series for each part that is not 0.
func send[T any](out chan<- prometheus.Metric, list []metric[T], v T, labels ...string) {
	for i := range list {
		m := &list[i]
		if m.value != nil {
			out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(v), labels...)
			continue
		}
		for part, n := range m.parts(v) {
			out <- prometheus.MustNewConstMetric(m.desc, m.kind, float64(n), append(labels[:len(labels):len(labels)], part)...)
		}
	}
}
