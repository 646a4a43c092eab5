package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

// queryData is what the page for questions shows.
type queryData struct {
	Filter, By, Measure, Interval, From, To, Limit string // as given
	Start, Stop                                    string // what From and To mean, "" no bound or not known
	Measures                                       []string
	Fields                                         []fieldHint
	Problem                                        string // of the question, beside the form that can mend it
	At                                             *place // in the filter; nil: the problem is elsewhere
	Shares                                         bool   // whether rows have them
	Asked                                          bool
	Chart                                          *chart // of one series
	Columns                                        []query.Column
	Rows                                           [][]tableCell
	Exactness                                      query.Exactness
	Loss                                           query.Loss
	Truncated                                      bool
}

// place is where a filter is wrong.
type place struct {
	Column        int    // from 1, in characters
	Filter, Caret string // the filter, and what points at the column from below
}

// placeOf finds where a filter is wrong, nil if it is not.
func (s *Site) placeOf(text string) *place {
	var wrong *filter.Error
	if _, err := filter.Parse(text, s.reg); !errors.As(err, &wrong) {
		return nil
	}
	return &place{Column: wrong.Column, Filter: strings.ReplaceAll(text, "\t", " "), Caret: strings.Repeat(" ", max(0, wrong.Column-1)) + "^"}
}

// fieldHint completes the name of a field.
type fieldHint struct{ Name, Doc string }

// tableCell is a value of an answer.
type tableCell struct {
	named
	Number bool
	Short  string // a large number in a larger unit; "": it is short enough
	Share  string // of the largest value of its column, in percent; "": not shown
}

// query shows a form and, where it is filled in, the answer.
func (s *Site) query(r *http.Request) (view, error) {
	values := r.URL.Query()
	d := &queryData{
		Filter: values.Get("filter"), By: values.Get("by"), Measure: values.Get("measure"), Interval: values.Get("interval"),
		From: values.Get("from"), To: values.Get("to"), Limit: values.Get("limit"), Asked: len(values) > 0,
		Measures: []string{"bytes", "packets", "flows", "bps", "pps", "sessions"},
	}
	for _, f := range s.reg.Fields() {
		d.Fields = append(d.Fields, fieldHint{Name: f.Name, Doc: f.Doc})
	}
	v := view{file: "query.html", title: "Query", section: "query", data: d}
	if !d.Asked {
		d.From, d.By = "now-1h", "source.ip"
		d.Start = iso(s.deps.Now().Add(-time.Hour))
		return v, nil
	}
	if err := s.answer(r, values, d); err != nil {
		d.Problem, d.At, v.status = sentence(err), s.placeOf(d.Filter), statusOf(err)
	}
	return v, nil
}

// answer asks what the form says.
func (s *Site) answer(r *http.Request, values url.Values, d *queryData) error {
	q, err := parseQuestion(values, s.deps.Now())
	if err != nil {
		return err
	}
	bounds := span(q.From, q.To)
	d.Start, d.Stop = bounds.Get("from"), bounds.Get("to")
	res, err := s.aggregate(r.Context(), q)
	if err != nil {
		return err
	}
	d.Chart = seriesChart(res, &q)
	d.Columns, d.Exactness, d.Loss, d.Truncated = res.Columns, res.Exactness, res.Loss, res.Truncated
	for _, row := range res.Rows {
		d.Rows = append(d.Rows, cells(row, res.Columns, q))
	}
	if d.Shares = q.Interval == "" && len(q.By) > 0 && len(d.Rows) > 1; d.Shares {
		addShares(d.Rows, res.Rows, len(q.By))
	}
	return nil
}

// addShares sets how large the values of a column are beside the largest one, but for what all others have together.
func addShares(rows [][]tableCell, values [][]any, column int) {
	most := 0.0
	for _, row := range values {
		if v, ok := number(row[column]); ok && row[0] != query.Other {
			most = max(most, v)
		}
	}
	for i, row := range values {
		if v, ok := number(row[column]); ok && row[0] != query.Other && most > 0 {
			rows[i][column].Share = share(v, most)
		}
	}
}

// share is a part in percent of a whole, as the width of a bar.
func share(part, whole float64) string {
	if whole <= 0 {
		return "0"
	}
	return strconv.FormatFloat(100*part/whole, 'f', 1, 64)
}

func cells(row []any, columns []query.Column, q query.Question) []tableCell {
	out := make([]tableCell, len(row))
	for i, v := range row {
		out[i] = tableCell{named: named{Text: cell(v)}}
		if f, ok := number(v); ok {
			out[i].Number = true
			if i < len(columns) {
				out[i].Short = shortOf(f, &columns[i])
			}
		} else if i < len(columns) && columns[i].Type == "ip" {
			out[i].named = hostName(out[i].Text, q.From, q.To)
		}
	}
	return out
}

// shortOf shows a large amount in a larger unit; numbers that name something, such as ports, stay as they are.
func shortOf(v float64, c *query.Column) string {
	if v < 10_000 || c.Unit == "" {
		return ""
	}
	return amount(v, c.Unit)
}

// parseQuestion makes a question of the parameters of an address. Errors are *[query.Error].
func parseQuestion(values url.Values, now time.Time) (q query.Question, err error) {
	bounds, err := link.ParseAlerts(url.Values{"from": values["from"], "to": values["to"]}, now)
	if err != nil {
		return q, err
	}
	q.From, q.To = bounds.From, bounds.To
	q.Filter, q.Interval = values.Get("filter"), strings.TrimSpace(values.Get("interval"))
	for by := range strings.SplitSeq(values.Get("by"), ",") {
		if by = strings.TrimSpace(by); by != "" {
			q.By = append(q.By, by)
		}
	}
	if text := strings.TrimSpace(values.Get("measure")); text != "" {
		if q.Measure, q.Field, err = query.ParseMeasure(text); err != nil {
			return q, err
		}
	}
	if text := strings.TrimSpace(values.Get("limit")); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil {
			return q, &query.Error{Part: "limit", Text: fmt.Sprintf("%.100q is not a number", text)}
		}
	}
	return q, nil
}
