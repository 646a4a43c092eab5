package search

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// niceSpans are those that timechart chooses from, so that there are 100 bins at most.
var niceSpans = []time.Duration{
	time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 24 * time.Hour,
}

// chart is a timechart's options.
type chart struct {
	span, least time.Duration
	limit       int
	other       bool
	by          string
	list        []aggregation
}

func (r *run) timechart(t *table, args *lexer) error {
	c, err := r.chart(args)
	if err != nil {
		return err
	}
	from, to := r.reach(t.rows)
	if c.span == 0 {
		c.span = niceSpan(time.Duration((to-from)*float64(time.Second)), c.least)
	}
	step := c.span.Seconds()
	start := float64(int64(from/step)) * step
	bins := map[int][]Event{}
	for _, e := range t.rows {
		if at, ok := number(first(e["_time"])); ok {
			bins[int((at-start)/step)] = append(bins[int((at-start)/step)], e)
		}
	}
	series := c.series(t.rows, step)
	var rows []Event
	for i := 0; start+float64(i)*step < to; i++ {
		out := Event{"_time": {text(start + float64(i)*step)}, "_span": {text(step)}}
		c.fill(out, bins[i], series, step)
		rows = append(rows, out)
	}
	t.fields = []string{"_time"}
	if c.by != "" {
		t.fields = append(t.fields, series...)
	} else {
		for _, a := range c.list {
			t.fields = append(t.fields, a.name)
		}
	}
	t.fields, t.rows = append(t.fields, "_span"), rows
	return nil
}

func (r *run) chart(args *lexer) (c chart, err error) {
	c = chart{limit: 10, other: true}
	for {
		if v, ok := args.option("span"); ok {
			c.span, err = duration(v)
		} else if v, ok := args.option("minspan"); ok {
			c.least, err = duration(v)
		} else if v, ok := args.option("limit"); ok {
			c.limit, err = strconv.Atoi(v)
		} else if v, ok := args.option("useother"); ok {
			c.other = v == "t" || v == "true"
		} else {
			break
		}
		if err != nil {
			return c, err
		}
	}
	if c.list, err = r.aggregations(args); err != nil {
		return c, err
	}
	if args.is("BY") {
		c.by, err = args.name()
		if len(c.list) != 1 {
			err = fmt.Errorf("timechart of several values by a field: not known here")
		}
	}
	return c, err
}

// reach is the time of the search; where it is open, that of the events.
func (r *run) reach(rows []Event) (from, to float64) {
	from, to = r.from, r.to
	if from == 0 || to == 1<<40 {
		from, to = 1<<40, 0
		for _, e := range rows {
			at, _ := number(first(e["_time"]))
			from, to = min(from, at), max(to, at+1)
		}
	}
	return from, to
}

func niceSpan(reach, least time.Duration) time.Duration {
	for _, s := range niceSpans {
		if s >= least && reach/s <= 100 {
			return s
		}
	}
	return niceSpans[len(niceSpans)-1]
}

// series are the values of the field that the chart is by: the greatest ones and OTHER.
func (c *chart) series(rows []Event, step float64) []string {
	if c.by == "" {
		return nil
	}
	sums := map[string]float64{}
	for _, v := range c.values(rows) {
		got, _ := number(first(c.list[0].compute(c.of(rows, v), step)))
		sums[v] = got
	}
	names := slices.SortedFunc(maps.Keys(sums), func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	more := len(names) > c.limit && c.limit > 0
	if more {
		names = names[:c.limit]
	}
	slices.Sort(names)
	if more && c.other {
		names = append(names, "OTHER")
	}
	return names
}

func (c *chart) values(rows []Event) (list []string) {
	seen := map[string]bool{}
	for _, e := range rows {
		values := e[c.by]
		if len(values) == 0 {
			values = []string{"NULL"}
		}
		for _, v := range values {
			if !seen[v] {
				seen[v] = true
				list = append(list, v)
			}
		}
	}
	return list
}

// of are the events of a series.
func (c *chart) of(rows []Event, value string) (out []Event) {
	for _, e := range rows {
		if has(e[c.by], value) || len(e[c.by]) == 0 && value == "NULL" {
			out = append(out, e)
		}
	}
	return out
}

// fill computes the values of a bin.
func (c *chart) fill(out Event, rows []Event, series []string, step float64) {
	if c.by == "" {
		for _, a := range c.list {
			put(out, a.name, a.compute(rows, step))
		}
		return
	}
	for _, s := range series {
		events := c.of(rows, s)
		if s == "OTHER" {
			events = nil
			for _, v := range c.values(rows) {
				if !has(series, v) {
					events = append(events, c.of(rows, v)...)
				}
			}
		}
		put(out, s, c.list[0].compute(events, step))
	}
}

func put(out Event, field string, v []string) {
	if len(v) > 0 {
		out[field] = v
	}
}
