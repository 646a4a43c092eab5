package web

import (
	"context"
	"fmt"
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
	Interval    string
	First, Last string // beginnings of buckets
	Most        float64
	Bars        []bar
	Label       string // what is seen, for those who do not see it
}

// bar is a bucket.
type bar struct {
	X, Y, Width, Height string
	Title               string
}

// fillChart asks for the bytes from and to the host over the time shown.
func (s *Site) fillChart(ctx context.Context, d *hostData) error {
	interval := intervalOf(d.To.Sub(d.From))
	res, err := s.aggregate(ctx, query.Question{
		Filter: fmt.Sprintf("related.ip : %q", d.IP), From: d.From, To: d.To, Measure: query.Bytes, Interval: interval,
	})
	if err != nil {
		return err
	}
	d.Chart = chartOf(res, interval)
	return nil
}

// intervalOf leaves at most some 400 bars.
func intervalOf(length time.Duration) string {
	switch {
	case length <= 6*time.Hour:
		return "1m"
	case length <= 30*time.Hour:
		return "5m"
	case length <= 16*24*time.Hour:
		return "1h"
	}
	return "1d"
}

// chartOf draws a series of one column, nil where there is nothing to draw.
func chartOf(res query.Result, interval string) *chart {
	c := &chart{Interval: interval}
	for _, row := range res.Rows {
		if v, ok := number(row[len(row)-1]); ok {
			c.Most = max(c.Most, v)
		}
	}
	if c.Most == 0 {
		return nil
	}
	width, peak := chartWidth/float64(len(res.Rows)), ""
	for i, row := range res.Rows {
		v, _ := number(row[len(row)-1])
		at, height := cell(row[0]), v/c.Most*chartHeight
		if v == c.Most && peak == "" {
			peak = at
		}
		c.Bars = append(c.Bars, bar{
			X: units(float64(i) * width), Y: units(chartHeight - height), Width: units(width * 0.9), Height: units(height),
			Title: fmt.Sprintf("%s: %s", at, byteText(v)),
		})
	}
	c.First, c.Last = cell(res.Rows[0][0]), cell(res.Rows[len(res.Rows)-1][0])
	c.Label = fmt.Sprintf("Bytes each %s from %s to %s, at most %s at %s", interval, c.First, c.Last, byteText(c.Most), peak)
	return c
}

func units(v float64) string { return fmt.Sprintf("%.2f", v) }
