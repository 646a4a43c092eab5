package cim_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/cim"
)

// extract returns what Splunk has of an event, with the aliases that props.conf must have.
func extract(t *testing.T, kind cim.Kind, raw []byte, ns int64) filtertest.Event {
	t.Helper()
	lists := map[string]bool{}
	for _, f := range cim.Fields(kind) {
		lists[f.Name] = f.List
	}
	e, err := filtertest.Extract(raw, ns, func(name string) bool { return lists[name] })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// rounds is a number of rounds, fewer with the race detector: it has nothing to find here, and makes them slow.
func rounds(n int) int {
	if raceEnabled {
		return n / 4
	}
	return n
}

// TestSPLSelectsEvents: what SPL asks for selects the events of just the records that the filter selects.
func TestSPLSelectsEvents(t *testing.T) {
	rng, reg, encoder := rand.New(rand.NewPCG(61, 62)), flow.NewRegistry(), cim.NewEncoder(cim.Config{})
	some, notAll := 0, 0
	for range rounds(20) {
		b := filtertest.RandomBatch(rng, 20)
		events := make([]filtertest.Event, len(b.Records))
		for i := range b.Records {
			r := &b.Records[i]
			events[i] = extract(t, cim.Flow, encoder.AppendFlow(nil, b, r), cim.FlowTime(r))
		}
		for range 40 {
			n := filtertest.Random(rng, reg)
			spl, selected := filter.SPL(n), map[flow.EventID]bool{}
			for i := range events {
				if events[i].Selects(spl) {
					selected[b.Records[i].ID] = true
				}
			}
			if diff := filtertest.Difference(n, b, reg, selected); diff != "" {
				t.Fatalf("%s\n%s", diff, spl)
			}
			if len(selected) > 0 {
				some++
			}
			if len(selected) < len(events) {
				notAll++
			}
		}
	}
	if all := 40 * rounds(20); some < all/3 || notAll < all/3 {
		t.Errorf("of %d filters %d select an event and %d leave one out: the generator has gone blunt", all, some, notAll)
	}
}

// TestSPLSelectsEveryField asks for each field by each of its values in the batch.
func TestSPLSelectsEveryField(t *testing.T) {
	rng, reg, encoder := rand.New(rand.NewPCG(63, 64)), flow.NewRegistry(), cim.NewEncoder(cim.Config{})
	b := filtertest.RandomBatch(rng, rounds(20))
	events := make([]filtertest.Event, len(b.Records))
	for i := range b.Records {
		events[i] = extract(t, cim.Flow, encoder.AppendFlow(nil, b, &b.Records[i]), cim.FlowTime(&b.Records[i]))
	}
	for _, f := range reg.Fields() {
		if f.Get == nil {
			continue
		}
		ask := func(n filter.Node) {
			spl, selected := filter.SPL(n), map[flow.EventID]bool{}
			for i := range events {
				if events[i].Selects(spl) {
					selected[b.Records[i].ID] = true
				}
			}
			if diff := filtertest.Difference(n, b, reg, selected); diff != "" {
				t.Fatalf("%s\n%s", diff, spl)
			}
		}
		ask(filter.Exists{Field: f})
		for i := range b.Records {
			for _, v := range f.Get(nil, b, &b.Records[i]) {
				if f.Kind != flow.KindObject {
					ask(filter.Compare{Field: f, Values: []filter.Value{{Value: v, Bits: 128}}})
				}
			}
		}
	}
}

func TestSPLSelectsSessions(t *testing.T) {
	rng, reg, encoder := rand.New(rand.NewPCG(65, 66)), flow.NewRegistry(), cim.NewEncoder(cim.Config{})
	for range rounds(8) {
		b := filtertest.LastStates(filtertest.RandomSessions(rng, 15))
		events := make([]filtertest.Event, len(b.Sessions))
		for i := range b.Sessions {
			s := &b.Sessions[i]
			events[i] = extract(t, cim.Session, encoder.AppendSession(nil, b, s, cim.Whole(s)), s.End)
		}
		for range 60 {
			n := filtertest.RandomOfSessions(rng, reg)
			spl := filter.SPL(n)
			for i := range events {
				s := &b.Sessions[i]
				if got, want := events[i].Selects(spl), filtertest.MatchSession(n, b.Symbols, s); got != want {
					t.Fatalf("%s\nselects %v, should be %v:\n%s\n%v", n, got, want, spl, events[i])
				}
			}
		}
	}
}
