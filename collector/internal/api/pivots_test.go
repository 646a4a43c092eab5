package api_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// linked is an API over alerts with links.
func linked(t *testing.T, alerts ...flow.Alert) string {
	t.Helper()
	set, err := pivot.New(pivot.Config{Disabled: pivot.Services(), Custom: []pivot.Custom{
		{Name: "host", URL: "https://h/{ip}"}, {Name: "alert", URL: "https://h/{alert}"},
	}}, pivot.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	ref := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()), alerts...)
	r := link.NewReader(set, ref)
	deps := over(ref)
	deps.Alerts, deps.Pivots, deps.Now = r, r, func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	return serve(t, api.DefaultConfig(), deps).URL
}

func alertOf(id, victim string, start time.Time) flow.Alert {
	return flow.Alert{ID: id, State: flow.AlertEnded, Start: start, Last: start, End: &start, Actors: []string{}, Victims: []string{victim}}
}

func TestPivots(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)
	c := client(t, query.ClientConfig{URL: linked(t, alertOf("a1", "10.1.2.3", start))})
	want := []flow.AlertPivot{{Title: "alert", URL: "https://h/a1"}, {Title: "host: 10.1.2.3", URL: "https://h/10.1.2.3"}}
	got, err := c.Pivots(t.Context(), query.PivotQuestion{Subject: "a1"})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	list, err := c.Alerts(t.Context(), query.AlertQuestion{})
	if err != nil || len(list) != 1 || !cmp.Equal(want, list[0].Pivots) {
		t.Errorf("%v %v", list, err)
	}
	_, err = c.Pivots(t.Context(), query.PivotQuestion{Subject: "a2"})
	var bad *query.Error
	if !errors.As(err, &bad) || bad.Part != "subject" {
		t.Error(err)
	}
	bare := client(t, query.ClientConfig{URL: serve(t, api.DefaultConfig(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))).URL})
	if _, err := bare.Pivots(t.Context(), query.PivotQuestion{Subject: "10.1.2.3"}); err == nil || !strings.Contains(err.Error(), "no such path") {
		t.Error(err)
	}
}

// TestLinkedAlerts: other tools link to the alerts on a host with the times that they have.
func TestLinkedAlerts(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)
	url := linked(t, alertOf("a1", "10.1.2.3", start), alertOf("a2", "10.1.2.4", start), alertOf("a3", "10.1.2.3", start.Add(-2*time.Hour)))
	for _, c := range []struct {
		query  string
		status int
		want   string // ids, or what the error says
	}{
		{"", 200, "a3 a1 a2"},
		{"?host=10.1.2.3", 200, "a3 a1"},
		{"?host=10.1.2.3&from=now-1h&to=now", 200, "a1"},
		{"?host=10.1.2.3&from=1772439300&to=1772440500", 200, "a1"},
		{"?host=10.1.2.3&from=1772439300000&to=1772440500000", 200, "a1"},
		{"?host=10.1.2.3&from=2026-03-02T08:15:00.000Z&to=2026-03-02T08:35:00.000Z", 200, "a1"},
		{"?limit=1", 200, "a3"},
		{"?host=x", 400, `"part":"host"`},
		{"?from=x", 400, `"part":"from"`},
		{"?hosst=x", 400, `takes no such parameter: it takes host, from, to, limit`},
	} {
		for _, path := range []string{link.PathAlerts, query.PathAlerts} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path+c.query, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil || res.StatusCode != c.status || !says(string(body), c.want, c.status) {
				t.Errorf("%s: %d %s %v", path+c.query, res.StatusCode, body, err)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func says(body, want string, status int) bool {
	if status != http.StatusOK {
		return strings.Contains(body, want)
	}
	var ids []string
	for _, part := range strings.Split(body, `{"id":"`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		ids = append(ids, id)
	}
	return strings.Join(ids, " ") == want
}

// TestConfiguredPivots: the templates, built in and configured, are listed.
func TestConfiguredPivots(t *testing.T) {
	cfg := config.Default()
	cfg.Pivots.Custom = []pivot.Custom{{Name: "case", URL: "https://soc.example.net/{alert}"}}
	deps := over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	deps.Settings = changeable(t, cfg)
	status, body := ask(t, serve(t, api.DefaultConfig(), deps), http.MethodGet, query.PathConfig+"pivots", "", "")
	for _, want := range []string{
		`{"name":"abuseipdb","title":"AbuseIPDB","url":"https://www.abuseipdb.com/check/{ip}","applies_to":["address"],"addresses":"public","source":"built-in"`,
		`{"name":"case","title":"case","url":"https://soc.example.net/{alert}","applies_to":["alert"],"addresses":"all","source":"file","version":0,"set_aside":false}]`,
	} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d: no %s in\n%s", status, want, body)
		}
	}
}
