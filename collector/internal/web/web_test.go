package web_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/web"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

var update = flag.Bool("update", false, "write the golden pages anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hostile is what a packet may hold.
const hostile = `"><script>alert(1)</script>`

var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// record adds a TCP record that ends so many seconds after nine.
func record(b *flow.Batch, from, to string, second int, bytes uint64) {
	end := now.Add(-30 * time.Minute).Add(time.Duration(second) * time.Second)
	r := b.Grow()
	r.Present = flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes | flow.HasPackets | flow.HasStart | flow.HasEnd
	r.ID = flow.EventID{Record: uint32(len(b.Records))}
	r.Source.IP, r.Destination.IP = flow.AddrFromNetip(netip.MustParseAddr(from)), flow.AddrFromNetip(netip.MustParseAddr(to))
	r.Source.Port, r.Destination.Port, r.IPProtocol = 40000, 443, 6
	r.Bytes, r.Source.Bytes, r.Packets, r.Source.Packets, r.RawBytes, r.RawPackets, r.SamplingInterval = bytes, bytes, 1, 1, bytes, 1, 1
	r.Start, r.End = end.Add(-time.Second).UnixNano(), end.UnixNano()
	r.Application = b.Symbols.Intern(hostile)
}

func alerts() []flow.Alert {
	start := now.Add(-29 * time.Minute)
	end := start.Add(3 * time.Minute)
	return []flow.Alert{
		{ID: "a1", Detector: "scan.vertical", Title: "Port scan of 192.0.2.9", Severity: 55, State: flow.AlertEnded, Start: start, Last: end, End: &end, Actors: []string{"10.1.2.3"}, ActorsTotal: 1, Victims: []string{"192.0.2.9"}, VictimsTotal: 1,
			Measured: flow.Measure{Name: "ports", Value: 1500, Unit: "ports"}, Threshold: 20, Techniques: []flow.Technique{{ID: "T1046", Name: "Network Service Discovery"}}, Service: &flow.Service{Transport: "tcp", Port: 443},
			Evidence: flow.Evidence{Filter: "source.ip : 10.1.2.3", From: start, To: end}},
		{ID: "a2", Detector: "custom", Title: hostile, Severity: 90, SeverityLabel: hostile, State: flow.AlertActive, Start: start.Add(time.Minute), Last: end, Actors: []string{"2001:db8::1", "10.0.0.0/8", hostile, "10.9.9.9"}, ActorsTotal: 70, Victims: []string{"10.1.2.3"}, VictimsTotal: 1},
		{ID: "a3", Title: "not shown", State: flow.AlertPending, Start: start, Last: end},
		{ID: "a4", Title: "of last week", Severity: 10, State: flow.AlertEnded, Start: start.AddDate(0, 0, -7), Last: start.AddDate(0, 0, -7), Victims: []string{"10.1.2.3"}, VictimsTotal: 1},
	}
}

// sessions are two of 10.1.2.3, one of them of another hour.
func sessions(symbols *flow.Symbols) *flow.SessionBatch {
	at := now.Add(-28 * time.Minute)
	one := flow.Session{
		Start: at.UnixNano(), End: at.Add(1500 * time.Millisecond).UnixNano(), Transport: 6, Service: symbols.Intern(hostile), Open: true,
		Client: flow.SessionSide{IP: flow.AddrFromNetip(netip.MustParseAddr("10.1.2.3")), Port: 40000, Bytes: 6000},
		Server: flow.SessionSide{IP: flow.AddrFromNetip(netip.MustParseAddr("192.0.2.9")), Port: 443, Bytes: 700},
	}
	other := one
	other.ID.Lo, other.Start, other.End = 1, at.Add(-3*time.Hour).UnixNano(), at.Add(-3*time.Hour).UnixNano()
	return &flow.SessionBatch{Sessions: []flow.Session{one, other}, Symbols: symbols}
}

// exporters is a reader of what it holds.
type exporters []query.Exporter

func (e exporters) Exporters(context.Context) ([]query.Exporter, error) { return e, nil }

// links is a reader of links that lead nowhere good, too.
type links struct{}

func (links) Pivots(context.Context, query.PivotQuestion) ([]flow.AlertPivot, error) {
	return []flow.AlertPivot{{Title: hostile, URL: "https://other.example/?q=10.1.2.3"}, {Title: "bad", URL: "javascript:alert(1)"}}, nil
}

func deps() web.Deps {
	b := flow.NewBatch(8, flow.NewSymbols())
	record(b, "10.1.2.3", "192.0.2.9", 30, 1000)
	record(b, "10.1.2.3", "192.0.2.9", 130, 5000)
	record(b, "192.0.2.9", "10.1.2.3", 140, 700)
	record(b, "10.1.2.3", "2001:db8::7", 200, 20)
	record(b, "10.9.9.9", "192.0.2.9", 200, 1<<40)
	ref := conformance.NewReference(b, alerts()...).WithSessions(sessions(b.Symbols))
	seen := now.Add(-time.Second)
	fault := health.Fault{Kind: "silent", Level: "critical", Since: now.Add(-time.Hour), Text: hostile}
	return web.Deps{
		Engine: ref, Sessions: ref, Alerts: ref, Pivots: links{}, Now: func() time.Time { return now },
		Exporters: exporters{
			{IP: "192.0.2.1", Protocol: "ipfix", LastSeen: &seen, Records: 1234567, Stored: 1234000, Gaps: 3, Dropped: map[string]uint64{"queue": 2, "memory": 5}, CannotSee: []string{hostile},
				Health: &health.Stream{RecordsPerSecond: 12.34, Faults: []health.Fault{fault}}},
			{IP: "192.0.2.2", Protocol: "netflow9", Domain: 7, Health: &health.Stream{}},
			{IP: "192.0.2.3", Source: "10.0.0.9", Port: 5000, Protocol: "sflow5"},
		},
	}
}

// serve serves the site as the daemon does: by the API.
func serve(t *testing.T, d web.Deps) string {
	t.Helper()
	site, err := web.New(d)
	if err != nil {
		t.Fatal(err)
	}
	h, err := api.New(api.DefaultConfig(), api.Deps{Engine: d.Engine, Alerts: d.Alerts, Exporters: d.Exporters, Now: d.Now, Pages: site.Pages(), PageError: site.Fail, Extra: site.Files()})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return s.URL
}

// browse gets a page as a browser does.
func browse(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// views are the pages by the names of their golden files.
var views = []struct {
	name, path string
	status     int
}{
	{"overview", "/", 200},
	{"alerts", "/alerts?host=192.0.2.9&from=2026-03-02T09:00:00Z&to=2026-03-02T10:00:00Z", 200},
	{"none", "/alerts?host=192.0.2.77&from=&to=", 200},
	{"host", "/host/10.1.2.3?from=2026-03-02T09:00:00Z&to=2026-03-02T09:05:00Z", 200},
	{"moment", "/host/2001:db8::7?at=2026-03-02T09:03:20Z", 200},
	{"alert", "/alert/a1", 200},
	{"alert-hostile", "/alert/a2", 200},
	{"no-alert", "/alert/%3Cscript%3E", 404},
	{"exporters", "/exporters", 200},
	{"question", "/query?filter=source.ip+:+10.0.0.0/8&by=source.ip,network.application&measure=bytes&from=2026-03-02T09:00:00Z&to=now", 200},
	{"series", "/query?by=source.ip&measure=flows&interval=1m&limit=1&from=2026-03-02T09:00:00Z&to=2026-03-02T09:04:00Z", 200},
	{"series-one", "/query?measure=bytes&interval=1m&from=2026-03-02T09:00:00Z&to=2026-03-02T09:04:00Z", 200},
	{"question-wrong", "/query?filter=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", 400},
	{"no-page", "/%3Cscript%3E", 404},
	{"no-host", "/host?ip=", 400},
	{"no-address", "/host/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", 400},
}

// TestPages: each page is as its golden file, and holds nothing of what it shows as markup.
func TestPages(t *testing.T) {
	base := serve(t, deps())
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			res, body := browse(t, base+v.path)
			if res.StatusCode != v.status || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%d, %s", res.StatusCode, res.Header.Get("Content-Type"))
			}
			checkSafe(t, res.Header, body)
			golden(t, v.name, body)
		})
	}
}

// checkSafe holds a page to its policy: no script and no style in it, nothing from elsewhere, and what is hostile is text.
func checkSafe(t *testing.T, h http.Header, body string) {
	t.Helper()
	csp := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("the policy %q lacks %s", csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", h)
	}
	for _, bad := range []string{"<script>", "alert(1)</script>", " style=", "<style", " onclick", "javascript:", `src="http`, `rel="stylesheet" href="http`} {
		if strings.Contains(body, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("not as %s, -update writes it anew (-want +got):\n%s", path, diff)
	}
}

// TestWhatPagesSay: numbers by hand.
func TestWhatPagesSay(t *testing.T) {
	base := serve(t, deps())
	for path, says := range map[string][]string{
		"/":                      {"critical 90", "medium 55", "Port scan of 192.0.2.9", "2026-03-02 09:02:00", "and 67 more", "./host/2001:db8::1?from=2026-03-02T08%3A57%3A00Z&amp;to=2026-03-02T09%3A09%3A00Z", "!of last week", "!not shown"},
		"/alerts":                {"of last week", "Port scan"},
		"/alerts?host=192.0.2.9": {"Port scan", "!critical 90"},
		"/alerts?host=router":    {"host: &#34;router&#34; is not an address"},
		"/alerts?from=soon":      {"from: "},
		"/alerts?hots=10.1.2.3":  {"takes no parameter &#34;hots&#34;"},
		"/host/10.1.2.3?from=2026-03-02T09:00:00Z&to=2026-03-02T09:05:00Z": {">6 kB<", ">700 B<", ">20 B<", "5.7 kB at 2026-03-02T09:02:00", "1.5 s", "10.1.2.3:40000", "https://other.example/?q=10.1.2.3", "to=2026-03-02T09%3A10%3A00Z"},
		"/host/192.0.2.200":            {"No traffic in this time.", "No peers", "No sessions", "No alerts"},
		"/host/10.1.2.3?from=0":        {"from=1970-01-01T01%3A00%3A00Z"},
		"/host/10.1.2.3?from=0&to=now": {"366 days at most"},
		"/host/10.1.2.3?at=never":      {"at: "},
		"/host/10.1.2.3?skip=-1":       {"skip: "},
		"/alert/a1":                    {"Port scan of 192.0.2.9", `<dt>Measured</dt><dd>1.5 k ports, reported from 20 ports</dd>`, "T1046 Network Service Discovery", "bytes each minute, at most 5 kB (667 bit/s)", "its flows", "!../https"},
		"/exporters":                   {"1.23 M", ">7<", "12.3", "not known", "good", "192.0.2.3 (10.0.0.9) port 5000"},
		"/query":                       {`value="now-1h" data-time="2026-03-02T08:30:00Z"`, `<option value="source.ip">`, "!<table"},
		"/query?measure=bytes":         {" 1099511634496<", ">1.1 TB<", "exact"},
		"/query?by=sorce.ip":           {`value="sorce.ip"`, `role="alert"`, "source.ip"},
		"/query?limit=many":            {"limit: "},
		"/query?measure=furlongs":      {"measure: "},
		"/host?ip=+%5B2001:db8::7%5D+": {"<h1>Host 2001:db8::7</h1>"},
	} {
		_, body := browse(t, base+path)
		for _, text := range says {
			absent, unwanted := strings.CutPrefix(text, "!")
			if strings.Contains(body, absent) == unwanted {
				t.Errorf("%s: %q: there %v\n%s", path, text, !unwanted, body)
			}
		}
	}
}

// TestQuietDay: where the last day had no alerts, the overview shows those before and says so; a time that was asked for is held to.
func TestQuietDay(t *testing.T) {
	d := deps()
	d.Now = func() time.Time { return now.AddDate(0, 0, 3) }
	base := serve(t, d)
	for path, want := range map[string][2]bool{
		"/": {true, true}, "/?host=192.0.2.9": {true, true}, "/?host=192.0.2.200": {false, false}, "/?from=now-1h": {false, false}, "/alerts": {true, false},
	} {
		_, body := browse(t, base+path)
		if got := [2]bool{strings.Contains(body, "Port scan"), strings.Contains(body, "None in the last 24 hours")}; got != want {
			t.Errorf("%s: %v\n%s", path, got, body)
		}
	}
}

// TestAlertsToPrograms: the address of the page of alerts is that of the alerts themselves.
func TestAlertsToPrograms(t *testing.T) {
	base := serve(t, deps())
	for accept, html := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "application/json, text/html": false, "text/html;q=0.5, application/json": false, "text/html;q=0": false, "text/html;q=x": false, "text/*": false,
		"text/html": true, "TEXT/HTML;q=0.9, application/json;q=0.5": true,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/alerts", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		want := query.TypeJSON
		if html {
			want = "text/html; charset=utf-8"
		}
		if got := res.Header.Get("Content-Type"); got != want || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept,") && res.Header.Values("Vary")[1] != "Accept" {
			t.Errorf("%q: %s, %v", accept, got, res.Header.Values("Vary"))
		}
	}
}

// broken fails as a store may.
type broken struct{ err error }

func (b broken) Alerts(context.Context, query.AlertQuestion) ([]flow.Alert, error) { return nil, b.err }

// refusal has a status of its own.
type refusal struct{}

func (refusal) Error() string { return "beyond the budget" }
func (refusal) Status() int   { return http.StatusUnprocessableEntity }

// TestErrorsArePages: with their status and one sentence.
func TestErrorsArePages(t *testing.T) {
	for _, c := range []struct {
		name, path, says string
		change           func(d *web.Deps)
		status           int
	}{
		{"the store fails", "/", "the disk is gone", func(d *web.Deps) { d.Alerts = broken{errors.New("the disk is gone")} }, 500},
		{"it takes too long", "/", "took too long", func(d *web.Deps) { d.Alerts = broken{context.DeadlineExceeded} }, 504},
		{"it costs too much", "/query?by=source.ip", "beyond the budget", func(d *web.Deps) { d.Afford = func(query.Question) error { return refusal{} } }, 422},
		{"so does a host", "/host/10.1.2.3", "beyond the budget", func(d *web.Deps) { d.Afford = func(query.Question) error { return refusal{} } }, 422},
	} {
		d := deps()
		c.change(&d)
		res, body := browse(t, serve(t, d)+c.path)
		if res.StatusCode != c.status || !strings.Contains(body, c.says) || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d\n%s", c.name, res.StatusCode, body)
		}
		checkSafe(t, res.Header, body)
	}
}

// TestFiles: what pages load is there, and nothing of it comes from elsewhere.
func TestFiles(t *testing.T) {
	base := serve(t, deps())
	for path, kind := range map[string]string{"/static/style.css": "text/css", "/static/live.js": "text/javascript", "/static/complete.js": "text/javascript"} {
		res, body := browse(t, base+path)
		if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) || strings.Contains(body, "://") || strings.Contains(body, "innerHTML") || strings.Contains(body, "@import") {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
	if res, _ := browse(t, base+"/static/none.js"); res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
	if _, err := web.New(web.Deps{}); err == nil {
		t.Error("a site without readers is made")
	}
}
