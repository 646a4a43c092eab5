package sink

import (
	"context"
	"sync"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
)

// alerts knows what was told of alerts, and gathers their latest states: an alert changes every few seconds. It is safe for concurrent use.
type alerts struct {
	mu      sync.Mutex
	told    *sink.Told
	latest  map[string]flow.Alert // whose document is to be replaced
	version int64
	flushed time.Time
}

// maxOpenAlerts is how many open alerts are known: see [sink.Told].
const maxOpenAlerts = 1 << 16

func newAlerts() *alerts {
	return &alerts{told: sink.NewTold(maxOpenAlerts), latest: map[string]flow.Alert{}}
}

// recall takes over alerts of an earlier run.
func (t *alerts) recall(list []flow.Alert) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told.Recall(list)
}

// take takes note of a state, and returns which change it is; ok is false where nothing is new but numbers.
func (t *alerts) take(a *flow.Alert) (change sink.Change, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latest[a.ID] = *a
	return t.told.Take(a)
}

// alertsEvery is how often documents of alerts are replaced.
const alertsEvery = time.Second

// tell gives the latest states to put, each with a version that only grows.
func (t *alerts) tell(now time.Time, all bool, put func(*flow.Alert, int64)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !all && now.Sub(t.flushed) < alertsEvery {
		return
	}
	t.flushed = now
	for id, a := range t.latest {
		t.version = max(t.version+1, now.UnixNano())
		put(&a, t.version)
		delete(t.latest, id)
	}
}

// WriteAlerts makes documents of changes; those of the alerts themselves follow within a second.
func (s *Sink) WriteAlerts(_ context.Context, list []flow.Alert) error {
	for i := range list {
		a := &list[i]
		if a.State == flow.AlertPending {
			continue
		}
		change, ok := s.told.take(a)
		if !ok {
			continue
		}
		ev := sink.Event{Change: change, ToldAt: s.deps.Now().UTC(), Alert: *a}
		s.put(document.AlertEvent, sink.ChangeID(&ev), func(dst []byte) ([]byte, error) { return s.encoder.AppendAlertEvent(dst, &ev) })
	}
	return nil
}

func (s *Sink) putAlert(a *flow.Alert, version int64) {
	s.notes.gather.add(1, func(p *piece) {
		s.write(p, document.Alert, appendVersioned(p.text, s.targets[document.Alert], a.ID, version), func(dst []byte) ([]byte, error) { return s.encoder.AppendAlert(dst, a) })
	})
}
