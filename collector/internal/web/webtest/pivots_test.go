//go:build cgo

package webtest_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/internal/browsertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// alert returns the most severe alert of a detector.
func (l *lab) alert(t *testing.T, detector string) (found flow.Alert) {
	t.Helper()
	list, err := l.daemon.Store().Alerts(t.Context(), query.AlertQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if list[i].Detector == detector && (found.ID == "" || list[i].Severity > found.Severity) {
			found = list[i]
		}
	}
	if found.ID == "" {
		t.Fatalf("no alert of %s", detector)
	}
	return found
}

// seconds is a range in whole seconds that hold it: the first is included, the last is not.
func seconds(from, to time.Time) (earliest, latest string) {
	end := to.Truncate(time.Second)
	if end.Before(to) {
		end = end.Add(time.Second)
	}
	return strconv.FormatInt(from.Unix(), 10), strconv.FormatInt(end.Unix(), 10)
}

// testPivots: a click on a link of an alert opens the other tool with the alert's filter and its minutes.
func testPivots(t *testing.T, l *lab, b *browsertest.Browser) {
	a := l.alert(t, "brute.success")
	from, to := a.Evidence.From, a.Evidence.To
	if from.Before(day.Add(17*time.Hour)) || to.After(day.Add(18*time.Hour)) || a.Actors[0] == "" {
		t.Fatalf("the login is not in its hour: %+v", a)
	}
	p := b.Page(t)
	p.Open(l.base + "/alerts?from=2026-03-02T17:00:00Z&to=2026-03-02T18:00:00Z")
	click := func(tool string) *url.URL {
		p.Click(fmt.Sprintf("td.text a[href$=%q]", a.ID))
		p.Until(`location.pathname.startsWith("/alert/") && document.readyState === "complete"`)
		p.Click(fmt.Sprintf(".links:first-child a[href*=%q]", "/"+tool+"/"))
		p.Until(fmt.Sprintf("location.origin === %q", l.tools.URL))
		u, err := url.Parse(p.Address())
		if err != nil || !strings.HasPrefix(l.tools.last(), "/"+tool+"/") || !strings.HasPrefix(p.Address(), l.tools.URL+l.tools.last()) {
			t.Fatalf("%s was asked for %s, the browser is at %s, %v", tool, l.tools.last(), p.Address(), err)
		}
		p.Open(l.base + "/alerts?from=2026-03-02T17:00:00Z&to=2026-03-02T18:00:00Z")
		return u
	}
	actor, victim := a.Actors[0], a.Victims[0]

	splunk := click("splunk")
	earliest, latest := seconds(from, to)
	q := splunk.Query()
	if splunk.Path != "/splunk/en-US/app/search/search" || q.Get("earliest") != earliest || q.Get("latest") != latest || !strings.Contains(q.Get("q"), actor) || !strings.Contains(q.Get("q"), victim) {
		t.Errorf("Splunk: %s, want %s to %s", splunk, earliest, latest)
	}

	kibana := click("kibana")
	const layout = "2006-01-02T15:04:05.000Z"
	minutes := fmt.Sprintf("time:(from:'%s',to:'%s')", from.UTC().Truncate(time.Millisecond).Format(layout), to.UTC().Add(time.Millisecond-1).Truncate(time.Millisecond).Format(layout))
	if text, err := url.PathUnescape(kibana.EscapedFragment()); err != nil || !strings.Contains(text, minutes) || !strings.Contains(text, actor) || kibana.Path != "/kibana/app/discover" {
		t.Errorf("Kibana: %s, want %s", text, minutes)
	}

	grafana := click("grafana")
	span := fmt.Sprintf(`"range":{"from":"%d","to":"%d"}`, from.UnixMilli(), to.Add(time.Millisecond-1).UnixMilli())
	if panes := grafana.Query().Get("panes"); grafana.Path != "/grafana/explore" || !strings.Contains(panes, span) || !strings.Contains(panes, actor) {
		t.Errorf("Grafana: %s, want %s", panes, span)
	}
}

// testBack: an address that another tool made shows the alerts on a host in that time, and no others.
func testBack(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	from, to := day.Add(17*time.Hour+15*time.Minute), day.Add(17*time.Hour+16*time.Minute)
	for address, want := range map[string][]string{
		fmt.Sprintf("/alerts?host=172.16.20.22&from=%d&to=%d", from.UnixMilli(), to.UnixMilli()):                              {"scan.horizontal"},
		fmt.Sprintf("/alerts?host=172.16.20.22&from=%d&to=%d", day.Add(17*time.Hour).Unix(), from.Add(-6*time.Minute).Unix()): {},
		"/alerts?host=172.16.20.22&from=2026-03-02T17:09:29Z&to=2026-03-02T17:16:00Z":                                         {"scan.horizontal", "brute.success", "brute.ssh"},
		fmt.Sprintf("/alerts?host=172.16.20.23&from=%d&to=%d", from.Unix(), to.UnixMilli()):                                   {},
	} {
		p.Open(l.base + address)
		got := browsertest.Eval[[]string](p, `[...document.querySelectorAll("#alerts td.text small")].map((e) => e.textContent)`)
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

// testProxy: behind a proxy that shows the pages under a path of its own all links, forms, scripts and the stream of alerts stay there.
func testProxy(t *testing.T, l *lab, b *browsertest.Browser) {
	target, err := url.Parse(l.base)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(http.StripPrefix("/tools/weir", &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0), // the stream is cut off
	}))
	defer front.Close()
	root := front.URL + "/tools/weir/"
	p := b.Page(t)
	at := func(path string) {
		t.Helper()
		p.Until(fmt.Sprintf("location.href.startsWith(%q) && document.readyState === 'complete' && getComputedStyle(document.querySelector('nav')).display === 'flex'", root+path))
	}
	p.Open(root)
	p.Until(`document.getElementById("live").textContent === "Live."`)
	p.Click("tr:has([data-name=Actors] a) td.text a")
	at("alert/")
	p.Click("dd a[href*='host/']")
	at("host/")
	p.Click("#jump")
	p.Press("10.16.0.72" + browsertest.Enter)
	at("host/10.16.0.72")
	p.Click("nav a[href$=query]")
	at("query")
	p.Click("#filter")
	p.Press("network.transport : t")
	p.Until(`[...document.querySelectorAll("#suggestions [role=option]")].some((o) => o.dataset.value.endsWith("tcp"))`)
	p.Press(browsertest.Escape + browsertest.Enter)
	at("query?")
	p.Open(root + "host/nobody")
	at("host/nobody")
	p.Click("nav a")
	at("")
	for _, r := range p.Requests() {
		if !strings.HasPrefix(r.URL, root) {
			t.Errorf("asked for %s", r.URL)
		}
	}
	p.Open("about:blank") // the stream ends before the proxy
}
