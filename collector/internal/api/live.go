package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// Bounds of the alerts' stream.
const (
	keptEvents   = 1024 // that a reader can come back for
	maxReaders   = 64
	readerBehind = 256 // events that a reader may be behind
)

// event is a change of an alert.
type event struct {
	seq  uint64
	id   string // of the event: the alert's id and seq
	data []byte // the alert in JSON
}

// Live tells readers of alerts as they change. It keeps the last changes, so that a reader whose connection was cut misses none.
// It is a sink of alerts, and never makes its caller wait: readers that do not keep up are dropped.
type Live struct {
	attach func([]flow.Alert)

	mu      sync.Mutex
	seq     uint64
	kept    []event // at most keptEvents, oldest first
	readers map[*reader]bool
	stopped bool

	events, slow, refused atomic.Uint64
}

// LiveStats counts what the stream of alerts did.
type LiveStats struct {
	Events  uint64 // changes of alerts that were told
	Slow    uint64 // readers dropped because they did not keep up
	Refused uint64 // readers for whom there was no place
	Readers int    // that are connected
}

// reader is one who is told. Its channel is closed when it is dropped.
type reader struct{ events chan event }

// NewLive returns a stream without readers. attach adds to alerts what they are told with, their links; nil adds nothing.
func NewLive(attach func([]flow.Alert)) *Live {
	return &Live{attach: attach, readers: map[*reader]bool{}}
}

// WriteAlerts implements sink.Alerts. Pending alerts are not shown.
func (l *Live) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	if l.attach != nil {
		alerts = slices.Clone(alerts) // others are told of the same
		l.attach(alerts)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range alerts {
		if alerts[i].State == flow.AlertPending {
			continue
		}
		data, err := json.Marshal(&alerts[i])
		if err != nil {
			return fmt.Errorf("tell of alert %s: %w", alerts[i].ID, err)
		}
		l.seq++
		l.tell(event{seq: l.seq, id: fmt.Sprintf("%s-%d", alerts[i].ID, l.seq), data: data})
	}
	return nil
}

// tell keeps an event and hands it to all readers; the lock is held.
func (l *Live) tell(e event) {
	l.events.Add(1)
	if len(l.kept) == keptEvents {
		l.kept = append(l.kept[:0], l.kept[1:]...)
	}
	l.kept = append(l.kept, e)
	for r := range l.readers {
		select {
		case r.events <- e:
		default:
			l.slow.Add(1)
			l.drop(r)
		}
	}
}

func (l *Live) drop(r *reader) {
	delete(l.readers, r)
	close(r.events)
}

// join adds a reader. Where last names a kept event, missed are those after it; whole is false where it is not kept any more, and
// missed is all that is kept. The reader is nil where there is no place.
func (l *Live) join(last string) (r *reader, missed []event, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped || len(l.readers) >= maxReaders {
		l.refused.Add(1)
		return nil, nil, false
	}
	r = &reader{events: make(chan event, readerBehind)}
	l.readers[r] = true
	if last == "" {
		return r, nil, true
	}
	for i := range l.kept {
		if l.kept[i].id == last {
			return r, append(missed, l.kept[i+1:]...), true
		}
	}
	return r, append(missed, l.kept...), false
}

func (l *Live) leave(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readers[r] {
		l.drop(r)
	}
}

// Stop ends the streams of all readers. It is idempotent.
func (l *Live) Stop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	for r := range l.readers {
		l.drop(r)
	}
	return nil
}

// Stats returns the counters.
func (l *Live) Stats() LiveStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return LiveStats{Events: l.events.Load(), Slow: l.slow.Load(), Refused: l.refused.Load(), Readers: len(l.readers)}
}
