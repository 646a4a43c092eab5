package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// streaming serves a stream of alerts whose heartbeats come by hand.
func streaming(t *testing.T, live *api.Live) (*httptest.Server, chan time.Time) {
	t.Helper()
	beats := make(chan time.Time)
	cfg, deps := api.DefaultConfig(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	cfg.Stream.Beats = func() (<-chan time.Time, func()) { return beats, func() {} }
	deps.Live = live
	s := serve(t, cfg, deps)
	t.Cleanup(func() { _ = live.Stop() }) // before the server waits for its connections
	return s, beats
}

// follow opens a stream; next returns its next event without the empty line behind it, "" at the end.
func follow(t *testing.T, s *httptest.Server, last string) (next func() string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+query.PathAlertStream, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := s.Client().Do(req)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%v, %v", res, err)
	}
	stop = func() { cancel(); _ = res.Body.Close() }
	t.Cleanup(stop)
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return func() string {
		var text []string
		for lines.Scan() && lines.Text() != "" {
			text = append(text, lines.Text())
		}
		return strings.Join(text, "\n")
	}, stop
}

func change(t *testing.T, l *api.Live, id string, state flow.AlertState) {
	t.Helper()
	if err := l.WriteAlerts(t.Context(), []flow.Alert{{ID: id, State: state}}); err != nil {
		t.Error(err)
	}
}

// eventID takes the id out of an event, and checks its alert.
func eventID(t *testing.T, event, alert string) string {
	t.Helper()
	id, rest, _ := strings.Cut(strings.TrimPrefix(event, "id: "), "\n")
	var a flow.Alert
	data := strings.TrimPrefix(rest, "event: alert\ndata: ")
	if err := json.Unmarshal([]byte(data), &a); err != nil || a.ID != alert || !strings.HasPrefix(id, alert+"-") {
		t.Fatalf("event %q, want one about %s (%v)", event, alert, err)
	}
	return id
}

// TestStream: changes come as they are, heartbeats when it is time, and who comes back gets what was missed.
func TestStream(t *testing.T) {
	live := api.NewLive(nil)
	s, beats := streaming(t, live)
	next, stop := follow(t, s, "")
	if got := next(); got != ": weir" {
		t.Errorf("first %q", got)
	}
	change(t, live, "hidden", flow.AlertPending)
	change(t, live, "a", flow.AlertActive)
	first := eventID(t, next(), "a")
	beats <- time.Time{}
	if got := next(); got != ": beat" {
		t.Errorf("heartbeat %q", got)
	}
	stop()
	change(t, live, "b", flow.AlertActive)
	change(t, live, "a", flow.AlertEnded)
	next, _ = follow(t, s, first)
	next() // the greeting
	eventID(t, next(), "b")
	if last := eventID(t, next(), "a"); last == first {
		t.Error("two changes of an alert have the same id")
	}
	if err := live.Stop(); err != nil {
		t.Error(err)
	}
	if got := next(); !strings.HasPrefix(got, ": dropped") {
		t.Errorf("when the collector stops: %q", got)
	}
	if got := next(); got != "" {
		t.Errorf("behind the end: %q", got)
	}
	status, body := ask(t, s, http.MethodGet, query.PathAlertStream, "", "")
	if status != http.StatusServiceUnavailable {
		t.Errorf("while the collector stops: %d %s", status, body)
	}
	if st := live.Stats(); st.Events != 3 || st.Readers != 0 || st.Refused != 1 {
		t.Errorf("%+v", st)
	}
}

// TestStreamResumesTooLate: who was away for longer than changes are kept is told so, and gets what there is.
func TestStreamResumesTooLate(t *testing.T) {
	live := api.NewLive(nil)
	s, _ := streaming(t, live)
	for i := range 1030 {
		change(t, live, fmt.Sprintf("a%d", i), flow.AlertActive)
	}
	next, stop := follow(t, s, "a0-1")
	next() // the greeting
	if got := next(); !strings.HasPrefix(got, "event: gap\n") {
		t.Errorf("%q", got)
	}
	eventID(t, next(), "a6")
	stop()
	next, _ = follow(t, s, "a1000-1001")
	next()
	eventID(t, next(), "a1001")
}

// stuck is an answer whose reader takes nothing until it is told to.
type stuck struct {
	http.ResponseWriter
	wrote, release chan struct{}
}

func (s stuck) Write(p []byte) (int, error) {
	select {
	case s.wrote <- struct{}{}:
	default:
	}
	<-s.release
	return s.ResponseWriter.Write(p)
}

// TestSlowReader: who does not read is dropped, and nobody waits for it.
func TestSlowReader(t *testing.T) {
	live := api.NewLive(nil)
	cfg, deps := api.DefaultConfig(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	cfg.Stream.Beats = func() (<-chan time.Time, func()) { return nil, func() {} }
	deps.Live = live
	h, err := api.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	w := stuck{httptest.NewRecorder(), make(chan struct{}, 1), make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, query.PathAlertStream, nil))
	}()
	<-w.wrote
	for i := 0; live.Stats().Slow == 0 && i < 10_000; i++ {
		change(t, live, "a", flow.AlertActive)
	}
	if st := live.Stats(); st.Slow != 1 || st.Readers != 0 {
		t.Errorf("%+v", st)
	}
	close(w.release)
	<-done
}

// TestStreamHasLinks: what is attached is told, and others' alerts are left alone.
func TestStreamHasLinks(t *testing.T) {
	live := api.NewLive(func(list []flow.Alert) { list[0].Title = "attached" })
	s, _ := streaming(t, live)
	next, _ := follow(t, s, "")
	next()
	given := []flow.Alert{{ID: "a", State: flow.AlertActive}}
	if err := live.WriteAlerts(t.Context(), given); err != nil || given[0].Title != "" {
		t.Errorf("%v, %+v", err, given)
	}
	if got := next(); !strings.Contains(got, `"title":"attached"`) {
		t.Errorf("%q", got)
	}
}

// TestReadersAreBounded: there is a place for 64.
func TestReadersAreBounded(t *testing.T) {
	live := api.NewLive(nil)
	s, _ := streaming(t, live)
	for range 64 {
		next, _ := follow(t, s, "")
		next()
	}
	status, body := ask(t, s, http.MethodGet, query.PathAlertStream, "", "")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "64 readers") {
		t.Errorf("%d %s", status, body)
	}
}
