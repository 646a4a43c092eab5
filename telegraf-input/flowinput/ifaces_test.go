package flowinput

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

func minuteOf(index uint32, at int64, octets float64) interfaces.Minute {
	return interfaces.Minute{
		Exporter: flow.AddrFrom4(0xc0000201), Index: index, At: at, Source: interfaces.Flows, Seconds: 60, Speed: 1e9, Name: "uplink",
		In: interfaces.Amounts{Octets: octets, Unicast: 10, Multicast: interfaces.Unknown, Broadcast: interfaces.Unknown, Discards: interfaces.Unknown, Errors: interfaces.Unknown},
	}
}

// TestMinutesAddUp: a minute that is told of again and again by the meter, as the sum so far, is told of once and then by what has come on
// top, each time with a time of its own.
func TestMinutesAddUp(t *testing.T) {
	now, sum, times, uses := base, 0.0, map[int64]bool{}, 0
	s := newInterfaceSums(newSchedule(time.Minute, 30*time.Second, 35*time.Minute, 0), 10, func() int64 { return now }, func(p *point) bool {
		for _, f := range p.fields {
			switch f.key {
			case "in_bytes":
				sum += math.Float64frombits(f.num)
			case "in_use":
				uses++
			}
		}
		if times[p.time] {
			t.Errorf("told twice at %d", p.time)
		}
		times[p.time] = true
		return true
	})
	for i, octets := range []float64{100, 250, 250, 400, 1000} {
		now = base + int64(i+1)*60*second
		if err := s.WriteInterfaces(context.Background(), []interfaces.Minute{minuteOf(1, base, octets)}); err != nil {
			t.Fatal(err)
		}
		s.advance(now)
	}
	s.finish(now + second)
	if sum != 1000 || len(times) < 2 || !times[base] || uses != 1 {
		t.Errorf("%v bytes at %v, use told %d times", sum, times, uses)
	}
	now = base + 3600*second
	if err := s.WriteInterfaces(context.Background(), []interfaces.Minute{minuteOf(1, base, 5000)}); err != nil || s.late != 1 {
		t.Errorf("%d late, %v", s.late, err)
	}
	if s.advance(now); len(s.minutes) > 0 {
		t.Errorf("%d minutes are remembered", len(s.minutes))
	}
}

// TestManyInterfaces: only so many have series.
func TestManyInterfaces(t *testing.T) {
	seen := map[string]bool{}
	s := newInterfaceSums(newSchedule(time.Minute, 0, time.Minute, 0), 10, func() int64 { return base }, func(p *point) bool {
		seen[fmt.Sprint(p.tags)] = true
		return true
	})
	for i := range uint32(100) {
		if err := s.WriteInterfaces(context.Background(), []interfaces.Minute{minuteOf(i, base, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	s.finish(base)
	if len(seen) != 10 || s.over != 90 {
		t.Errorf("%d series, %d left out", len(seen), s.over)
	}
}
