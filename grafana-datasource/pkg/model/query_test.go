package model_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

var (
	from = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	hour = model.Window{From: from, To: from.Add(time.Hour), Interval: 10 * time.Second, MaxPoints: 500}
)

func parse(t *testing.T, text string) model.Query {
	t.Helper()
	q, err := model.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

func TestQuestions(t *testing.T) {
	span := query.Question{From: hour.From, To: hour.To}
	with := func(change func(*query.Question)) query.Question {
		q := span
		change(&q)
		return q
	}
	for _, c := range []struct {
		name, text string
		want       query.Question
	}{
		{"nothing at all", `{}`, with(func(q *query.Question) { q.Measure, q.Interval = query.BPS, "10s" })},
		{"what links from elsewhere hold", `{"filter":"related.ip : 10.1.2.3"}`, with(func(q *query.Question) { q.Filter, q.Measure, q.Interval = "related.ip : 10.1.2.3", query.BPS, "10s" })},
		{"a top list", `{"queryType":"top","by":["source.ip",""," destination.port "],"limit":5}`, with(func(q *query.Question) {
			q.By, q.Measure, q.Limit = []string{"source.ip", "destination.port"}, query.Bytes, 5
		})},
		{"distinct", `{"queryType":"top","measure":"distinct(source.ip)"}`, with(func(q *query.Question) { q.Measure, q.Field = query.Distinct, "source.ip" })},
		{"all that there is", `{"measure":"bytes","more":["Packets"],"interval":"1d","zone":"Europe/Berlin","fill":"null","compare":"1w","both":true,"spread":true,"allCopies":true,"invalid":true}`, with(func(q *query.Question) {
			q.Measure, q.More, q.Interval, q.Zone, q.Fill, q.Compare = query.Bytes, []query.Measure{query.Packets}, "1d", "Europe/Berlin", query.FillNull, "1w"
			q.Direction, q.Spread, q.AllCopies, q.Invalid = query.DirectionBoth, true, true, true
		})},
		{"a percentile", `{"queryType":"top","measure":"bps","percentile":95,"interval":"5m"}`, with(func(q *query.Question) { q.Measure, q.Percentile, q.Interval = query.BPS, 95, "5m" })},
		{"a filter on sessions with an ad-hoc filter", `{"queryType":"top","measure":"sessions","filter":"client.ip : 10.1.2.3","adhoc":[{"key":"server.port","operator":">","value":"1024"}]}`, with(func(q *query.Question) {
			q.Measure, q.Filter = query.Sessions, "client.ip : 10.1.2.3 and server.port > 1024"
		})},
	} {
		q := parse(t, c.text)
		got, err := q.Aggregate(hour)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

// TestIntervals: a series has no more points than the panel is wide, and none shorter than asked for.
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		name, text string
		window     model.Window
		want       string
	}{
		{"the panel's", `{}`, hour, "10s"},
		{"raised to the next step", `{}`, model.Window{From: from, To: from.Add(time.Hour), Interval: 11 * time.Second}, "15s"},
		{"for want of points", `{}`, model.Window{From: from, To: from.Add(24 * time.Hour), Interval: time.Second, MaxPoints: 100}, "15m"},
		{"never below a second", `{}`, model.Window{From: from, To: from.Add(time.Minute), Interval: time.Millisecond, MaxPoints: 10000}, "1s"},
		{"the least", `{"minInterval":"1m"}`, hour, "1m"},
		{"as written", `{"interval":"7m"}`, hour, "7m"},
		{"auto", `{"interval":"auto"}`, hour, "10s"},
		{"years", `{}`, model.Window{From: from.AddDate(-5, 0, 0), To: from, MaxPoints: 3}, "52w"},
		{"the panel's, by a macro", `{"interval":"$__interval"}`, hour, "10s"},
	} {
		q := parse(t, c.text)
		if err := q.Expand(c.window); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		got, err := q.Aggregate(c.window)
		if err != nil || got.Interval != c.want {
			t.Errorf("%s: %s, %v; wanted %s", c.name, got.Interval, err, c.want)
		}
	}
	q := parse(t, `{"queryType":"interfaces","format":"points"}`)
	if got, err := q.InterfaceQuestion(hour); err != nil || got.Interval != 60 || !got.Points {
		t.Errorf("interfaces: %+v, %v", got, err)
	}
}

func TestMacros(t *testing.T) {
	for text, want := range map[string]string{
		"$__interval ${__interval}": "10s 10s",
		"$__interval_ms":            "10000",
		"$__rate_interval":          "10s",
		"$__timeFilter":             `(@timestamp >= "2026-03-02T08:00:00.000Z" and @timestamp < "2026-03-02T09:00:00.000Z")`,
		"$__timeFilter( event.start ) and source.port : 53":   `(event.start >= "2026-03-02T08:00:00.000Z" and event.start < "2026-03-02T09:00:00.000Z") and source.port : 53`,
		"event.end > $__timeFrom() and event.end < $__timeTo": `event.end > "2026-03-02T08:00:00.000Z" and event.end < "2026-03-02T09:00:00.000Z"`,
		"$__timeFilters $__timeGroup(event.start, 1m)":        "$__timeFilters $__timeGroup(event.start, 1m)",
		"$__from $__to": "1772438400000 1772442000000",
		"${__from}":     "1772438400000",
		"${__from:date:iso} ${__to:date:seconds}": "2026-03-02T08:00:00.000Z 1772442000",
		"${__to:date}":                                    "2026-03-02T09:00:00.000Z",
		"$__range $__range_s $__range_ms":                 "3600s 3600 3600000",
		"$__fromage ${__from:text} $from ${host} $__user": "$__fromage ${__from:text} $from ${host} $__user",
	} {
		q := model.Query{Filter: text}
		if err := q.Expand(hour); err != nil || q.Filter != want {
			t.Errorf("%s: %s, %v; wanted %s", text, q.Filter, err, want)
		}
		if got := model.ParseFilter(q.Filter, false); strings.Contains(want, "event.") && !strings.Contains(want, "$") && !got.OK {
			t.Errorf("%s is no filter: %+v", want, got.Error)
		}
	}
}

func TestAdhoc(t *testing.T) {
	for _, c := range []struct {
		name, filter string
		adhoc        model.AdhocFilter
		want         string
	}{
		{"alone", "", model.AdhocFilter{Key: "source.ip", Operator: "=", Value: "10.0.0.1"}, "source.ip : 10.0.0.1"},
		{"with an or", "source.port : 1 or source.port : 2", model.AdhocFilter{Key: "source.ip", Operator: "!=", Value: "2001:db8::1"}, `(source.port : 1 or source.port : 2) and not source.ip : "2001:db8::1"`},
		{"a number", "", model.AdhocFilter{Key: "network.bytes", Operator: ">=", Value: "1000"}, "network.bytes >= 1000"},
		{"one of", "", model.AdhocFilter{Key: "destination.port", Operator: "=|", Values: []string{"22", "3389"}}, "destination.port : (22 or 3389)"},
		{"none of", "", model.AdhocFilter{Key: "destination.port", Operator: "!=|", Values: []string{"22", "3389"}}, "not destination.port : (22 or 3389)"},
		{"a pattern", "", model.AdhocFilter{Key: "network.application", Operator: "=~", Value: "^ms .*$"}, `network.application : ms\u0020*`},
		{"a pattern that is an operator", "", model.AdhocFilter{Key: "network.application", Operator: "!~", Value: "NOT"}, `not network.application : "NOT"`},
		{"without the field", "", model.AdhocFilter{Key: "network.application", Operator: "=", Value: "(none)"}, "not network.application : *"},
		{"with or without", "", model.AdhocFilter{Key: "network.application", Operator: "=|", Values: []string{"x", ""}}, "network.application : x or not network.application : *"},
		{"there", "", model.AdhocFilter{Key: "network.application", Operator: "exists"}, "network.application : *"},
		{"hostile", "source.port : 1", model.AdhocFilter{Key: "network.application", Operator: "=", Value: `x" or source.port : * or network.application : "\`}, `source.port : 1 and network.application : "x\" or source.port : * or network.application : \"\\"`},
	} {
		q := model.Query{Filter: c.filter, Adhoc: []model.AdhocFilter{c.adhoc}}
		if got, err := q.Merged(false); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; wanted %s", c.name, got, err, c.want)
		}
	}
	q := model.Query{Filter: "a new field : 1"}
	if got, err := q.Merged(false); err != nil || got != q.Filter {
		t.Errorf("a filter alone is the collector's to judge: %s, %v", got, err)
	}
}

func TestSelectsAlert(t *testing.T) {
	a := flow.Alert{Detector: "dos.reflection.ntp", Severity: 64, State: flow.AlertEnded}
	for _, c := range []struct {
		text string
		want bool
	}{
		{`{}`, true}, {`{"minSeverity":64}`, true}, {`{"minSeverity":65}`, false}, {`{"states":["Ended"]}`, true}, {`{"states":["active",""]}`, false},
		{`{"detectors":["dos.*"]}`, true}, {`{"detectors":["dos"]}`, false}, {`{"detectors":["scan.*","dos.reflection.ntp"]}`, true}, {`{"detectors":["*.ntp"]}`, true},
	} {
		if q := parse(t, c.text); q.SelectsAlert(&a) != c.want {
			t.Errorf("%s: %v", c.text, !c.want)
		}
	}
}

// FuzzQuery: no query makes more than an answer or an error about the query.
func FuzzQuery(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"queryType":"top","by":["source.ip"],"measure":"distinct(destination.ip)","limit":-1}`, `{"filter":"$__from ${__to:date:iso}","interval":"$__interval"}`,
		`{"adhoc":[{"key":"network.application","operator":"=~","value":".*\\\"x"}],"filter":"a or"}`, `{"queryType":"interfaces","format":"points","interval":"52w"}`,
		`{"queryType":"alerts","detectors":["**","*"],"minSeverity":1e3}`, `{"queryType":"graph","by":[""],"measure":"flows"}`, `[]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		q, err := model.Parse(text)
		if err == nil {
			err = q.Expand(hour)
		}
		if err == nil {
			_, err = q.Aggregate(hour)
		}
		var bad *query.Error
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("%T: %v", err, err)
		}
		_, _ = q.Rows(hour)
		_, _ = q.Graph(hour)
		_, _ = q.InterfaceQuestion(hour)
		q.SelectsAlert(&flow.Alert{Detector: "dos.x"})
		if merged, err := q.Merged(false); err == nil && len(q.Adhoc) > 0 {
			if again := model.ParseFilter(merged, false); !again.OK || strings.TrimSpace(again.Canonical) != merged {
				t.Fatalf("%q is read as %q, %v", merged, again.Canonical, again.Error)
			}
		}
	})
}
