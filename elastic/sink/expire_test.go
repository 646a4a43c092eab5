package sink_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/flow"
)

// TestOldAlerts: on real servers, of more alerts than a request deletes those go that have ended long enough ago, and those of which nobody told
// any more; what is young, or goes on, stays.
func TestOldAlerts(t *testing.T) {
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			targets(t, s, "expire")
			now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
			day := 24 * time.Hour
			cfg := settings(t)
			cfg.Namespace, cfg.KeepAlerts = "expire", 90*day
			out := start(t, cfg, sink.Deps{Server: connect(t, s), Now: func() time.Time { return now }})
			var list []flow.Alert
			alert := func(id string, state flow.AlertState, last time.Duration) {
				a := flow.Alert{ID: id, Detector: "ddos.volume", State: state, Start: now.Add(-last - time.Hour), Last: now.Add(-last), DetectedAt: now.Add(-last)}
				if state == flow.AlertEnded {
					a.End = &a.Last
				}
				list = append(list, a)
			}
			const old = 2100
			for i := range old {
				alert(fmt.Sprintf("old-%d", i), flow.AlertEnded, 91*day+time.Duration(i)*time.Second)
			}
			alert("young", flow.AlertEnded, 89*day)
			alert("goes on", flow.AlertActive, time.Minute)
			alert("open for long", flow.AlertActive, 100*day)
			alert("abandoned", flow.AlertWatching, 121*day)
			if err := out.WriteAlerts(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			drain(t, out)
			if n := count(t, s, "weir-alerts-expire"); n != len(list) {
				t.Fatalf("%d alerts, want %d: %+v", n, len(list), out.Stats())
			}
			n, err := out.ExpireAlerts(t.Context())
			if err != nil || n != old+1 || out.Stats().Expired != old+1 {
				t.Errorf("%d deleted, %v: %+v", n, err, out.Stats())
			}
			count(t, s, "weir-alerts-expire")
			_, body := s.Do(t, http.MethodGet, "/weir-alerts-expire/_search?size=10&filter_path=hits.total.value,hits.hits._id", nil)
			for _, id := range []string{"young", "goes on", "open for long"} {
				if !strings.Contains(string(body), `"_id":"`+id+`"`) || !strings.Contains(string(body), `"value":3`) {
					t.Errorf("%s is not among %s", id, body)
				}
			}
			if n, err := out.ExpireAlerts(t.Context()); err != nil || n != 0 {
				t.Errorf("again: %d deleted, %v", n, err)
			}
		})
	}
}

// TestAlertsAreKept: without a retention, and in a replay, whose time is that of long ago, the server is not asked.
func TestAlertsAreKept(t *testing.T) {
	f := newFake(t)
	for _, c := range []struct {
		keep   time.Duration
		replay bool
	}{{0, false}, {time.Hour, true}} {
		cfg := settings(t)
		cfg.KeepAlerts, cfg.EventTime = c.keep, c.replay
		out := start(t, cfg, sink.Deps{Server: f})
		if n, err := out.ExpireAlerts(context.Background()); n != 0 || err != nil {
			t.Errorf("%+v: %d, %v", c, n, err)
		}
	}
	if f.requests > 0 || len(f.of(document.Alert.Target("default"))) > 0 {
		t.Errorf("%d requests", f.requests)
	}
}
