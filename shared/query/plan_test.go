package query_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func TestParseMeasure(t *testing.T) {
	for _, c := range []struct {
		text    string
		measure query.Measure
		field   string
		wrong   string
	}{
		{"bytes", query.Bytes, "", ""},
		{" Packets ", query.Packets, "", ""},
		{"distinct(source.ip)", query.Distinct, "source.ip", ""},
		{"distinct( source.ip )", query.Distinct, "source.ip", ""},
		{"distinct", "", "", "write distinct(FIELD)"},
		{"distinct()", "", "", "write distinct(FIELD)"},
		{"distinct(source.ip", "", "", "write distinct(FIELD)"},
		{"bytes(source.ip)", "", "", "takes no field"},
		{"byts", "", "", "did you mean bytes?"},
		{"", "", "", "no measure"},
	} {
		m, field, err := query.ParseMeasure(c.text)
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%q: %v, wanted %q", c.text, err, c.wrong)
		}
		if m != c.measure || field != c.field {
			t.Errorf("%q: %q of %q", c.text, m, field)
		}
	}
}

func TestPrepareFillsInDefaults(t *testing.T) {
	reg := flow.NewRegistry()
	total, err := query.Question{}.Prepare(reg)
	if err != nil || total.Measure != query.Bytes || total.Limit != 1 {
		t.Errorf("total: %+v, %v", total, err)
	}
	top, err := query.Question{By: []string{"source.ip"}, Measure: "distinct(destination.ip)"}.Prepare(reg)
	if err != nil || top.Limit != query.DefaultRows || top.Of.Name != "destination.ip" || top.Groups[0].Name != "source.ip" {
		t.Errorf("top: %+v, %v", top, err)
	}
	records, err := query.Question{}.PrepareRecords(reg)
	if err != nil || records.Limit != query.DefaultRecords {
		t.Errorf("records: %+v, %v", records, err)
	}
	if top.HasStart || top.HasStop {
		t.Errorf("a question without times is bounded: %+v", top)
	}
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	bounded, err := query.Question{From: time.Unix(0, 5), To: far}.Prepare(reg)
	if err != nil || bounded.Start != 5 || bounded.Stop != math.MaxInt64 {
		t.Errorf("bounds: %+v, %v", bounded, err)
	}
}

func TestPrepareErrors(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		q    query.Question
		part string
		text string
	}{
		{"filter with column", query.Question{Filter: "source.port : 1 and sorce.ip : 1.1.1.1"}, "filter", "column 21: no field sorce.ip; did you mean source.ip?"},
		{"measure", query.Question{Measure: "octets"}, "measure", "no measure octets"},
		{"a filter on sessions", query.Question{Filter: "client.ip : 10.0.0.1"}, "filter", "column 1: client.ip exists on sessions only: use --measure sessions"},
		{"a filter on neither", query.Question{Filter: "client.ip : 10.0.0.1 and source.mac : *"}, "filter", "column 1: client.ip exists on sessions only"},
		{"sessions by a field of records", query.Question{Measure: query.Sessions, By: []string{"source.mac"}}, "by", "source.mac exists on records only"},
		{"sessions by no field", query.Question{Measure: query.Sessions, By: []string{"clent.ip"}}, "by", "did you mean client.ip?"},
		{"sessions by objects", query.Question{Measure: query.Sessions, By: []string{"weir.elements"}}, "by", "records only"},
		{"sessions with a filter on records", query.Question{Measure: query.Sessions, Filter: "source.mac : *"}, "filter", "records only"},
		{"copies of sessions", query.Question{Measure: query.Sessions, AllCopies: true}, "all_copies", "no copies"},
		{"sessions set aside", query.Question{Measure: query.Sessions, Invalid: true}, "invalid", "set aside"},
		{"a field of sessions", query.Question{Measure: query.Sessions, Field: "client.ip"}, "field", "sessions takes no field"},
		{"distinct without a field", query.Question{Measure: query.Distinct}, "measure", "distinct(FIELD)"},
		{"distinct of no field", query.Question{Measure: query.Distinct, Field: "source.i"}, "measure", "did you mean source.ip?"},
		{"a field without distinct", query.Question{Field: "source.ip"}, "field", "bytes takes no field"},
		{"by no field", query.Question{By: []string{"port"}}, "by", "did you mean related.port?"},
		{"by a field twice", query.Question{By: []string{"source.ip", "source.ip"}}, "by", "there twice"},
		{"by a field of sessions", query.Question{By: []string{"client.ip"}}, "by", "client.ip exists on sessions only: use --measure sessions"},
		{"by objects", query.Question{By: []string{"weir.elements"}}, "by", "objects"},
		{"by too many", query.Question{By: make([]string, 9)}, "by", "at most 8"},
		{"limit", query.Question{Limit: query.MaxLimit + 1}, "limit", "100000"},
		{"negative limit", query.Question{Limit: -1}, "limit", "-1"},
		{"negative offset", query.Question{Offset: -1}, "offset", "-1"},
		{"from not before to", query.Question{From: noon, To: noon}, "from", "not before"},
	} {
		_, err := c.q.Prepare(flow.NewRegistry())
		var bad *query.Error
		if !errors.As(err, &bad) || bad.Part != c.part || !strings.Contains(bad.Text, c.text) {
			t.Errorf("%s: %v, wanted %s: %s", c.name, err, c.part, c.text)
		}
	}
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ text, want string }{
		{"now", "2026-03-02T12:00:00Z"},
		{"now-1h", "2026-03-02T11:00:00Z"},
		{"now-1d12h", "2026-03-01T00:00:00Z"},
		{"now+90s", "2026-03-02T12:01:30Z"},
		{"now-2w", "2026-02-16T12:00:00Z"},
		{"now-0s", "2026-03-02T12:00:00Z"},
		{"2026-03-02T08:15:00.123456789+01:00", "2026-03-02T07:15:00.123456789Z"},
		{"2026-03-02", "2026-03-02T00:00:00Z"},
		{"2026-03-02T08:15", "2026-03-02T08:15:00Z"},
		{"2026-03-02 08:15:30", "2026-03-02T08:15:30Z"},
		{"yesterday", ""}, {"", ""}, {"now-", ""}, {"now1h", ""}, {"now-1", ""}, {"now-1y", ""}, {"now-h", ""}, {"now-1h-2m", ""},
		{"now-99999999999999999999s", ""}, {"now-9999999999w", ""}, {"2026-02-30", ""},
	} {
		got, err := query.ParseTime(c.text, now)
		if c.want == "" {
			var bad *query.Error
			if !errors.As(err, &bad) {
				t.Errorf("%q: %v, %v, wanted an error", c.text, got, err)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%q: %v, %v, wanted %s", c.text, got, err, c.want)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"now-1h", "2026-03-02T08:15:00Z", "now+", "now-9999999999999w"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := query.ParseTime(text, time.Unix(0, 0)); err == nil && got.Location() != time.UTC {
			t.Errorf("%q is in %v", text, got.Location())
		}
	})
}
