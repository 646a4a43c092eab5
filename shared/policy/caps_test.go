package policy_test

import (
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// TestCaps: tables don't grow beyond their caps, what finds no place is counted, and room comes back with time.
func TestCaps(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{Open: 5, Keys: 10, Values: 20},
		policy.Policy{Name: "w", By: policy.BySource, Window: time.Minute, Limit: condition(t, "peers > 1000")},
		policy.Policy{Name: "s", Limit: condition(t, "bytes > 1")},
	)
	see := func(n int, at time.Time) {
		x := session(symbols, n, at)
		x.Client.IP, x.Server.IP, x.Open = flow.AddrFrom4(uint32(n%15)), flow.AddrFrom4(uint32(n)), n%2 == 0
		s.Observe(&x)
	}
	for n := range 600 {
		see(n, noon)
	}
	st := s.Stats()
	if st.Open != 5 || st.Keys != 10 || st.Values > 20 || st.Deferred == 0 || st.NoRoom == 0 || st.Untold == 0 {
		t.Errorf("stats %+v", st)
	}
	before := st.NoRoom
	for n := range 30 {
		see(15*n+14, noon.Add(10*time.Minute))
	}
	if st = s.Stats(); st.NoRoom != before || st.Keys > 10 {
		t.Errorf("no room for a new key after the old ones have gone: %+v", st)
	}
}

// TestLate: what is older than its window is counted as such, and time before 1970 is nothing to fall over.
func TestLate(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "w", By: policy.BySource, Window: time.Hour, Limit: condition(t, "bytes > 1500")})
	for i, at := range []time.Time{noon, noon.Add(-2 * time.Hour), time.Unix(-100, 0), noon.Add(-10 * time.Minute)} {
		x := session(symbols, i, at)
		if got := told(s.Observe(&x)); (got != "") != (i == 3) {
			t.Errorf("%v: %q", at, got)
		}
	}
	if st := s.Stats(); st.Late != 2 {
		t.Errorf("stats %+v", st)
	}
}

// TestSessionsAllocateNothing: policies by session cost no memory per session.
func TestSessionsAllocateNothing(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{},
		policy.Policy{Name: "a", Filter: upload, Limit: condition(t, "bytes_out > 10MB and duration > 1s or pps > 1M")},
		policy.Policy{
			Name: "b", Filter: `client.ip : 10.0.0.0/8 and weir.tcp.state : EST and observer.ip : * and weir.client.tcp.flags : SYN`, Limit: condition(t, "bps > 1G"),
			Schedule: &policy.Schedule{Days: workdays, From: 60, To: 1200, Zone: "Europe/Zurich"},
		},
		policy.Policy{Name: "c", Limit: condition(t, "bytes > 1"), Schedule: &policy.Schedule{Days: 1, To: 1440, Zone: "Europe/Zurich"}},
	)
	x := session(symbols, 1, noon)
	x.ExporterCount = 1
	if n := testing.AllocsPerRun(200, func() {
		x.ID.Lo++
		x.Open = !x.Open
		if len(s.Observe(&x)) > 0 {
			t.Error("found something")
		}
	}); n != 0 {
		t.Errorf("%v allocations a session", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	symbols := flow.NewSymbols()
	s := compile(b, symbols, policy.Config{}, policy.Policy{Name: "a", Filter: upload, Limit: condition(b, "bytes_out > 10MB")},
		policy.Policy{Name: "w", By: policy.BySource, Window: time.Hour, Limit: condition(b, "peers > 100")})
	x := session(symbols, 1, noon)
	b.ReportAllocs()
	for b.Loop() {
		x.ID.Lo++
		x.End += 1e6
		s.Observe(&x)
	}
}
