package pipeline_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// finding is what must be the same of an alert in whatever order its records come.
type finding struct {
	id, detector, start, actors, victims string
}

func findings(m *memory, workers int) (list []finding) {
	for _, a := range m.alerts {
		if workers > 1 && a.Detector == health.DetectorName {
			continue // what a worker holds back for want of more looks like silence, as here only datagrams make time pass
		}
		slices.Sort(a.Actors)
		if int(a.ActorsTotal) > len(a.Actors) {
			a.Actors = nil // which of many sent most is an estimate, and a matter of when one looks
		}
		list = append(list, finding{a.ID, a.Detector, a.Start.Format(time.RFC3339Nano), fmt.Sprint(a.Actors, a.ActorsTotal), fmt.Sprint(a.Victims, a.VictimsTotal)})
	}
	slices.SortFunc(list, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.detector, b.detector), cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
	})
	return list
}

// capture is the datagrams of a scenario in memory.
func capture(t *testing.T, cfg traffic.Config) (list []listen.Datagram) {
	t.Helper()
	_, err := traffic.Generate(context.Background(), cfg, traffic.SinkFunc(func(d traffic.Datagram) error {
		list = append(list, listen.Datagram{Payload: slices.Clone(d.Payload), Source: d.Exporter, Received: d.Time.UnixNano()})
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// arrangement is a way in which the same datagrams may come.
type arrangement struct {
	name    string
	cfg     pipeline.Config
	shuffle time.Duration // arrival out of order by up to this
}

func (a arrangement) play(t *testing.T, datagrams []listen.Datagram) []finding {
	t.Helper()
	if a.shuffle > 0 {
		datagrams = shuffle(datagrams, a.shuffle)
	}
	_, p, m := assemble(t, a.cfg)
	shards := max(1, a.cfg.Workers)
	number := map[string]int{}
	for i := range datagrams {
		source := datagrams[i].Source.String()
		if _, ok := number[source]; !ok {
			number[source] = len(number) % shards
		}
		p.Handle(number[source], datagrams[i:i+1])
	}
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return findings(m, a.cfg.Workers)
}

// shuffle delays each datagram by a random time.
func shuffle(list []listen.Datagram, most time.Duration) []listen.Datagram {
	rng := rand.New(rand.NewPCG(1, 2))
	list = slices.Clone(list)
	for i := range list {
		list[i].Received += rng.Int64N(int64(most))
	}
	slices.SortStableFunc(list, func(a, b listen.Datagram) int { return cmp.Compare(a.Received, b.Received) })
	return list
}

// TestOrderOfArrival: what is found depends neither on the sizes of batches, nor on how the exporters are dealt to the receive
// workers, nor on the order of arrival within ten seconds.
func TestOrderOfArrival(t *testing.T) {
	with := func(size, workers int) pipeline.Config {
		c := replaying()
		c.BatchRecords, c.Workers = size, workers
		return c
	}
	scenarios, scale := []string{"walkthrough", "mixed"}, 0.05
	if raceEnabled {
		scenarios, scale = scenarios[:1], 0.02
	}
	for _, name := range scenarios {
		cfg := scenario(name, 5, encode.NetFlow9)
		cfg.Scale = scale
		datagrams := capture(t, cfg)
		want := arrangement{cfg: with(2048, 1)}.play(t, datagrams)
		t.Logf("%s: %d datagrams, %d findings", name, len(datagrams), len(want))
		for _, a := range []arrangement{
			{name: "three workers", cfg: with(64, 3)},
			{name: "shuffled by 10 s", cfg: with(2048, 1), shuffle: 10 * time.Second},
			{name: "batches of 1", cfg: with(1, 1)},
			{name: "batches of 100", cfg: with(100, 1)},
			{name: "batches of 20000", cfg: with(20000, 1)},
		} {
			if raceEnabled && a.shuffle == 0 && a.cfg.Workers < 2 {
				continue
			}
			t.Run(name+", "+a.name, func(t *testing.T) {
				got := a.play(t, datagrams)
				for _, f := range without(want, got) {
					t.Errorf("missing: %+v", f)
				}
				for _, f := range without(got, want) {
					t.Errorf("extra:   %+v", f)
				}
			})
		}
	}
}

// without returns what of a is not in b.
func without(a, b []finding) (rest []finding) {
	for _, f := range a {
		if !slices.Contains(b, f) {
			rest = append(rest, f)
		}
	}
	return rest
}
