package link_test

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

// now is a Wednesday.
var now = time.Date(2026, 3, 4, 10, 30, 15, 0, time.UTC)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ text, want, end string }{
		{"1772439300", "2026-03-02T08:15:00Z", ""},
		{"1772439300.25", "2026-03-02T08:15:00.25Z", ""},
		{"1772439300.123456789", "2026-03-02T08:15:00.123456789Z", ""},
		{"1772439300250", "2026-03-02T08:15:00.25Z", ""},
		{"0", "1970-01-01T00:00:00Z", ""},
		{"-1.5", "1969-12-31T23:59:58.5Z", ""},
		{"2026-03-02T08:15:00.250Z", "2026-03-02T08:15:00.25Z", ""},
		{"2026-03-02T09:15:00+01:00", "2026-03-02T08:15:00Z", ""},
		{"2026-03-02T09:15:00 01:00", "2026-03-02T08:15:00Z", ""},
		{"2026-03-02", "2026-03-02T00:00:00Z", ""},
		{"2026-03-02 08:15", "2026-03-02T08:15:00Z", ""},
		{"now", "2026-03-04T10:30:15Z", ""},
		{" now-1h ", "2026-03-04T09:30:15Z", ""},
		{"now-1d12h", "2026-03-02T22:30:15Z", ""},
		{"now/h", "2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z"},
		{"now/d", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"now-1d/d", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"},
		{"now/w", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"},
		{"now-3d/w", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z"},
		{"now/M", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"now/y", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"", "", ""}, {"yesterday", "", ""}, {"1e9", "", ""}, {"NaN", "", ""}, {"Inf", "", ""}, {"0x10", "", ""}, {"1.2.3", "", ""},
		{"99999999999999999999", "", ""}, {"now-1q", "", ""}, {"now/q", "", ""}, {"now+", "", ""}, {"1772439300.1e3", "", ""},
	} {
		if c.end == "" {
			c.end = c.want
		}
		for _, end := range []bool{false, true} {
			want := c.want
			if end {
				want = c.end
			}
			got, err := link.ParseTime(c.text, now, end)
			if (err != nil) != (want == "") || (want != "" && !got.Equal(at(want))) {
				t.Errorf("%q (end %v): %s, %v; wanted %s", c.text, end, got, err, want)
			}
		}
	}
}

func TestParseAlerts(t *testing.T) {
	for _, c := range []struct {
		name, query string
		want        query.AlertQuestion
		part        string // of the error
	}{
		{"nothing", "", query.AlertQuestion{}, ""},
		{"Splunk", "host=10.1.2.3&from=1772439300&to=1772439600.000", query.AlertQuestion{Host: "10.1.2.3", From: at("2026-03-02T08:15:00Z"), To: at("2026-03-02T08:20:00Z")}, ""},
		{"Grafana", "host=2001:db8::1&from=1772439300000&to=1772439600000", query.AlertQuestion{Host: "2001:db8::1", From: at("2026-03-02T08:15:00Z"), To: at("2026-03-02T08:20:00Z")}, ""},
		{"Kibana", "host=%5B2001%3Adb8%3A%3A1%5D&from=now-15m&to=now", query.AlertQuestion{Host: "2001:db8::1", From: at("2026-03-04T10:15:15Z"), To: now}, ""},
		{"today", "from=now%2Fd&to=now%2Fd", query.AlertQuestion{From: at("2026-03-04T00:00:00Z"), To: at("2026-03-05T00:00:00Z")}, ""},
		{"one moment", "from=1772439300&to=1772439300", query.AlertQuestion{From: at("2026-03-02T08:15:00Z"), To: at("2026-03-02T08:15:01Z")}, ""},
		{"limit, and what is the page's", "limit=10&view=table", query.AlertQuestion{Limit: 10}, ""},
		{"no address", "host=router", query.AlertQuestion{}, "host"},
		{"no time", "from=soon", query.AlertQuestion{}, "from"},
		{"no end", "to=1e9", query.AlertQuestion{}, "to"},
		{"backwards", "from=now&to=now-1h", query.AlertQuestion{}, "from"},
		{"no number", "limit=all", query.AlertQuestion{}, "limit"},
		{"a limit that is none", "limit=-1", query.AlertQuestion{}, "limit"},
	} {
		values, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := link.ParseAlerts(values, now)
		var bad *query.Error
		switch {
		case c.part != "":
			if !errors.As(err, &bad) || bad.Part != c.part {
				t.Errorf("%s: %v, wanted one about %s", c.name, err, c.part)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		default:
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	}
}

// TestAlertsComeBack: the address that is made is read as it was meant, and the pivot is the same address.
func TestAlertsComeBack(t *testing.T) {
	from, to := at("2026-03-02T08:15:00.25Z"), at("2026-03-02T08:20:00Z")
	set, err := pivot.New(pivot.Config{Collector: "https://weir.example.net", Disabled: pivot.Services()}, pivot.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"10.1.2.3", "2001:db8::1"} {
		ip := netip.MustParseAddr(host)
		for _, address := range []string{link.Alerts("https://weir.example.net/", ip, from, to), set.Of(pivot.OfAddress(ip, from, to))[1].URL} {
			u, err := url.Parse(address)
			if err != nil || u.Path != link.PathAlerts || !strings.HasPrefix(address, "https://weir.example.net/alerts?") {
				t.Fatal(address, err)
			}
			q, err := link.ParseAlerts(u.Query(), now)
			if diff := cmp.Diff(query.AlertQuestion{Host: host, From: from, To: to}, q); err != nil || diff != "" {
				t.Errorf("%s: %v\n%s", address, err, diff)
			}
		}
	}
}

// kept is a reader of alerts that are given.
type kept []flow.Alert

func (k kept) Alerts(_ context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	return query.SelectAlerts(k, q), nil
}

func TestReader(t *testing.T) {
	set, err := pivot.New(pivot.Config{Disabled: pivot.Services(), Custom: []pivot.Custom{
		{Name: "a", URL: "https://h/{ip}/{from:unix}"}, {Name: "b", URL: "https://h/{alert}"},
	}}, pivot.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	stored := kept{{ID: "a1", State: flow.AlertActive, Start: now, Last: now, Victims: []string{"10.1.2.3"}, Pivots: []flow.AlertPivot{}}}
	r := link.NewReader(set, stored)
	list, err := r.Alerts(t.Context(), query.AlertQuestion{Host: "10.1.2.3"})
	want := []flow.AlertPivot{{Title: "b", URL: "https://h/a1"}, {Title: "a: 10.1.2.3", URL: "https://h/10.1.2.3/1772620215"}}
	if err != nil || len(list) != 1 || !cmp.Equal(want, list[0].Pivots) {
		t.Errorf("%+v, %v", list, err)
	}
	if len(stored[0].Pivots) != 0 {
		t.Error("links got into what is stored")
	}
	if list, err := r.Alerts(t.Context(), query.AlertQuestion{Host: "10.1.2.4"}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := r.Alerts(t.Context(), query.AlertQuestion{Bare: true}); err != nil || len(list) != 1 || len(list[0].Pivots) > 0 {
		t.Errorf("bare: %+v, %v", list, err)
	}
	got, err := r.Pivots(t.Context(), query.PivotQuestion{Subject: "a1"})
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = r.Pivots(t.Context(), query.PivotQuestion{Subject: "192.0.2.9", From: now, To: now.Add(time.Hour)})
	if err != nil || !cmp.Equal([]flow.AlertPivot{{Title: "a: 192.0.2.9", URL: "https://h/192.0.2.9/1772620215"}}, got) {
		t.Errorf("%+v, %v", got, err)
	}
	for part, q := range map[string]query.PivotQuestion{"subject": {Subject: "a2"}, "from": {Subject: "10.1.2.3", From: now, To: now}} {
		_, err := r.Pivots(t.Context(), q)
		var bad *query.Error
		if !errors.As(err, &bad) || bad.Part != part {
			t.Errorf("%+v: %v", q, err)
		}
	}
}
