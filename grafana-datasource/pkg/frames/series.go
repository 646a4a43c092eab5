package frames

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/query"
)

// Aggregate is an answer to a series or a top list with what is needed to show it.
type Aggregate struct {
	query.Result
	Groups  int  // columns that are groups, after the time of a series
	Percent bool // as of model.Query
	Links   Links
	Info    Info
}

// other is the group of what is beyond the limit.
const other = "other"

// line is one line of a series: the values of a group in one column.
type line struct {
	labels data.Labels
	name   string // of the column
	title  string
	unit   string
	values []*float64
}

// Wide makes one frame of a series: a time, and a number with labels for each group and measure.
func (a *Aggregate) Wide() data.Frames {
	times, lines := a.lines()
	f := data.NewFrame("")
	if len(lines) > 0 { // a frame without fields is what Grafana takes for no data
		f.Fields = append(f.Fields, a.timeField(times))
	}
	for _, l := range lines {
		f.Fields = append(f.Fields, a.lineField(l, len(times)))
	}
	return a.Info.apply(data.Frames{f}, data.FrameTypeTimeSeriesWide, data.VisTypeGraph)
}

// Multi makes a frame for each group and measure: a time and a number with labels.
func (a *Aggregate) Multi() data.Frames {
	times, lines := a.lines()
	frames := make(data.Frames, 0, len(lines))
	for _, l := range lines {
		frames = append(frames, data.NewFrame("", a.timeField(times), a.lineField(l, len(times))))
	}
	if len(frames) == 0 {
		frames = data.Frames{data.NewFrame("")}
	}
	return a.Info.apply(frames, data.FrameTypeTimeSeriesMulti, data.VisTypeGraph)
}

func (a *Aggregate) lineField(l *line, length int) *data.Field {
	for len(l.values) < length { // a group without the last buckets (fill none)
		l.values = append(l.values, nil)
	}
	f := data.NewField(l.name, l.labels, l.values)
	f.Config = &data.FieldConfig{DisplayNameFromDS: l.title, Unit: l.unit, Links: a.Links.ofLabels(a.groupNames())}
	if l.unit == percent && l.name != "change" {
		f.Config.SetMin(0).SetMax(1)
	}
	return f
}

// timeField is the time of the buckets, with their length, so that gaps are drawn as gaps.
func (a *Aggregate) timeField(times []time.Time) *data.Field {
	f := data.NewField("time", nil, times)
	if s, err := query.ParseInterval("interval", a.Info.Interval); err == nil {
		f.Config = &data.FieldConfig{Interval: float64(s.Width.Milliseconds())}
	}
	return f
}

// EndsWithOther tells whether what is beyond the limit is in the answer, as the group other.
func (a *Aggregate) EndsWithOther() bool {
	first := a.firstGroup()
	if a.Groups == 0 || len(a.Rows) == 0 {
		return a.Groups == 0
	}
	return a.Rows[len(a.Rows)-1][first] == other
}

// firstGroup is the column of the first group: that after the time of a series.
func (a *Aggregate) firstGroup() int {
	if len(a.Columns) > 0 && a.Columns[0].Name == "@timestamp" && len(a.Columns) > a.Groups+1 {
		return 1
	}
	return 0
}

func (a *Aggregate) groupNames() []string {
	names := make([]string, a.Groups)
	for i := range names {
		names[i] = a.Columns[i+1].Name
	}
	return names
}

// lines turns the rows of a series, which are sorted by time, into its lines.
func (a *Aggregate) lines() (times []time.Time, lines []*line) {
	index := map[string]*line{}
	for _, row := range a.Rows {
		t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(row[0]))
		if err != nil {
			continue
		}
		if len(times) == 0 || !times[len(times)-1].Equal(t) {
			times = append(times, t)
		}
		key := groupKey(row[1 : a.Groups+1])
		for c := a.Groups + 1; c < len(a.Columns); c++ {
			name := a.Columns[c].Name
			l := index[name+key]
			if l == nil {
				l = a.newLine(c, row)
				index[name+key] = l
				lines = append(lines, l)
			}
			for len(l.values) < len(times)-1 {
				l.values = append(l.values, nil)
			}
			l.values = append(l.values, floatOf(row[c]))
		}
	}
	if len(lines) == 0 && a.Groups == 0 {
		for c := 1; c < len(a.Columns); c++ {
			lines = append(lines, a.newLine(c, nil))
		}
	}
	if a.Percent {
		toShares(lines, len(times))
	}
	return times, lines
}

func groupKey(group []any) string {
	var b strings.Builder
	for _, v := range group {
		fmt.Fprintf(&b, "\x00%T%v", v, v)
	}
	return b.String()
}

func (a *Aggregate) newLine(c int, row []any) *line {
	l := &line{name: a.Columns[c].Name, unit: unitOf(a.Columns[c].Name, a.Columns[c].Unit)}
	var names []string
	for g := 1; g <= a.Groups && row != nil; g++ {
		if l.labels == nil {
			l.labels = data.Labels{}
		}
		value := groupText(row[g])
		l.labels[a.Columns[g].Name] = value
		names = append(names, value)
	}
	l.title = strings.Join(distinctTail(names), " · ")
	switch {
	case l.title == "":
		l.title = Title(l.name)
	case len(a.Columns)-a.Groups > 2:
		l.title += " · " + Title(l.name)
	}
	return l
}

// distinctTail makes one other of the group other, which is so in all fields.
func distinctTail(names []string) []string {
	for _, n := range names {
		if n != other {
			return names
		}
	}
	return names[:min(len(names), 1)]
}

// groupText is a group's value in labels and tables; groups of what has no value are told so, as empty texts would not be seen.
func groupText(v any) string {
	if v == nil {
		return model.None
	}
	return fmt.Sprint(v)
}

func floatOf(v any) *float64 {
	var f float64
	switch v := v.(type) {
	case float64:
		f = v
	case uint64:
		f = float64(v)
	case int64:
		f = float64(v)
	default:
		return nil
	}
	return &f
}

// toShares turns amounts into shares of each bucket's total, column by column.
func toShares(lines []*line, buckets int) {
	sums := map[string][]float64{}
	for _, l := range lines {
		if sums[l.name] == nil {
			sums[l.name] = make([]float64, buckets)
		}
		for i, v := range l.values {
			if v != nil {
				sums[l.name][i] += *v
			}
		}
	}
	for _, l := range lines {
		if l.name == "change" {
			continue
		}
		for i, v := range l.values {
			l.values[i] = shareOf(v, sums[l.name][i])
		}
		l.unit = percent
	}
}

func shareOf(v *float64, sum float64) *float64 {
	if v == nil || sum == 0 {
		return nil
	}
	share := *v / sum
	return &share
}
