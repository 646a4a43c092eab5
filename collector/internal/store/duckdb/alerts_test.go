//go:build cgo

package duckdb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func alert(id string, state flow.AlertState, start time.Time) flow.Alert {
	return flow.Alert{
		ID: id, Detector: "dos.volumetric.host", State: state, Start: start, Last: start.Add(time.Minute), DetectedAt: start.Add(time.Second),
		Actors: []string{"192.0.2.1"}, Victims: []string{"198.51.100.7"}, Key: "k" + id, Severity: 70,
	}
}

func TestAlertsKeepTheirLastState(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	put := func(alerts ...flow.Alert) {
		t.Helper()
		if err := s.WriteAlerts(t.Context(), alerts); err != nil {
			t.Fatal(err)
		}
	}
	put(alert("b", flow.AlertActive, noon), alert("a", flow.AlertActive, noon), alert("c", flow.AlertPending, noon))
	put(alert("a", flow.AlertClearing, noon))
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(alert("b", flow.AlertEnded, noon), alert("d", flow.AlertWatching, noon.Add(-time.Hour)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir}, store.Deps{})
	got, err := s.Alerts(t.Context(), query.AlertQuestion{})
	want := []flow.Alert{alert("d", flow.AlertWatching, noon.Add(-time.Hour)), alert("a", flow.AlertClearing, noon), alert("b", flow.AlertEnded, noon)}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-wanted +got):\n%s", err, diff)
	}
	open := map[string]flow.AlertState{}
	for _, a := range s.OpenAlerts() {
		open[a.ID] = a.State
	}
	if diff := cmp.Diff(map[string]flow.AlertState{"a": flow.AlertClearing, "c": flow.AlertPending, "d": flow.AlertWatching}, open); diff != "" {
		t.Errorf("open alerts (-wanted +got):\n%s", diff)
	}
}
