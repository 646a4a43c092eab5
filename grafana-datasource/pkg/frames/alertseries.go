package frames

import (
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// maxBuckets is how many buckets a series of alerts has at most; it ends there.
const maxBuckets = 11_000

// Series makes one frame of how many alerts were open in each bucket of the range: a time, and a number with labels for each value of by, each
// severity where there is none.
func (a *Alerts) Series(by []string) data.Frames {
	if len(by) == 0 {
		by = Counters()[:1]
	}
	step, err := query.ParseInterval("interval", a.Info.Interval)
	if err != nil {
		return a.Info.apply(data.Frames{data.NewFrame("")}, data.FrameTypeTimeSeriesWide, data.VisTypeGraph)
	}
	var times []time.Time
	for n := step.Number(a.Info.From.UnixNano()); len(times) < maxBuckets; n++ {
		begin := time.Unix(0, step.Begin(n)).UTC()
		if !begin.Before(a.Info.To) {
			break
		}
		times = append(times, begin)
	}
	clock := data.NewField("time", nil, times)
	clock.Config = &data.FieldConfig{Interval: float64(step.Width.Milliseconds())}
	f := data.NewFrame("", clock)
	for _, key := range a.lineKeys(by) {
		f.Fields = append(f.Fields, a.openOver(times, step.Width, by, key))
	}
	return a.Info.apply(data.Frames{f}, data.FrameTypeTimeSeriesWide, data.VisTypeGraph)
}

// lineKeys are the values that lines are of: of severities all, the most severe first.
func (a *Alerts) lineKeys(by []string) (keys []string) {
	if slices.Equal(by, Counters()[:1]) {
		for _, s := range severityColors {
			keys = append(keys, s.label)
		}
		return keys
	}
	for i := range a.List {
		keys = append(keys, countKey(&a.List[i], by))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// openOver counts the alerts of a line in each bucket.
func (a *Alerts) openOver(times []time.Time, width time.Duration, by []string, key string) *data.Field {
	values := make([]*float64, len(times))
	for i := range values {
		values[i] = new(float64)
	}
	for i := range a.List {
		x := &a.List[i]
		if countKey(x, by) != key {
			continue
		}
		first, _ := slices.BinarySearchFunc(times, x.Start.Add(-width), func(t, start time.Time) int { return t.Compare(start.Add(1)) })
		for n := first; n < len(times) && !times[n].After(endOf(x)); n++ {
			*values[n]++
		}
	}
	labels := data.Labels{}
	parts := strings.Split(key, "\x00")
	for j, name := range by {
		labels[name] = parts[j]
	}
	f := data.NewField("alerts", labels, values)
	f.Config = &data.FieldConfig{DisplayNameFromDS: strings.Join(parts, " · ")}
	for _, s := range severityColors {
		if s.label == key {
			f.Config.Color = map[string]any{"mode": "fixed", "fixedColor": s.color}
		}
	}
	return f
}

// countKey is by what an alert is counted: its values of the fields.
func countKey(x *flow.Alert, by []string) string {
	parts := make([]string, len(by))
	for j, name := range by {
		parts[j] = counted(x, name)
	}
	return strings.Join(parts, "\x00")
}
