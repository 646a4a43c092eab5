package pipeline

import (
	"log/slog"
	"sync"
	"time"
)

// Limits of what faults caused by datagrams may log: a broken exporter must not fill a disk.
const (
	mutedBurst  = 5
	mutedWindow = 30 * time.Second
)

// muted logs at most a few warnings a window and kind, and then how many it left out. The counters of the loss account tell
// them all.
type muted struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	kinds map[string]*mutedKind
}

type mutedKind struct {
	since      time.Time
	told, left int
}

func newMuted(log *slog.Logger, now func() time.Time) *muted {
	return &muted{log: log, now: now, kinds: map[string]*mutedKind{}}
}

// warn logs err unless its kind has used up the window; kinds are few and fixed.
func (m *muted) warn(kind string, err error, source any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.kinds[kind]
	if k == nil {
		k = &mutedKind{since: m.now()}
		m.kinds[kind] = k
	}
	if now := m.now(); now.Sub(k.since) >= mutedWindow {
		m.leftOut(kind, k)
		*k = mutedKind{since: now}
	}
	if k.told++; k.told > mutedBurst {
		k.left++
		return
	}
	if source != nil {
		m.log.Warn(kind, "err", err, "source", source)
		return
	}
	m.log.Warn(kind, "err", err)
}

func (m *muted) leftOut(kind string, k *mutedKind) {
	if k.left > 0 {
		m.log.Warn(kind+": further warnings left out", "count", k.left, "seconds", mutedWindow.Seconds())
	}
}

// flush tells what was left out so far.
func (m *muted) flush() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for kind, k := range m.kinds {
		m.leftOut(kind, k)
		k.left = 0
	}
}
