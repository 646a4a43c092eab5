package model

import (
	"cmp"
	"strings"

	"github.com/weirflow/weir/shared/query"
)

// Aggregate returns the question of a series or a top list. Errors are *[query.Error].
func (q *Query) Aggregate(w Window) (query.Question, error) {
	measure := q.Measure
	if measure == "" && q.QueryType == Series {
		measure = string(query.BPS)
	}
	m, field, err := query.ParseMeasure(cmp.Or(measure, string(query.Bytes)))
	if err != nil {
		return query.Question{}, err
	}
	out, err := q.selected(w, m == query.Sessions)
	if err != nil {
		return query.Question{}, err
	}
	out.By, out.Measure, out.Field = nonEmpty(q.By), m, field
	for _, more := range nonEmpty(q.More) {
		out.More = append(out.More, query.Measure(strings.ToLower(more)))
	}
	out.Zone, out.Fill, out.Compare, out.Percentile, out.Spread = q.Zone, query.Fill(q.Fill), q.Compare, q.Percentile, q.Spread
	if q.Both {
		out.Direction = query.DirectionBoth
	}
	if q.QueryType == Series || q.Percentile > 0 {
		out.Interval, err = w.interval(q.Interval, q.MinInterval)
	}
	return out, err
}

// selected returns a question with what selects records or sessions.
func (q *Query) selected(w Window, sessions bool) (query.Question, error) {
	text, err := q.Merged(sessions)
	return query.Question{Filter: text, From: w.From, To: w.To, Limit: q.Limit, AllCopies: q.AllCopies, Invalid: q.Invalid}, err
}

// Rows returns the question for records or sessions. Errors are *[query.Error].
func (q *Query) Rows(w Window) (query.Question, error) {
	out, err := q.selected(w, q.QueryType == Sessions)
	out.Offset = q.Offset
	return out, err
}

// Graph returns the question who talks to whom. Errors are *[query.Error].
func (q *Query) Graph(w Window) (query.GraphQuestion, error) {
	text, err := q.Merged(false)
	by := ""
	if list := nonEmpty(q.By); len(list) > 0 {
		by = list[0]
	}
	return query.GraphQuestion{Filter: text, From: w.From, To: w.To, By: by, Measure: query.Measure(q.Measure), Limit: q.Limit, AllCopies: q.AllCopies}, err
}

// AlertQuestion returns the question for alerts; what it cannot say, [Query.SelectsAlert] does.
func (q *Query) AlertQuestion(w Window) query.AlertQuestion {
	return query.AlertQuestion{From: w.From, To: w.To, Host: strings.TrimSpace(q.Host), Bare: q.Format != Table && q.Format != Logs}
}

// AlertInterval returns the length of the buckets that alerts are counted in over time. Errors are *[query.Error].
func (q *Query) AlertInterval(w Window) (string, error) { return w.interval(q.Interval, q.MinInterval) }

// InterfaceQuestion returns the question for interfaces. Errors are *[query.Error].
func (q *Query) InterfaceQuestion(w Window) (query.InterfaceQuestion, error) {
	out := query.InterfaceQuestion{From: w.From, To: w.To, Exporter: strings.TrimSpace(q.Exporter), Kind: q.Kind, Name: q.Name, Limit: q.Limit}
	if q.Format != Points {
		return out, nil
	}
	out.Points = true
	text, err := w.interval(q.Interval, q.MinInterval)
	if err != nil {
		return out, err
	}
	// Minutes are what interfaces are measured by.
	minutes := (widthOf(text).Milliseconds() + 59_999) / 60_000
	out.Interval = 60 * int(min(minutes, 7*24*60))
	return out, nil
}

// nonEmpty leaves out what an editor's empty row leaves behind.
func nonEmpty(list []string) (out []string) {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
