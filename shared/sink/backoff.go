package sink

import (
	"context"
	"time"
)

// Backoff is the wait between attempts: it doubles from First to Most.
type Backoff struct {
	First, Most time.Duration
	next        time.Duration
}

// Wait waits, at least for least, or until the context ends, which it returns false for.
func (b *Backoff) Wait(ctx context.Context, least time.Duration) bool {
	b.next = min(max(b.next, b.First), b.Most)
	t := time.NewTimer(max(b.next, least))
	defer t.Stop()
	b.next *= 2
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Reset begins anew, after a success.
func (b *Backoff) Reset() { b.next = 0 }
