package policy_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// random returns finished sessions of a few hosts within a day, in the order of their ends.
func random(rng *rand.Rand, symbols *flow.Symbols, n int) []flow.Session {
	list := make([]flow.Session, n)
	for i := range list {
		x := session(symbols, i, noon.Add(time.Duration(rng.Int64N(int64(24*time.Hour)))))
		x.End = x.Start + rng.Int64N(int64(time.Hour))
		x.Client.IP, x.Server.IP = flow.AddrFrom4(0x0a000000+rng.Uint32N(4)), flow.AddrFrom4(0xcb007100+rng.Uint32N(12))
		x.Server.Port = uint16(20 + rng.UintN(6))
		x.Client.Bytes, x.Server.Bytes, x.Client.Packets = rng.Uint64N(20e6), rng.Uint64N(1e6), rng.Uint64N(2e4)
		if rng.UintN(3) == 0 {
			x.Client.Groups = symbols.Intern("others")
		}
		list[i] = x
	}
	slices.SortFunc(list, func(a, b flow.Session) int { return int(a.End - b.End) })
	return list
}

// pieces returns tellings of the sessions as they grow, in the order of time.
func pieces(rng *rand.Rand, list []flow.Session) []flow.Session {
	var told []flow.Session
	for _, x := range list {
		n := rng.Int64N(6)
		for i := range n {
			p := x
			p.Open, p.End = true, x.Start+(x.End-x.Start)*(i+1)/(n+1)
			p.Client.Bytes, p.Server.Bytes, p.Client.Packets = share(x.Client.Bytes, i, n), share(x.Server.Bytes, i, n), share(x.Client.Packets, i, n)
			told = append(told, p)
		}
		told = append(told, x)
	}
	slices.SortStableFunc(told, func(a, b flow.Session) int { return int(a.End - b.End) })
	return told
}

func share(v uint64, i, n int64) uint64 { return v * uint64(i+1) / uint64(n+1) }

// TestSessionsExactly: the sessions reported are those that a look at each finished session gives, cut into pieces or not, and
// each has its final measures.
func TestSessionsExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		symbols := flow.NewSymbols()
		list := random(rng, symbols, 300)
		want := map[flow.SessionID]uint64{}
		for _, x := range list {
			if symbols.Text(x.Client.Groups) != "others" && x.Client.Bytes > 10_000_000 {
				want[x.ID] = x.Client.Bytes
			}
		}
		for _, told := range [][]flow.Session{list, pieces(rng, list)} {
			s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "a", Filter: upload, Limit: condition(t, "bytes_out > 10MB")})
			news, ends := map[flow.SessionID]int{}, map[flow.SessionID]uint64{}
			for i := range told {
				for _, f := range s.Observe(&told[i]) {
					if f.New {
						news[f.Key.Session]++
					}
					if f.Over {
						ends[f.Key.Session] = uint64(f.Measured[0].Value)
					}
				}
			}
			if len(news) != len(want) || len(ends) != len(want) {
				t.Fatalf("%d reported and %d ended, want %d", len(news), len(ends), len(want))
			}
			for id, bytes := range want {
				if news[id] != 1 || ends[id] != bytes {
					t.Errorf("%s: reported %d times, in the end %d, want %d", id, news[id], ends[id], bytes)
				}
			}
		}
	}
}

// naive is a window kept as the list of all that was added.
type naive struct {
	added []addition
	over  bool
}

// addition is what a session has gained between two times.
type addition struct {
	from, to, out, in int64
	peer              flow.Addr
}

// since is how much of v, which came evenly, came after a time.
func (a *addition) since(v, at int64) int64 {
	if at <= a.from {
		return v
	}
	before := new(big.Int).Mul(big.NewInt(v), big.NewInt(at-a.from))
	return v - before.Div(before, big.NewInt(max(a.to-a.from, 1))).Int64()
}

// passed counts anew what is in the newest twelve bins.
func (n *naive) passed(bytes int64, peers int, bin int64) bool {
	newest := int64(0)
	for _, a := range n.added {
		newest = max(newest, a.to/bin)
	}
	sum, seen := int64(0), map[flow.Addr]bool{}
	for _, a := range n.added {
		if begin := (newest - 11) * bin; a.to >= begin {
			sum += a.since(a.out, begin) + a.since(a.in, begin)
			seen[a.peer] = true
		}
	}
	return sum > bytes && len(seen) >= peers
}

// TestWindowsExactly holds windows to a computation that keeps everything, on sessions told in pieces: each new finding comes with
// the telling that passes the limit, and none is missed.
func TestWindowsExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const window, limit, peers = 2 * time.Hour, 90_000_000, 5
	for range 20 {
		symbols := flow.NewSymbols()
		list := pieces(rng, random(rng, symbols, 200))
		s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "w", By: policy.BySource, Window: window, Limit: condition(t, "bytes > 90MB and peers >= 5")})
		hosts, before, last := map[flow.Addr]*naive{}, map[flow.SessionID]flow.Session{}, map[flow.Addr]int64{}
		found := 0
		for i := range list {
			x := &list[i]
			h := hosts[x.Client.IP]
			if h == nil {
				h = &naive{}
				hosts[x.Client.IP] = h
			}
			b := before[x.ID]
			a := addition{x.Start, x.End, int64(x.Client.Bytes - b.Client.Bytes), int64(x.Server.Bytes - b.Server.Bytes), x.Server.IP}
			if b.End != 0 {
				a.from = b.End
			}
			h.added = append(h.added, a)
			before[x.ID] = *x
			passed := h.passed(limit, peers, int64(window/12))
			want := passed && (!h.over || x.End-last[x.Client.IP] >= int64(window))
			if passed {
				h.over, last[x.Client.IP] = true, x.End
			}
			got := false
			for _, f := range s.Observe(x) {
				got = got || f.New && f.Key.Source == x.Client.IP
			}
			if got != want {
				t.Fatalf("telling %d of %s: new finding %v, want %v", i, x.Client.IP, got, want)
			}
			if got {
				found++
			}
		}
		if found == 0 {
			t.Error("the limit is never passed: the test shows nothing")
		}
	}
}

// TestPiecesAreCountedOnce: at the end a window has what the sessions have, however they were told, also when client and server are
// found to be the other way round, and when there is no room to remember the session.
func TestPiecesAreCountedOnce(t *testing.T) {
	for name, cfg := range map[string]policy.Config{"room": {}, "no room": {Open: 1}} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 8))
			symbols := flow.NewSymbols()
			list := random(rng, symbols, 100)
			total := uint64(0)
			for _, x := range list {
				total += x.Client.Bytes + x.Server.Bytes
			}
			told := pieces(rng, list)
			for i := range told {
				if told[i].Open && told[i].ID.Lo%3 == 0 {
					told[i].Client, told[i].Server = told[i].Server, told[i].Client
				}
				told[i].Client.Groups, told[i].Server.Groups = symbols.Intern("all"), symbols.Intern("all")
			}
			s := compile(t, symbols, cfg, policy.Policy{Name: "w", By: policy.ByGroup, Window: 7 * 24 * time.Hour, Limit: condition(t, "bytes > 0B")})
			for i := range told {
				s.Observe(&told[i])
			}
			over := s.Advance(noon.Add(30 * 24 * time.Hour).UnixNano())
			if len(over) != 1 || uint64(over[0].Measured[0].Value) != total {
				t.Errorf("counted %s, want %d", describe(over), total)
			}
			if st := s.Stats(); st.Open != 0 || (st.Deferred > 0) != (cfg.Open > 0) {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

func describe(list []policy.Finding) string { return told(list) }
