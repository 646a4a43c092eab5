package losses_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/losses"
	"github.com/weirflow/weir/shared/query"
)

// bench is a collector that loses what a test wants when it wants.
type bench struct {
	t     *testing.T
	path  string
	now   time.Time
	total query.Loss
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newBench(t *testing.T) *bench {
	return &bench{t: t, path: filepath.Join(t.TempDir(), losses.FileName), now: noon}
}

// start begins a run; the counts of kernel drops begin anew with it.
func (b *bench) start() *losses.Ledger {
	b.t.Helper()
	b.total.KernelDrops = 0
	l := losses.New(losses.Config{Path: b.path}, losses.Deps{
		Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler), Total: func() query.Loss { return b.total },
	})
	if err := l.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = l.Stop() })
	return l
}

func (b *bench) stop(l *losses.Ledger) {
	b.t.Helper()
	for range 2 {
		if err := l.Stop(); err != nil {
			b.t.Fatal(err)
		}
	}
}

// at is a time so many minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// lose loses something so many minutes after noon; something asks at once, as somebody always does.
func (b *bench) lose(l *losses.Ledger, minutes int, lost query.LossInRange) {
	b.now = at(minutes)
	l.Within(b.now, b.now)
	b.now = b.now.Add(5 * time.Second)
	b.total.Gaps, b.total.KernelDrops, b.total.Dropped = b.total.Gaps+lost.Gaps, b.total.KernelDrops+lost.KernelDrops, b.total.Dropped+lost.Dropped
	l.Within(b.now, b.now)
}

func (b *bench) expect(within func(from, to time.Time) *query.LossInRange, from, to time.Time, want query.LossInRange) {
	b.t.Helper()
	if got := within(from, to); got == nil || *got != want {
		b.t.Errorf("%s to %s: %+v, wanted %+v", from, to, got, want)
	}
}

func TestLossesAreOfTheirMinutes(t *testing.T) {
	b := newBench(t)
	l := b.start()
	b.lose(l, 10, query.LossInRange{Gaps: 3})
	b.lose(l, 40, query.LossInRange{KernelDrops: 5, Dropped: 7})
	b.now = at(60)
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     query.LossInRange
	}{
		{"all", time.Time{}, time.Time{}, query.LossInRange{Gaps: 3, KernelDrops: 5, Dropped: 7}},
		{"before", at(0), at(8), query.LossInRange{}},
		{"the minute before, of which flows come late", at(0), at(10), query.LossInRange{Gaps: 3}},
		{"the first", at(9), at(12), query.LossInRange{Gaps: 3}},
		{"between", at(12), at(38), query.LossInRange{}},
		{"the second", at(40), at(41), query.LossInRange{KernelDrops: 5, Dropped: 7}},
		{"from then on", at(39), time.Time{}, query.LossInRange{KernelDrops: 5, Dropped: 7}},
		{"after", at(45), at(60), query.LossInRange{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.t = t
			b.expect(l.Within, c.from, c.to, c.want)
		})
	}
	b.t = t
}

// TestNextRun: another run knows what was lost in the one before; what it misses first was lost while nothing ran.
func TestNextRun(t *testing.T) {
	b := newBench(t)
	l := b.start()
	b.lose(l, 10, query.LossInRange{Gaps: 3, KernelDrops: 2})
	b.now = at(20)
	b.stop(l)
	recalled, err := losses.Recall(b.path)
	if err != nil || recalled == nil {
		t.Fatal(err)
	}
	b.expect(recalled, at(5), at(15), query.LossInRange{Gaps: 3, KernelDrops: 2})
	b.now = at(50)
	l = b.start()
	b.expect(l.Within, at(15), time.Time{}, query.LossInRange{})
	b.lose(l, 51, query.LossInRange{Gaps: 100})
	b.expect(l.Within, at(30), at(40), query.LossInRange{Gaps: 100})
	b.expect(l.Within, at(12), at(15), query.LossInRange{})
	b.lose(l, 55, query.LossInRange{KernelDrops: 1})
	b.expect(l.Within, at(30), at(40), query.LossInRange{Gaps: 100})
	b.expect(l.Within, time.Time{}, time.Time{}, query.LossInRange{Gaps: 103, KernelDrops: 3})
}

// TestKilledRun: what a run lost that could not write it, or one of a version without a ledger, may have been lost at any time since.
func TestKilledRun(t *testing.T) {
	b := newBench(t)
	b.total.Gaps = 9
	l := b.start()
	b.expect(l.Within, at(-600), at(-590), query.LossInRange{Gaps: 9})
	b.expect(l.Within, at(5), time.Time{}, query.LossInRange{})
	b.now = at(20)
	b.stop(l)
	b.total.Gaps, b.now = 12, at(30) // three more, by the accounts in the store
	l = b.start()
	b.expect(l.Within, at(25), at(26), query.LossInRange{Gaps: 3})
	b.expect(l.Within, time.Time{}, time.Time{}, query.LossInRange{Gaps: 12})
}

// TestManyLosses: what is remembered is bounded, and nothing of it is forgotten; a line that was cut off costs no more than itself.
func TestManyLosses(t *testing.T) {
	b := newBench(t)
	l := b.start()
	const n = 21_000
	for i := range n {
		b.lose(l, 2*i, query.LossInRange{Dropped: 1})
	}
	b.expect(l.Within, time.Time{}, time.Time{}, query.LossInRange{Dropped: n})
	b.expect(l.Within, at(2*n-1000), time.Time{}, query.LossInRange{Dropped: 500})
	b.stop(l)
	f, err := os.OpenFile(b.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"from":"2026-`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	l = b.start()
	b.expect(l.Within, time.Time{}, time.Time{}, query.LossInRange{Dropped: n})
}
