package detect

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

// busy is a scene with everything: floods of several kinds, surges, sampled and unsampled exporters.
func busy() []*exporter {
	x := newExporter(60, 15)
	x.jitter = secs(1)
	x.see(background(t0, t0+secs(3000))...)
	x.see(reflectionOf(53, 300, 90e6, 1300, floodFrom+secs(3.5), floodTo)...)
	x.see(reflectionOf(11211, 40, 50e6, 1400, floodFrom+secs(700), floodTo+secs(700))...)
	x.see(udpFlood(600, 4000, floodFrom+secs(400), floodFrom+secs(420))...)
	x.see(withRequests(reflectionOf(443, 5, 300e6, 1250, floodFrom+secs(900), floodTo+secs(1200)), 1)...)
	y := newExporter(300, 15)
	y.ip, y.interval = addr("192.0.2.2"), 100
	flood := reflectionOf(389, 400, 800e6, 1400, floodFrom+secs(250), floodTo+secs(500))
	for i := range flood {
		flood[i].dst = addr("10.0.0.77")
	}
	y.see(flood...)
	return []*exporter{x, y}
}

// TestBatchesDoNotMatter: however the records are cut into batches, and whatever the secret, the same alerts come out, all
// fields.
func TestBatchesDoNotMatter(t *testing.T) {
	want := (&play{batch: 1}).run(t, busy()...)
	if len(want) < 5 {
		t.Fatalf("only %d alerts:%s", len(want), titles(want))
	}
	t.Log(titles(want))
	for _, p := range []*play{{batch: 7}, {batch: 1 << 20}, {batch: 50, secret: 99}} {
		if diff := cmp.Diff(want, p.run(t, busy()...)); diff != "" {
			t.Errorf("batches of %d, secret %d: %s", p.batch, p.secret, diff)
		}
	}
}

// TestOrderDoesNotMatter: records that arrive within the same second may come in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	want := (&play{}).run(t, busy()...)
	for seed := range uint64(3) {
		got := (&play{shuffle: rand.New(rand.NewPCG(seed, 1))}).run(t, busy()...)
		if len(got) != len(want) {
			t.Errorf("%d alerts, want %d:%s", len(got), len(want), titles(got))
			continue
		}
		for i := range got {
			a, b := &got[i], &want[i]
			if a.ID != b.ID || !a.Start.Equal(b.Start) || !a.End.Equal(*b.End) || a.Severity != b.Severity || a.Measured != b.Measured {
				t.Errorf("%s\n%s, %v to %v [%d]\nwant %s, %v to %v [%d]", a.Detector, a.ID, a.Start, a.End, a.Severity, b.ID, b.Start, b.End, b.Severity)
			}
			if ratio := float64(a.ActorsTotal) / float64(b.ActorsTotal); ratio < 0.95 || ratio > 1.05 {
				t.Errorf("%s: %d sources, want %d", a.Detector, a.ActorsTotal, b.ActorsTotal)
			}
		}
	}
}

// TestSeveralEngines live in one process without knowing of each other.
func TestSeveralEngines(t *testing.T) {
	a, b := &play{}, &play{}
	a.make(t)
	b.make(t)
	a.run(t, usual().see(reflectionOf(53, 100, 90e6, 1300, floodFrom, floodTo)...))
	if got := b.engine.Stats(); got.Records != 0 || got.Cells != 0 {
		t.Errorf("the other engine has seen something: %+v", got)
	}
}

func TestNothingHappensWithoutRecords(t *testing.T) {
	e, err := New(Config{}, Deps{Symbols: flow.NewSymbols()})
	if err != nil {
		t.Fatal(err)
	}
	e.Advance(0)
	e.Advance(t0)
	e.Observe(flow.NewBatch(1, flow.NewSymbols()), t0)
	e.Finish(t0)
	if c := e.Changes(); len(c) != 0 {
		t.Error(c)
	}
}
