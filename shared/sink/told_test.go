package sink

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestTold: what is worth telling of, and as what.
func TestTold(t *testing.T) {
	told := NewTold(10)
	told.Recall([]flow.Alert{{ID: "old", State: flow.AlertActive, Measured: flow.Measure{Value: 20}}, {ID: "pending", State: flow.AlertPending}})
	for i, c := range []struct {
		id    string
		state flow.AlertState
		value float64
		label string
		want  Change
	}{
		{"old", flow.AlertActive, 99, "", ""}, {"old", flow.AlertActive, 100, "", Changed}, {"old", flow.AlertActive, 100, "high", Changed},
		{"pending", flow.AlertPending, 1, "", ""}, {"pending", flow.AlertActive, 1, "", Raised}, {"pending", flow.AlertClearing, 1, "", Changed},
		{"pending", flow.AlertEnded, 1, "", Ended}, {"pending", flow.AlertActive, 1, "", Raised}, {"short", flow.AlertEnded, 1, "", Raised},
	} {
		a := flow.Alert{ID: c.id, State: c.state, SeverityLabel: c.label, Measured: flow.Measure{Value: c.value}}
		if got, ok := told.Take(&a); got != c.want || ok != (c.want != "") {
			t.Errorf("%d: %s is %q, want %q", i, c.id, got, c.want)
		}
	}
	if !told.Knows("old") || !told.Knows("pending") || told.Knows("short") {
		t.Error("what is open is not known, or the other way round")
	}
}

// TestToldIsBounded: however many alerts never end.
func TestToldIsBounded(t *testing.T) {
	const most = 1000
	told := NewTold(most)
	for i := range 5 * most {
		a := flow.Alert{ID: fmt.Sprint(i), State: flow.AlertActive}
		told.Take(&a)
		if i%3 == 0 {
			a.State = flow.AlertEnded
			told.Take(&a)
		}
	}
	if len(told.open) > most || len(told.order) > 2*most+1 {
		t.Errorf("%d open, %d in order", len(told.open), len(told.order))
	}
	if !told.Knows(fmt.Sprint(5*most - 1)) {
		t.Error("the latest is forgotten")
	}
}

// TestChangeID: the same change has the same, another another.
func TestChangeID(t *testing.T) {
	ev := Event{Change: Changed, Sequence: 1, Alert: flow.Alert{ID: "x", State: flow.AlertActive}}
	id := ChangeID(&ev)
	ev.Sequence = 9
	if again := ChangeID(&ev); again != id || id[:2] != "x-" {
		t.Errorf("%s, then %s", id, again)
	}
	ev.ActorsTotal = 2
	if other := ChangeID(&ev); other == id {
		t.Errorf("another change has %s, too", other)
	}
}
