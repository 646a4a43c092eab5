package health

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestActiveTimeout: of made-up durations, the limit that they were cut at.
func TestActiveTimeout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	short := func(t *timeouts) { // most flows are short, whatever the timeout
		for range 20000 {
			t.take(int64(rng.ExpFloat64()*float64(4*time.Second)), false, -1)
		}
	}
	cut := func(n int, at, sloppy time.Duration) func(*timeouts) {
		return func(t *timeouts) {
			for range n {
				t.take(int64(at)-rng.Int64N(int64(sloppy)), false, -1)
			}
		}
	}
	for _, c := range []struct {
		name    string
		flows   []func(*timeouts)
		seconds float64
		atLeast bool
	}{
		{"nothing", nil, 0, false},
		{"short flows alone", []func(*timeouts){func(t *timeouts) { t.take(3e9, false, -1) }}, 0, false},
		{"60 s", []func(*timeouts){short, cut(300, time.Minute, time.Second)}, 60, false},
		{"60 s, cut up to 5 s early", []func(*timeouts){short, cut(300, time.Minute, 5*time.Second)}, 60, false},
		{"300 s", []func(*timeouts){short, cut(50, 5*time.Minute, time.Second)}, 300, false},
		{"1800 s", []func(*timeouts){short, cut(20, 30*time.Minute, 2*time.Second)}, 1800, false},
		{"a few flows that are longer than the limit", []func(*timeouts){short, cut(300, time.Minute, time.Second), cut(4, 10*time.Minute, time.Second)}, 60, false},
		{"no limit in sight", []func(*timeouts){cut(200, 500*time.Second, 480*time.Second)}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var x timeouts
			for _, add := range c.flows {
				add(&x)
			}
			seconds, atLeast := x.active()
			if atLeast != c.atLeast || (!c.atLeast && seconds != c.seconds) {
				t.Errorf("%g s, at least %v", seconds, atLeast)
			}
			x.age()
			if again, _ := x.active(); c.seconds > 0 && again != c.seconds {
				t.Errorf("an hour later %g s", again)
			}
		})
	}
}

// TestSteps: a duration lies in the step that begins at or before it, and steps are at most a sixteenth wide.
func TestSteps(t *testing.T) {
	for ms := uint64(1 << firstOctave); ms < 1<<22; ms += 1 + ms/1000 {
		i := step(ms)
		s := float64(ms) / 1000
		if edge(i) > s || edge(i+1) <= s || edge(i+1)/edge(i) > 1+1.0/steps+1e-9 {
			t.Fatalf("%d ms: step %d from %g to %g s", ms, i, edge(i), edge(i+1))
		}
	}
	if step(1<<40) != octaves*steps-1 {
		t.Error("a duration beyond the scale is not in its last step")
	}
}

func TestInactiveTimeout(t *testing.T) {
	var x timeouts
	for range 100 {
		x.take(1e9, false, 15e9+5e8)
		x.take(1e9, false, -1)
	}
	for range 20 {
		x.take(1e9, false, 3600e9)
	}
	if s, ok := x.inactive(); !ok || s != 15 {
		t.Errorf("%g s, %v", s, ok)
	}
}
