package flowinput

import (
	"math"
	"time"

	"github.com/influxdata/telegraf"
	"github.com/influxdata/telegraf/metric"
)

// metricOf returns a point as a metric of Telegraf.
func metricOf(p *point) telegraf.Metric {
	m := metric.New(p.name, nil, nil, time.Unix(0, p.time))
	for _, t := range p.tags {
		m.AddTag(t.key, t.value)
	}
	for i := range p.fields {
		m.AddField(p.fields[i].key, valueOf(&p.fields[i]))
	}
	return m
}

func valueOf(f *field) any {
	switch f.kind {
	case kindInt:
		return int64(f.num)
	case kindUint:
		return f.num
	case kindFloat:
		return math.Float64frombits(f.num)
	case kindBool:
		return f.num != 0
	case kindAddr:
		return f.addr.String()
	}
	return f.text
}
