package sink

import (
	"context"
	"time"
)

// Backoff is the wait between attempts: it doubles from First to Most.
type Backoff struct {
	First, Most time.Duration
	Jitter      func() float64 // of [0, 1): up to half of a wait is left out by chance; nil: nothing is
	next        time.Duration
}

// Next returns how long to wait now, at least for least, and doubles what comes next.
func (b *Backoff) Next(least time.Duration) time.Duration {
	b.next = min(max(b.next, b.First), b.Most)
	wait := b.next
	b.next *= 2
	if b.Jitter != nil {
		wait -= time.Duration(b.Jitter() * float64(wait) / 2)
	}
	return max(wait, least)
}

// Wait waits, at least for least, or until the context ends, which it returns false for.
func (b *Backoff) Wait(ctx context.Context, least time.Duration) bool {
	t := time.NewTimer(b.Next(least))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Reset begins anew, after a success.
func (b *Backoff) Reset() { b.next = 0 }
