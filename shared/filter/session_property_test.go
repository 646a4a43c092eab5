package filter_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

func TestSessionTextParsesToTheSameTree(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(1, 2)), flow.NewRegistry()
	for range 2000 {
		n := filtertest.RandomOfSessions(rng, reg)
		back, err := filter.ParseSession(n.String(), reg)
		if err != nil || !reflect.DeepEqual(n, back) {
			t.Fatalf("%s\nis parsed as\n%s, %v", n, back, err)
		}
	}
}

func TestSessionPredicateSelectsWhatTheLanguageMeans(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(3, 4)), flow.NewRegistry()
	selected, left := 0, 0
	for range 20 {
		b := filtertest.LastStates(filtertest.RandomSessions(rng, 100))
		view := filter.NewSessionView(b.Symbols)
		for range 100 {
			n := filtertest.RandomOfSessions(rng, reg)
			match := filter.SessionPredicate(n)
			for i := range b.Sessions {
				s := &b.Sessions[i]
				view.Set(s)
				got, want := match(view), filtertest.MatchSession(n, b.Symbols, s)
				if got != want {
					t.Fatalf("filter %s\nselects %v, should be %v:\n%s", n, got, want, b.AppendJSON(nil, s))
				}
				if got {
					selected++
				} else {
					left++
				}
			}
		}
	}
	// A generator whose filters match nothing or everything would prove nothing.
	if selected < 50000 || left < 50000 {
		t.Errorf("of 200000 decisions %d select and %d leave out: the generator has gone blunt", selected, left)
	}
}

// TestEverySessionFieldIsDrawn: random sessions have each field now and then, and now and then not.
func TestEverySessionFieldIsDrawn(t *testing.T) {
	always := map[string]bool{
		"@timestamp": true, "event.start": true, "event.end": true, "session.start": true, "event.duration": true, "observer.ip": true, "related.ip": true,
		"client.ip": true, "client.bytes": true, "client.packets": true, "source.ip": true, "source.bytes": true, "source.packets": true,
		"server.ip": true, "server.bytes": true, "server.packets": true, "destination.ip": true, "destination.bytes": true, "destination.packets": true,
		"network.iana_number": true, "network.transport": true, "network.bytes": true, "network.packets": true, "weir.direction.confidence": true,
	}
	b := filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(7, 8)), 300))
	for _, f := range flow.NewRegistry().Fields() {
		if f.OfSession == nil {
			continue
		}
		there := 0
		for i := range b.Sessions {
			if len(f.OfSession(nil, b.Symbols, &b.Sessions[i])) > 0 {
				there++
			}
		}
		if there == 0 || (there == len(b.Sessions)) != always[f.Name] {
			t.Errorf("%s is there in %d of %d sessions", f.Name, there, len(b.Sessions))
		}
	}
}

func TestSessionPredicateAllocatesNothing(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(9, 10)), flow.NewRegistry()
	b := filtertest.LastStates(filtertest.RandomSessions(rng, 50))
	view := filter.NewSessionView(b.Symbols)
	for range 100 {
		n := filtertest.RandomOfSessions(rng, reg)
		match := filter.SessionPredicate(n)
		allocations := testing.AllocsPerRun(1, func() {
			for i := range b.Sessions {
				view.Set(&b.Sessions[i])
				match(view)
			}
		})
		if allocations != 0 {
			t.Errorf("%s: %v allocations", n, allocations)
		}
	}
}

func FuzzParseSession(f *testing.F) {
	rng, reg := rand.New(rand.NewPCG(11, 12)), flow.NewRegistry()
	for range 50 {
		f.Add(filtertest.RandomOfSessions(rng, reg).String())
	}
	for _, seed := range []string{`weir.tcp.state : 5`, `weir.client.tcp.flags : (s* or "SYN")`, `event.duration >= 3600000000000`, `session.start < 2026-03-02`} {
		f.Add(seed)
	}
	b := filtertest.LastStates(filtertest.RandomSessions(rng, 8))
	f.Fuzz(func(t *testing.T, text string) {
		n, err := filter.ParseSession(text, reg)
		if err != nil {
			if bad := new(filter.Error); !asError(err, &bad) || bad.Column < 1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		back, err := filter.ParseSession(n.String(), reg)
		if err != nil || !reflect.DeepEqual(n, back) {
			t.Fatalf("%q is %q, which is parsed as %v (%v)", text, n, back, err)
		}
		match, view := filter.SessionPredicate(n), filter.NewSessionView(b.Symbols)
		for i := range b.Sessions {
			s := &b.Sessions[i]
			if view.Set(s); match(view) != filtertest.MatchSession(n, b.Symbols, s) {
				t.Fatalf("%q is judged differently on\n%s", text, b.AppendJSON(nil, s))
			}
		}
	})
}
