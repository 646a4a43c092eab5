package studio_test

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/weirflow/weir/internal/browsertest"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/splunk-app/internal/studio"
)

var update = flag.Bool("update", false, "write the pictures anew")

// names are the app's dashboards, each opened by an address as links lead to it: the evening, whose upload is from intruder, and whose flood is on victim.
const (
	intruder, outside, victim = "172.16.20.23", "83.201.31.95", "10.20.0.2"
	minutes                   = "form.time.earliest=1772488200&form.time.latest=1772490600" // 21:50 to 22:30
)

// lab is the events of the evening, and a browser.
type lab struct {
	events  *index
	bundle  string
	browser *browsertest.Browser
}

// bundled builds the page, and skips the test where its parts cannot be had.
func bundled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "../../../scripts/splunk-studio", "bundle", dir).CombinedOutput()
	if err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatalf("scripts/splunk-studio: %v\n%s", err, out)
		}
		t.Skipf("SKIPPED: Splunk's components cannot be had, no dashboard is shown: %v\n%s", err, out)
	}
	return dir
}

// TestDashboards opens the app's dashboards as an analyst does. Whatever a panel asks for is what the definition says with the tokens filled in,
// and it shows what was found.
func TestDashboards(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: it has no goroutines of its own, and takes minutes with the race detector")
	}
	l := &lab{bundle: bundled(t), events: &index{}}
	l.events.replay(t, "walkthrough", afternoon, cim.FlowsAll, traffic.Effects{})
	l.events.replay(t, "flood", flood, cim.FlowsSessions, traffic.Effects{Loss: true, Skew: true})
	l.browser = browsertest.Start(t)
	t.Run("overview", l.overview)
	t.Run("host", l.host)
	t.Run("ddos", l.ddos)
	t.Run("alerts", l.alerts)
	t.Run("exporters", l.exporters)
	t.Run("flows none", l.none)
	t.Run("saved searches", l.saved)
	t.Run("actions", l.actions)
}

// opened is a dashboard in a tab.
type opened struct {
	*browsertest.Page
	t       *testing.T
	view    *view
	splunkd *studio.Splunkd
}

// open opens a dashboard over the events of some kinds, and checks what it asks for and shows.
func (l *lab) open(t *testing.T, name, query string, kinds ...cim.Kind) *opened {
	t.Helper()
	o := &opened{Page: l.browser.Page(t), t: t, view: read(t, name), splunkd: studio.New(l.events.engine(t, kinds...))}
	server := httptest.NewServer(studio.Handler(views, l.bundle, o.splunkd))
	t.Cleanup(server.Close)
	t.Cleanup(func() { o.Open("about:blank") }) // before the server ends
	o.Show(browsertest.Screen{Width: 1440, Height: 1000})
	o.Open(server.URL + "/app/weir/" + name + "?" + query)
	return o
}

// expect waits until the searches have been asked for that the data sources mean with these tokens, and no others, and returns them by data source.
// chosen says of which; nil: all.
func (o *opened) expect(what string, tokens map[string]string, chosen func(id string) bool) map[string]studio.Job {
	o.t.Helper()
	want := map[string]string{} // search to data source
	for _, id := range o.view.sources() {
		if chosen == nil || chosen(id) {
			want[ask(o.view.wanted(id, tokens))] = id
		}
	}
	got := map[string]studio.Job{}
	for deadline := time.Now().Add(45 * time.Second); len(got) < len(want); time.Sleep(50 * time.Millisecond) {
		for _, j := range o.splunkd.Jobs() {
			id, ok := want[ask(j)]
			switch {
			case !ok:
				o.t.Errorf("%s: nobody is to ask for %s", what, ask(j))
			case j.Err != nil:
				o.t.Errorf("%s: %s: %v", what, id, j.Err)
			}
			got[id] = j
		}
		if time.Now().After(deadline) {
			for text, id := range want {
				if _, ok := got[id]; !ok {
					o.t.Errorf("%s: %s is not asked for: %s", what, id, text)
				}
			}
			o.t.FailNow()
		}
	}
	return got
}

// shown waits until each panel shows what was found, and none complains.
func (o *opened) shown(found map[string]studio.Job) {
	o.t.Helper()
	for id, v := range o.view.Visualizations {
		job, asked := found[v.DataSources["primary"]]
		if !asked {
			continue
		}
		panel := fmt.Sprintf(`document.querySelector('[data-test="viz-item"][data-id=%q]')`, id)
		inside := map[string]string{"splunk.singlevalue": `[data-test="majorValue"]`, "splunk.table": `tbody [data-test="cell"]`}[v.Type]
		if inside == "" {
			inside = `[data-test="charting-container"] :is(canvas, path, rect)`
		}
		if job.Found == 0 {
			o.t.Errorf("%s finds nothing: %s", id, ask(job))
			continue
		}
		o.Until(panel + `?.querySelector('` + inside + `')`)
		if text := browsertest.Eval[string](o.Page, panel+`.innerText`); strings.Contains(text, "No data") || strings.Contains(text, "rror") || strings.Contains(text, "$") {
			o.t.Errorf("%s says %q", id, text)
		}
	}
	if unknown := o.splunkd.Unknown(); unknown != nil {
		o.t.Errorf("the dashboard asks splunkd for %v", unknown)
	}
	for _, c := range o.Complaints() {
		if strings.HasPrefix(c, "exception") || strings.HasPrefix(c, "error") || strings.HasPrefix(c, "console: error") {
			o.t.Errorf("the page complains: %.500s", c)
		}
	}
}

// valid holds the definition to Splunk's schema, which finds a mistake where there is one.
func (o *opened) valid() {
	o.t.Helper()
	if got := browsertest.Eval[[]string](o.Page, "window.problems()"); len(got) > 0 {
		o.t.Errorf("Splunk's schema objects to %v", got)
	}
	if got := browsertest.Eval[[]string](o.Page, `window.problems({...window.DEFINITION, visualizations: {viz_x: {type: "splunk.tabel"}}})`); len(got) == 0 {
		o.t.Error("Splunk's schema knows a visualization that there is not")
	}
}

// picture keeps what is seen, from the top of the dashboard to its end.
func (o *opened) picture(name string) {
	o.t.Helper()
	bottom := browsertest.Eval[float64](o.Page, `Math.max(...[...document.querySelectorAll('[data-test="viz-item"]')].map((e) => e.getBoundingClientRect().bottom))`)
	o.Show(browsertest.Screen{Width: 1440, Height: int64(bottom) + 8})
	o.Do(chromedp.Sleep(time.Second)) // charts are drawn anew
	path := filepath.Join(pictures, "splunk-"+name+".png")
	if *update {
		if err := os.WriteFile(path, o.Picture(), 0o644); err != nil { //nolint:gosec // it is documentation
			o.t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatalf("%v: -update takes it", err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(kept)); err != nil || c.Width != 1440 || len(kept) > 250_000 {
		o.t.Errorf("%s: %d wide, %d bytes, %v", path, c.Width, len(kept), err)
	}
}

// leads clicks on a cell and returns where that leads: a new window, or this one.
func (o *opened) leads(panel, column, text string) *url.URL {
	o.t.Helper()
	browsertest.Eval[bool](o.Page, `(window.open = (address) => { window.led = address; }, window.led = "", true)`)
	before := o.Address()
	o.Click(o.cell(panel, column, text))
	o.Until(fmt.Sprintf(`window.led || location.pathname !== new URL(%q).pathname`, before))
	led := browsertest.Eval[string](o.Page, `window.led || location.href`)
	u, err := url.Parse(led)
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

// query is what the address says after its question mark.
func (o *opened) query() string { return browsertest.Eval[string](o.Page, "location.search") }

// cell marks the first cell of a column of a table with a text in it, and returns what selects it.
func (o *opened) cell(panel, column, text string) string {
	o.t.Helper()
	selector := fmt.Sprintf(`[data-id=%q]`, "viz_"+panel)
	ok := browsertest.Eval[bool](o.Page, fmt.Sprintf(`(() => {
		const table = document.querySelector('[data-test="viz-item"]%s');
		const at = [...table.querySelectorAll('[data-test="head-cell"]')].findIndex((e) => e.innerText.trim() === %q);
		document.querySelectorAll(".clicked").forEach((e) => e.classList.remove("clicked"));
		const row = [...table.querySelectorAll('tbody tr')].find((e) => at >= 0 && e.querySelectorAll('td')[at]?.innerText.includes(%q));
		row?.querySelectorAll('td')[at].classList.add("clicked");
		return !!row;
	})()`, selector, column, text))
	if !ok {
		o.t.Fatalf("%s has no %s with %q", panel, column, text)
	}
	return "td.clicked"
}
