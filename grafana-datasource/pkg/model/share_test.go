package model_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

func TestShare(t *testing.T) {
	now := from.Add(24*time.Hour + 3210*time.Millisecond)
	last := func(length time.Duration) model.Window { return model.Window{From: now.Add(-length), To: now} }
	for _, c := range []struct {
		name    string
		window  model.Window
		most    time.Duration
		moved   time.Duration // the range's end, backwards
		quantum time.Duration
	}{
		{"the last hour", last(time.Hour), 5 * time.Second, 3210 * time.Millisecond, 5 * time.Second},
		{"five minutes are moved less", last(5 * time.Minute), 5 * time.Second, 210 * time.Millisecond, time.Second},
		{"a minute hardly", last(time.Minute), 5 * time.Second, 10 * time.Millisecond, 100 * time.Millisecond},
		{"ten seconds not at all", last(10 * time.Second), 5 * time.Second, 0, 0},
		{"switched off", last(time.Hour), 0, 0, 0},
		{"in the past", model.Window{From: from, To: now.Add(-2 * time.Minute)}, 5 * time.Second, 0, 5 * time.Second},
		{"a whole day that is not over", model.Window{From: from, To: now.Add(time.Hour)}, 5 * time.Second, 0, 5 * time.Second},
		{"a browser whose clock is ahead", model.Window{From: from, To: now.Add(20 * time.Second)}, 5 * time.Second, 3210 * time.Millisecond, 5 * time.Second},
		{"as long as the setting says", last(24 * time.Hour), 7 * time.Second, now.Sub(now.Truncate(7 * time.Second)), 7 * time.Second},
	} {
		got, quantum := c.window.Share(c.most, now)
		if moved := c.window.To.Sub(got.To); moved != c.moved || quantum != c.quantum {
			t.Errorf("%s: moved by %s, quantum %s", c.name, moved, quantum)
		}
	}
}

// TestEarlyBounds: a window with a lead is a shared one, one and a half quanta old at most, and followed by the one that is shared now.
func TestEarlyBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 7))
	led := 0
	for range 20_000 {
		now := from.Add(time.Duration(rng.Int64N(int64(30 * 24 * time.Hour))))
		length := time.Second + time.Duration(rng.Int64N(int64(time.Duration(1)<<rng.IntN(50))))
		most := time.Duration(rng.Int64N(int64(time.Minute)))
		w := model.Window{From: now.Add(-length), To: now}
		late, quantum := w.Share(most, now)
		early, next, same := w.Early(most, now)
		if same != quantum || next != nil && *next != late || next == nil && early != late {
			t.Fatalf("%v: %v, then %v; shared %v", w, early, next, late)
		}
		moved, begun := w.To.Sub(early.To), w.From.Sub(early.From)
		if moved < 0 || begun < 0 || moved > quantum+quantum/2 || begun > quantum+quantum/2 || !early.From.Before(early.To) {
			t.Fatalf("%s before %s: moved by %s and %s, quantum %s", length, now, begun, moved, quantum)
		}
		if next != nil {
			led++
		}
	}
	if led < 2000 {
		t.Errorf("only %d windows have a lead", led)
	}
}

// TestShareBounds: whatever is asked, a range is moved backwards by less than the setting and at most by half a percent of its length, both
// ends by less than the quantum; and those who ask within one quantum ask the same.
func TestShareBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 7))
	for range 20_000 {
		now := from.Add(time.Duration(rng.Int64N(int64(30 * 24 * time.Hour))))
		length := time.Second + time.Duration(rng.Int64N(int64(time.Duration(1)<<rng.IntN(50)))) // up to 13 days
		most := time.Duration(rng.Int64N(int64(time.Minute)))
		w := model.Window{From: now.Add(-length), To: now}
		got, quantum := w.Share(most, now)
		moved, begun := w.To.Sub(got.To), w.From.Sub(got.From)
		if moved < 0 || begun < 0 || moved > most || begun > most || moved > length/200 || begun > length/200 || quantum > most || !got.From.Before(got.To) {
			t.Fatalf("%s before %s, at most %s: moved by %s and %s, quantum %s", length, now, most, begun, moved, quantum)
		}
		if quantum == 0 {
			continue
		}
		// Another who asks for the same length a little later.
		later := time.Duration(rng.Int64N(int64(quantum)))
		other := model.Window{From: w.From.Add(later), To: w.To.Add(later)}
		same, _ := other.Share(most, now.Add(later))
		if inTo, inFrom := w.To.Truncate(quantum).Equal(other.To.Truncate(quantum)), w.From.Truncate(quantum).Equal(other.From.Truncate(quantum)); inTo && inFrom && same != got {
			t.Fatalf("%v and %v are not asked for alike", w, other)
		}
	}
}
