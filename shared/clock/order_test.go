package clock_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/flow"
)

func sortByReceipt(list []*flow.Datagram) {
	slices.SortStableFunc(list, func(a, b *flow.Datagram) int { return cmp.Compare(a.Received, b.Received) })
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b clock.Instant
		want clock.Relation
	}{
		{"certain", clock.Instant{Time: 100}, clock.Instant{Time: 101}, clock.Before},
		{"equal", clock.Instant{Time: 100}, clock.Instant{Time: 100}, clock.Undecidable},
		{"200 ms apart, 45 ms each", clock.Instant{200e6, 45e6}, clock.Instant{0, 45e6}, clock.After},
		{"200 ms apart, one by sFlow", clock.Instant{0, 45e6}, clock.Instant{200e6, 1040e6}, clock.Undecidable},
		{"just as far as both may be off", clock.Instant{0, 100e6}, clock.Instant{200e6, 100e6}, clock.Undecidable},
		{"a ns more", clock.Instant{0, 100e6}, clock.Instant{200e6 + 1, 100e6}, clock.Before},
		{"the ends of time", clock.Instant{Time: math.MinInt64}, clock.Instant{Time: math.MaxInt64}, clock.Before},
		{"nothing is known", clock.Instant{0, math.MaxInt64}, clock.Instant{5e18, math.MaxInt64}, clock.Undecidable},
		{"negative uncertainty is none", clock.Instant{0, -5}, clock.Instant{1, -5}, clock.Before},
	} {
		if got := clock.Order(c.a, c.b); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestOrderTurnsRound: what is before from one side is after from the other.
func TestOrderTurnsRound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	turned := map[clock.Relation]clock.Relation{clock.Before: clock.After, clock.After: clock.Before, clock.Undecidable: clock.Undecidable}
	for range 10000 {
		a, b := clock.Instant{int64(r.Uint64()), r.Int64()}, clock.Instant{int64(r.Uint64()), r.Int64() >> r.IntN(60)}
		if clock.Order(b, a) != turned[clock.Order(a, b)] {
			t.Fatalf("%+v %+v", a, b)
		}
	}
}
