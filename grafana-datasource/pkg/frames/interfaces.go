package frames

import (
	"fmt"
	"strconv"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/query"
)

// Interfaces is an answer of interfaces with what is needed to show it.
type Interfaces struct {
	List []query.Interface
	Info Info
}

// sides are both directions of an interface, each with its label.
var sides = []struct {
	name, title string
	of          func(*query.Interface) *query.InterfaceSide
}{
	{"in", "In", func(i *query.Interface) *query.InterfaceSide { return &i.In }},
	{"out", "Out", func(i *query.Interface) *query.InterfaceSide { return &i.Out }},
}

// Table makes a table, an interface a row.
func (a *Interfaces) Table() data.Frames {
	list := []column{
		text("exporter", "Exporter", a.texts(func(i *query.Interface) string { return i.Exporter })),
		text("index", "ifIndex", a.texts(func(i *query.Interface) string { return strconv.FormatUint(uint64(i.Index), 10) })),
		text("name", "Interface", a.texts(interfaceName)),
		text("alias", "Description", a.texts(func(i *query.Interface) string { return i.Alias })),
		number("speed", "Speed", each(a.List, func(i *query.Interface) *float64 { return optional(i.Speed) })).unit("bps"),
		text("status", "Status", a.texts(func(i *query.Interface) string { return i.Oper })).colored(statusMappings()),
		text("source", "Counters", a.texts(func(i *query.Interface) string { return i.Source })).described("Whose counters these are: snmp or sflow; none: flows alone."),
	}
	for _, s := range sides {
		list = append(list, a.sideColumns(s.name, s.title, s.of)...)
	}
	return a.Info.apply(data.Frames{tableOf("", list...)}, data.FrameTypeTable, data.VisTypeTable)
}

func statusMappings() data.ValueMappings {
	return data.ValueMappings{data.ValueMapper{"up": {Color: "green"}, "down": {Color: "red"}}}
}

func (a *Interfaces) sideColumns(name, title string, of func(*query.Interface) *query.InterfaceSide) []column {
	get := func(value func(*query.InterfaceSide) *float64) []*float64 {
		return each(a.List, func(i *query.Interface) *float64 { return value(of(i)) })
	}
	bps := func(field, words string, value func(*query.InterfaceSide) *float64) column {
		return number(name+"."+field, title+words, get(value)).unit("bps")
	}
	use := number(name+".peak_share", title+", peak use", get(func(s *query.InterfaceSide) *float64 { return s.PeakUse })).unit(percent)
	use.Config.SetMin(0).SetMax(1)
	return []column{
		bps("now_bps", ", now", func(s *query.InterfaceSide) *float64 { return s.Now }),
		bps("avg_bps", ", average", func(s *query.InterfaceSide) *float64 { return s.Avg }),
		bps("peak_bps", ", peak", func(s *query.InterfaceSide) *float64 { return s.Peak }),
		bps("p95_bps", ", 95 %", func(s *query.InterfaceSide) *float64 { return s.P95 }),
		number(name+".avg_share", title+", average use", get(func(s *query.InterfaceSide) *float64 { return s.Share })).unit(percent), use,
		number(name+".errors", title+", errors", get(func(s *query.InterfaceSide) *float64 { return s.Errors })),
		number(name+".discards", title+", discards", get(func(s *query.InterfaceSide) *float64 { return s.Discards })),
		bps("flow_bps", ", by flows", func(s *query.InterfaceSide) *float64 { return s.Flow.BPS }),
		number(name+".flow_bytes", title+", bytes by flows", get(func(s *query.InterfaceSide) *float64 { return &s.Flow.Bytes })).unit("decbytes"),
		number(name+".difference", title+", flows against counters", get(func(s *query.InterfaceSide) *float64 { return s.Flow.Difference })).unit(percent),
	}
}

func (a *Interfaces) texts(value func(*query.Interface) string) []string { return each(a.List, value) }

// interfaceName is an interface's name, else its number.
func interfaceName(i *query.Interface) string {
	if i.Name != "" {
		return i.Name
	}
	return fmt.Sprintf("ifIndex %d", i.Index)
}

// Numeric makes a table of texts and one number, two rows an interface: what alert rules take.
func (a *Interfaces) Numeric(value string) data.Frames {
	var exporters, names, directions []string
	var numbers []*float64
	for n := range a.List {
		i := &a.List[n]
		for _, s := range sides {
			if v := sideValue(s.of(i), value); v != nil {
				exporters, names, directions = append(exporters, i.Exporter), append(names, interfaceName(i)), append(directions, s.name)
				numbers = append(numbers, v)
			}
		}
	}
	f := tableOf("", text("exporter", "Exporter", exporters), text("interface", "Interface", names), text("direction", "Direction", directions),
		number(value, interfaceTitle(value), numbers).unit(interfaceUnit(value)))
	return a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
}

// sideValue is one of model.InterfaceValues of a direction; nil where it is not known.
func sideValue(s *query.InterfaceSide, value string) *float64 {
	switch value {
	case "share":
		return s.Share
	case "errors":
		return s.Errors
	case "discards":
		return s.Discards
	case "flow_bps":
		return s.Flow.BPS
	case "peak_bps":
		return s.Peak
	case "p95_bps":
		return s.P95
	case "peak_share":
		return s.PeakUse
	case "difference":
		return s.Flow.Difference
	}
	return s.Avg
}

func interfaceUnit(value string) string {
	switch value {
	case "bps", "flow_bps", "peak_bps", "p95_bps":
		return "bps"
	case "share", "peak_share", "difference":
		return percent
	case "pps":
		return "pps"
	}
	return ""
}

func interfaceTitle(value string) string {
	switch value {
	case "share":
		return "Use"
	case "flow_bps":
		return "Bit rate by flows"
	case "peak_bps":
		return "Peak"
	case "p95_bps":
		return "95 %"
	case "peak_share":
		return "Peak use"
	case "difference":
		return "Flows against counters"
	}
	return Title(value)
}
