package sink

import (
	"log/slog"
	"sync"
	"time"
)

// tellEvery is how long after a warning of an output the next is logged.
const tellEvery = time.Minute

// Outage logs that an output fails: the first failure, then at most one a minute with their number, and the end.
type Outage struct {
	log  *slog.Logger
	now  func() time.Time
	text string

	mu     sync.Mutex
	failed uint64 // since the last success
	warned bool   // of this outage
	told   time.Time
}

// NewOutage returns an Outage that says text when it fails.
func NewOutage(log *slog.Logger, now func() time.Time, text string) *Outage {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Outage{log: log, now: now, text: text}
}

// Failed counts a failure.
func (o *Outage) Failed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed++
	if now := o.now(); o.told.IsZero() || now.Sub(o.told) >= tellEvery {
		o.told, o.warned = now, true
		o.log.Warn(o.text, "err", err, "failures", o.failed)
	}
}

// Worked ends an outage; it is logged where the outage was.
func (o *Outage) Worked() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.warned {
		o.log.Info(o.text+": it works again", "failures", o.failed)
	}
	o.failed, o.warned = 0, false
}
