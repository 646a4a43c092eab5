package frames

import (
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/flow"
)

// Table makes one frame of rows: groups are texts, so that panels and alert rules tell them from numbers, amounts are numbers.
func (a *Aggregate) Table() data.Frames {
	f := data.NewFrame("")
	first := a.firstGroup()
	if first > 0 {
		f.Fields = append(f.Fields, instant("time", "Time", each(a.Rows, func(r *[]any) *time.Time { return timeOf((*r)[0]) })).Field)
	}
	for c := first; c < len(a.Columns); c++ {
		if c < first+a.Groups {
			f.Fields = append(f.Fields, a.groupColumn(c).Field)
			continue
		}
		f.Fields = append(f.Fields, a.amountColumn(c))
		if a.Percent && a.sharable(c) {
			f.Fields = append(f.Fields, a.shareColumn(c))
		}
	}
	return a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
}

func timeOf(v any) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v))
	if err != nil {
		return nil
	}
	return &t
}

func (a *Aggregate) groupColumn(c int) column {
	name := a.Columns[c].Name
	values := each(a.Rows, func(r *[]any) string { return groupText((*r)[c]) })
	return text(name, Title(name), values).filterable().linked(a.Links.Of(name, "${__value.raw}"))
}

func (a *Aggregate) amountColumn(c int) *data.Field {
	col := a.Columns[c]
	if col.Type == flow.KindTime.String() {
		return instant(col.Name, Title(col.Name), each(a.Rows, func(r *[]any) *time.Time { return timeOf((*r)[c]) })).Field
	}
	return number(col.Name, Title(col.Name), each(a.Rows, func(r *[]any) *float64 { return floatOf((*r)[c]) })).unit(unitOf(col.Name, col.Unit)).Field
}

// sharable tells whether the numbers of a column add up to a total: those of distinct values, percentiles and comparisons do not.
func (a *Aggregate) sharable(c int) bool {
	switch a.Columns[c].Name {
	case "bytes", "packets", "flows", "sessions", "bps", "pps", "out", "in":
		return true
	}
	return false
}

func (a *Aggregate) shareColumn(c int) *data.Field {
	sum := 0.0
	for _, row := range a.Rows {
		if v := floatOf(row[c]); v != nil {
			sum += *v
		}
	}
	name := a.Columns[c].Name
	f := number(name+" share", Title(name)+" share", each(a.Rows, func(r *[]any) *float64 { return shareOf(floatOf((*r)[c]), sum) })).unit(percent)
	f.Config.SetMin(0).SetMax(1)
	return f.Field
}
