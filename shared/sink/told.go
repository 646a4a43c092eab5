package sink

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/flow"
)

// Told knows what was told of alerts, and so which changes are worth telling of: state, severity label and order of magnitude. It is not safe
// for concurrent use.
type Told struct {
	most  int
	open  map[string]telling // by the id of an alert
	order []string           // ids as they were added; those that ended may still be in it
}

// telling is what is known to have been told of an alert.
type telling struct {
	state     flow.AlertState
	label     string
	magnitude int
}

func tellingOf(a *flow.Alert) telling {
	return telling{state: a.State, label: a.SeverityLabel, magnitude: Magnitude(a)}
}

// NewTold remembers at most a number of open alerts. Beyond it the longest known is forgotten, which may be told of as raised once more, under
// its id.
func NewTold(most int) *Told { return &Told{most: most, open: map[string]telling{}} }

// Knows tells whether an open alert was told of.
func (t *Told) Knows(id string) bool {
	_, known := t.open[id]
	return known
}

// Recall takes over alerts of an earlier run.
func (t *Told) Recall(list []flow.Alert) {
	for i := range list {
		if list[i].State != flow.AlertPending {
			t.remember(list[i].ID, tellingOf(&list[i]))
		}
	}
}

// Take takes note of a state of an alert, and returns which change it is; ok is false where there is nothing to tell of. The first of an alert is
// [Raised], whatever its state is.
func (t *Told) Take(a *flow.Alert) (change Change, ok bool) {
	if a.State == flow.AlertPending {
		return "", false
	}
	was, known := t.open[a.ID]
	now := tellingOf(a)
	if known && was == now {
		return "", false
	}
	if a.State == flow.AlertEnded {
		delete(t.open, a.ID)
	} else {
		t.remember(a.ID, now)
	}
	switch {
	case !known:
		return Raised, true
	case a.State == flow.AlertEnded:
		return Ended, true
	}
	return Changed, true
}

func (t *Told) remember(id string, now telling) {
	_, known := t.open[id]
	t.open[id] = now
	if known {
		return
	}
	t.order = append(t.order, id)
	for len(t.open) > t.most {
		delete(t.open, t.order[0])
		t.order = t.order[1:]
	}
	if len(t.order) > 2*t.most {
		t.order = slices.DeleteFunc(t.order, func(id string) bool { return !t.Knows(id) })
	}
}

// ChangeID returns the identity of a change: that of the alert, and a hash of what can be told of again. The same change told of again, by a
// replay, has the same.
func ChangeID(ev *Event) string {
	text := fmt.Sprint(ev.Change, ev.State, ev.Last.UnixNano(), ev.Severity, ev.Measured.Value, ev.ActorsTotal, ev.VictimsTotal, ev.Incident)
	return ev.ID + "-" + strconv.FormatUint(xxh3.HashString(text), 16)
}
