package spool

import "testing"

// TestOrder: what is delivered behind something that is not does not count.
func TestOrder(t *testing.T) {
	var o Order
	for n := uint64(3); n < 8; n++ {
		o.Begin(n)
	}
	for _, step := range []struct{ done, upTo uint64 }{{4, 0}, {6, 0}, {3, 4}, {5, 6}, {7, 7}} {
		if o.Done(step.done); o.UpTo() != step.upTo {
			t.Errorf("after %d: up to %d, want %d", step.done, o.UpTo(), step.upTo)
		}
	}
	if o.Ahead()+len(o.ended) > 0 {
		t.Errorf("%+v", o)
	}
}
