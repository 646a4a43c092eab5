package frames

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/query"
)

// Points makes a frame for each direction of each interface: a time and a number with labels. Directions without any value are left out.
func (a *Interfaces) Points(value string) data.Frames {
	var frames data.Frames
	for n := range a.List {
		i := &a.List[n]
		for _, side := range pointSides {
			numbers, some := make([]*float64, len(i.Points)), false
			for p := range i.Points {
				numbers[p] = pointValue(side.of(&i.Points[p]), value)
				some = some || numbers[p] != nil
			}
			if some {
				frames = append(frames, a.pointFrame(i, side.name, value, numbers))
			}
		}
	}
	if len(frames) == 0 {
		frames = data.Frames{data.NewFrame("")}
	}
	return a.Info.apply(frames, data.FrameTypeTimeSeriesMulti, data.VisTypeGraph)
}

var pointSides = []struct {
	name string
	of   func(*query.InterfacePoint) *query.PointSide
}{
	{"in", func(p *query.InterfacePoint) *query.PointSide { return &p.In }},
	{"out", func(p *query.InterfacePoint) *query.PointSide { return &p.Out }},
}

func (a *Interfaces) pointFrame(i *query.Interface, side, value string, numbers []*float64) *data.Frame {
	times := data.NewField("time", nil, each(i.Points, func(p *query.InterfacePoint) time.Time { return p.Time }))
	if s, err := query.ParseInterval("interval", a.Info.Interval); err == nil {
		times.Config = &data.FieldConfig{Interval: float64(s.Width.Milliseconds())}
	}
	labels := data.Labels{"exporter": i.Exporter, "interface": interfaceName(i), "direction": side}
	f := data.NewField(value, labels, numbers)
	f.Config = &data.FieldConfig{DisplayNameFromDS: i.Exporter + " " + interfaceName(i) + " " + side, Unit: interfaceUnit(value)}
	return data.NewFrame("", times, f)
}

// pointValue is one of model.PointValues in a bin; nil where it is not known.
func pointValue(s *query.PointSide, value string) *float64 {
	switch value {
	case "share":
		return s.Share
	case "pps":
		return s.PPS
	case "errors":
		return s.Errors
	case "discards":
		return s.Discards
	case "flow_bps":
		return s.FlowBPS
	}
	return s.BPS
}
