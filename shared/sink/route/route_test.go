package route_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/route"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func outputs(t *testing.T, dir, text string) *route.Outputs {
	t.Helper()
	cfg, err := config.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o, err := route.New(route.Config{Outputs: cfg.Outputs, Dir: dir}, route.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func start(t *testing.T, o *route.Outputs) {
	t.Helper()
	if err := o.Start(nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, o) })
}

func stop(t *testing.T, o *route.Outputs) {
	t.Helper()
	if err := o.Stop(); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, o *route.Outputs, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		a := flow.Alert{ID: fmt.Sprint(i), Detector: "scan.vertical", State: flow.AlertActive, Severity: 50, SeverityLabel: "medium"}
		if i%2 == 0 {
			a.Detector, a.Severity, a.SeverityLabel = "dos.volumetric.host", 90, "critical"
		}
		if err := o.WriteAlerts(t.Context(), []flow.Alert{a, a}); err != nil {
			t.Fatal(err)
		}
	}
}

// collector gathers ids.
type collector struct {
	mu  sync.Mutex
	ids map[string]int
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var doc struct {
		Alerts []struct{ ID string }
	}
	if json.NewDecoder(r.Body).Decode(&doc) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range doc.Alerts {
		c.ids[a.ID]++
	}
}

// TestFanOut: each output gets what it wants, however dead the others are, and what a dead one did not get it gets after a restart.
func TestFanOut(t *testing.T) {
	got := &collector{ids: map[string]int{}}
	alive := httptest.NewServer(got)
	defer alive.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	dir := t.TempDir()
	text := `outputs:
  chat: {type: webhook, url: %s, min_severity: high, detectors: [dos.*]}
  dead: {type: webhook, url: %s}
  nowhere: {type: syslog, address: "%s.invalid:514", transport: tcp}
`
	o := outputs(t, dir, fmt.Sprintf(text, alive.URL, dead.URL, strings.Repeat("x", 70)))
	start(t, o)
	write(t, o, 1, 100)
	eventually(t, func() bool { return o.Stats()[0].Delivered == 50 })
	if len(got.ids) != 50 {
		t.Errorf("%d alerts, want 50", len(got.ids))
	}
	for i, want := range []route.Stats{{Events: 50, Unchanged: 50, Unrouted: 100, Waiting: 0}, {Events: 100, Unchanged: 100, Waiting: 100}, {Events: 100, Unchanged: 100, Waiting: 100}} {
		s := o.Stats()[i]
		if s.Events != want.Events || s.Unchanged != want.Unchanged || s.Unrouted != want.Unrouted || s.Waiting != want.Waiting || len(s.Dropped) != 0 {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	stop(t, o)

	o = outputs(t, dir, fmt.Sprintf(text, alive.URL, alive.URL, strings.Repeat("x", 70))) // the dead is alive again
	start(t, o)
	eventually(t, func() bool { got.mu.Lock(); defer got.mu.Unlock(); return len(got.ids) == 100 })
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come about in time")
		}
	}
}

// TestNewOutputHearsOfOpenAlerts: one that was there when they were raised does not hear of them again, a new one does.
func TestNewOutputHearsOfOpenAlerts(t *testing.T) {
	got := &collector{ids: map[string]int{}}
	s := httptest.NewServer(got)
	defer s.Close()
	text := "outputs:\n  chat: {type: webhook, url: '" + s.URL + "'}\n"
	dir, a := t.TempDir(), flow.Alert{ID: "x", Detector: "scan.vertical", State: flow.AlertActive}
	for run := range 2 {
		o := outputs(t, dir, text)
		if err := o.Start([]flow.Alert{a}); err != nil {
			t.Fatal(err)
		}
		if err := o.WriteAlerts(t.Context(), []flow.Alert{a}); err != nil {
			t.Fatal(err)
		}
		if st := o.Stats()[0]; st.Events != uint64(1-run) || st.Unchanged != uint64(run) {
			t.Errorf("run %d: %+v", run+1, st)
		}
		stop(t, o)
	}
}

// TestStartFails: a file that is not there ends the start, and nothing stays open.
func TestStartFails(t *testing.T) {
	o := outputs(t, t.TempDir(), `outputs:
  one: {type: webhook, url: "http://127.0.0.1:1"}
  two: {type: syslog, address: "127.0.0.1:1", transport: tls, ca: /no/such/file.pem}
`)
	if err := o.Start(nil); err == nil || !strings.Contains(err.Error(), "output two") {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []config.Output{
		{Name: "a", Type: "pigeon"}, {Name: "a", Type: "syslog"}, {Name: "a", Type: "syslog", Address: "h:1", Facility: "local9"},
		{Name: "a", Type: "syslog", Address: "h:1", Transport: "sctp"}, {Name: "a", Type: "syslog", Address: "h:1", Format: "leef"},
		{Name: "a", Type: "syslog", Address: "h:1", MaxMessage: 100}, {Name: "a", Type: "webhook", URL: "no"},
	} {
		if _, err := route.New(route.Config{Outputs: []config.Output{c}, Dir: t.TempDir()}, route.Deps{}); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}
