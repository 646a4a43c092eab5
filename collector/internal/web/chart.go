package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// Size of a chart in units of its own.
const (
	chartWidth  = 720.0
	chartHeight = 100.0
)

// chart is a series as bars.
type chart struct {
	Interval   string
	Most, Half string // of an interval, as marks beside the bars
	What       string // what is counted
	Rate       string // the most as a rate, in brackets
	Times      []mark
	Bars       []bar
	Label      string // what is seen, for those who do not see it
}

// bar is a bucket.
type bar struct {
	X, Y, Width, Height string
	Title               string
}

// fillChart asks for the bytes from and to the host over the time shown.
func (s *Site) fillChart(ctx context.Context, d *hostData) (err error) {
	d.Chart, err = s.series(ctx, fmt.Sprintf("related.ip : %q", d.IP), d.From, d.To)
	return err
}

// series asks for the bytes of what a filter selects.
func (s *Site) series(ctx context.Context, filter string, from, to time.Time) (*chart, error) {
	interval := intervalOf(to.Sub(from))
	res, err := s.aggregate(ctx, query.Question{Filter: filter, From: from, To: to, Measure: query.Bytes, Interval: interval.name})
	if err != nil {
		return nil, err
	}
	return chartOf(res, interval, "bytes"), nil
}

// interval is the length of a bucket.
type interval struct {
	name   string // in questions
	text   string
	length time.Duration
}

// intervalOf leaves at most some 400 bars.
func intervalOf(length time.Duration) interval {
	switch {
	case length <= 6*time.Hour:
		return interval{"1m", "minute", time.Minute}
	case length <= 30*time.Hour:
		return interval{"5m", "five minutes", 5 * time.Minute}
	case length <= 16*24*time.Hour:
		return interval{"1h", "hour", time.Hour}
	}
	return interval{"1d", "day", 24 * time.Hour}
}

// chartOf draws a series of one column in a unit, nil where there is nothing to draw.
func chartOf(res query.Result, every interval, unit string) *chart {
	most := 0.0
	for _, row := range res.Rows {
		if v, ok := number(row[len(row)-1]); ok {
			most = max(most, v)
		}
	}
	if most == 0 {
		return nil
	}
	c := &chart{What: unit, Interval: every.text, Most: amount(most, unit), Half: amount(most/2, unit), Rate: rateText(most, every, unit)}
	width, peak := chartWidth/float64(len(res.Rows)), ""
	for i, row := range res.Rows {
		v, _ := number(row[len(row)-1])
		at, height := cell(row[0]), v/most*chartHeight
		if v == most && peak == "" {
			peak = at
		}
		if v > 0 {
			c.Bars = append(c.Bars, bar{
				X: units(float64(i)*width + width*0.04), Y: units(chartHeight - height), Width: units(width * 0.92), Height: units(height),
				Title: fmt.Sprintf("%s: %s%s", at, amount(v, unit), rateText(v, every, unit)),
			})
		}
	}
	first, last := cell(res.Rows[0][0]), cell(res.Rows[len(res.Rows)-1][0])
	c.Times = timeMarks(first, last, every.length)
	c.Label = fmt.Sprintf("%s each %s from %s to %s, at most %s at %s", strings.ToUpper(unit[:1])+unit[1:], every.text, first, last, c.Most, peak)
	return c
}

// rateText shows the bytes of a bucket as a rate; of other units there is none.
func rateText(v float64, every interval, unit string) string {
	if unit != "bytes" || every.length <= 0 {
		return ""
	}
	return " (" + amount(v*8/every.length.Seconds(), "bit/s") + ")"
}

// seriesChart draws the answer to a question for one series, nil where the answer is another.
func seriesChart(res query.Result, q *query.Question) *chart {
	if q.Interval == "" || len(q.By) > 0 || len(res.Columns) != 2 || len(res.Rows) < 2 || res.Columns[1].Unit == "" {
		return nil
	}
	first, err := time.Parse(time.RFC3339, cell(res.Rows[0][0]))
	second, err2 := time.Parse(time.RFC3339, cell(res.Rows[1][0]))
	if err != nil || err2 != nil {
		return nil
	}
	return chartOf(res, interval{q.Interval, q.Interval, second.Sub(first)}, res.Columns[1].Unit)
}

// mark is a moment below the bars.
type mark struct{ X, Text string } // X in percent of the width

// mostMarks have room below a chart.
const mostMarks = 8

// timeMarks are round moments between the beginning of the first bucket and the end of the last.
func timeMarks(first, last string, bucket time.Duration) (marks []mark) {
	from, err := time.Parse(time.RFC3339, first)
	to, err2 := time.Parse(time.RFC3339, last)
	if err != nil || err2 != nil {
		return nil
	}
	to = to.Add(bucket)
	length, step := to.Sub(from), markSteps()[0]
	for _, s := range markSteps() {
		if step = s; length/step <= mostMarks {
			break
		}
	}
	layout := "15:04"
	switch {
	case step >= 24*time.Hour:
		layout = "Jan 2"
	case from.YearDay() != to.Add(-1).YearDay():
		layout = "Jan 2 15:04"
	}
	for at := from.Truncate(step); at.Before(to); at = at.Add(step) {
		x := 100 * float64(at.Sub(from)) / float64(length)
		if x >= 2 && x <= 96 { // beside the edges there is no room
			marks = append(marks, mark{X: units(x) + "%", Text: at.Format(layout)})
		}
	}
	return marks
}

// markSteps are what people count time in.
func markSteps() []time.Duration {
	return []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour,
		6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 56 * day,
	}
}

func units(v float64) string { return fmt.Sprintf("%.2f", v) }
