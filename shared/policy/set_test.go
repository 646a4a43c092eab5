package policy_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// noon is a Monday.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func addr(s string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(s)) }

func condition(t testing.TB, text string) policy.Condition {
	t.Helper()
	c, err := policy.ParseCondition(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func compile(t testing.TB, symbols *flow.Symbols, cfg policy.Config, policies ...policy.Policy) *policy.Set {
	t.Helper()
	s, err := policy.Compile(policies, policy.Deps{Symbols: symbols, Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// session is a finished TCP session of 10 s from a client of group "External Servers" that starts at the time.
func session(symbols *flow.Symbols, n int, at time.Time) flow.Session {
	return flow.Session{
		ID: flow.SessionID{Hi: 1, Lo: uint64(n)}, Start: at.UnixNano(), End: at.Add(10 * time.Second).UnixNano(), Transport: 6, State: flow.StateEST,
		Direction: flow.Outbound,
		Client:    flow.SessionSide{IP: addr("10.0.0.1"), Port: uint16(10000 + n), Groups: symbols.Intern("External Servers,linux"), Bytes: 1000, Packets: 10, TCPFlags: flow.SYN | flow.ACK},
		Server:    flow.SessionSide{IP: addr("203.0.113.9"), Port: 443, Bytes: 500, Packets: 8, TCPFlags: flow.SYN | flow.ACK, Country: [2]byte{'C', 'H'}},
	}
}

const upload = `weir.source.group : "External Servers" and network.direction : outbound`

// told sums findings up: policy, what it is about, and how it was given.
func told(list []policy.Finding) string {
	var words []string
	for _, f := range list {
		s := f.Policy.Name
		if f.New {
			s += " new"
		}
		if f.Over {
			s += " over"
		}
		words = append(words, fmt.Sprintf("%s %.0f", s, f.Measured[0].Value))
	}
	return strings.Join(words, ", ")
}

// TestSessionFiresAsItGrows: more than 10 MB in one session is told when it is there, once, and again at the end.
func TestSessionFiresAsItGrows(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "a", Filter: upload, Limit: condition(t, "bytes_out > 10MB")})
	x := session(symbols, 1, noon)
	for _, step := range []struct {
		bytes uint64
		open  bool
		want  string
	}{{9e6, true, ""}, {10e6, true, ""}, {10e6 + 1, true, "a new 10000001"}, {50e6, true, "a 50000000"}, {60e6, false, "a over 60000000"}} {
		x.Client.Bytes, x.Open, x.End = step.bytes, step.open, x.End+1e9
		found := s.Observe(&x)
		if got := told(found); got != step.want {
			t.Errorf("at %d: %q, want %q", step.bytes, got, step.want)
		}
		if len(found) > 0 && (found[0].Key.Session != x.ID || found[0].First != x.Start || found[0].Last != x.End || found[0].Clients[0] != x.Client.IP) {
			t.Errorf("finding %+v", found[0])
		}
	}
	if st := s.Stats(); st.Open != 0 || st.Findings != 1 || st.Sessions != 5 {
		t.Errorf("stats %+v", st)
	}
}

// TestJudged holds single finished sessions against policies by session.
func TestJudged(t *testing.T) {
	for _, c := range []struct {
		name, filter, limit string
		change              func(x *flow.Session)
		want                bool
	}{
		{"under the limit", "", "bytes > 1500", nil, false},
		{"at the limit, > does not hold", "", "bytes_out > 1000", nil, false},
		{"at the limit, >= does", "", "bytes_out >= 1000", nil, true},
		{"in is from the server", "", "bytes_in >= 500", nil, true},
		{"and needs both", "", "bytes > 1KB and packets > 100", nil, false},
		{"or needs one", "", "bytes > 1KB or packets > 100", nil, true},
		{"and binds more strongly", "", "bytes > 1 or packets > 100 and duration > 1d", nil, true},
		{"parentheses", "", "(bytes > 1 or packets > 100) and duration > 1d", nil, false},
		{"duration", "", "duration >= 10s", nil, true},
		{"bits per second over its length", "", "bps >= 1200", nil, true},
		{"bits per second, less", "", "bps > 1200", nil, false},
		{"less than a second counts as one", "", "bps > 12k", func(x *flow.Session) { x.End = x.Start + 1e6 }, false},
		{"packets per second", "", "pps >= 1.8", nil, true},
		{"a group, among several", `weir.source.group : "linux"`, "bytes > 1", nil, true},
		{"not its group", `weir.source.group : "windows"`, "bytes > 1", nil, false},
		{"by the state", "weir.tcp.state : (EST or QR)", "bytes > 1", nil, true},
		{"by the client", "client.ip : 10.0.0.0/8 and server.port : 443", "bytes > 1", nil, true},
		{"either side", "related.ip : 203.0.113.9", "bytes > 1", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			symbols := flow.NewSymbols()
			s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "a", Filter: c.filter, Limit: condition(t, c.limit)})
			x := session(symbols, 1, noon)
			if c.change != nil {
				c.change(&x)
			}
			found := s.Observe(&x)
			if got := len(found) == 1 && found[0].New && found[0].Over; got != c.want || len(found) > 1 {
				t.Errorf("found %s, want %v", told(found), c.want)
			}
		})
	}
}

// TestWhatMayTurnWaits: a filter that holds now and not at the end, and an average, are judged at the end.
func TestWhatMayTurnWaits(t *testing.T) {
	for _, c := range []struct {
		name, filter, limit string
		early               bool
	}{
		{"a state that may change", "weir.tcp.state : S0", "bytes > 1", false},
		{"a state that stays", "weir.tcp.state : EST", "bytes > 1", true},
		{"few bytes", "network.bytes < 2000", "bytes > 1", false},
		{"many bytes", "network.bytes > 1000", "bytes > 1", true},
		{"not a port", "not server.port : 22", "bytes > 1", true},
		{"not a flag", "not weir.tcp.flags : RST", "bytes > 1", false},
		{"an average", "", "bps > 1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			symbols := flow.NewSymbols()
			s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "a", Filter: c.filter, Limit: condition(t, c.limit)})
			x := session(symbols, 1, noon)
			x.Open = true
			if c.name == "a state that may change" {
				x.State = flow.StateS0
			}
			if early := len(s.Observe(&x)) > 0; early != c.early {
				t.Errorf("told early: %v", early)
			}
			x.Open = false
			if got := s.Observe(&x); len(got) != 1 || got[0].New == c.early || !got[0].Over {
				t.Errorf("at the end %s", told(got))
			}
		})
	}
}

func TestWindow(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "w", By: policy.BySource, Window: 12 * time.Minute, Limit: condition(t, "sessions >= 3")})
	see := func(n int, after time.Duration) string {
		x := session(symbols, n, noon.Add(after-10*time.Second))
		return told(s.Observe(&x))
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, ""}, {time.Minute, ""}, {2 * time.Minute, "w new 3"}, {2*time.Minute + 30*time.Second, ""}, {3 * time.Minute, "w 5"},
		{13 * time.Minute, "w 5"}, // those of 2, 3 and 13 are left
		{20 * time.Minute, ""},    // 13 and 20: no more, but not for long
		{40 * time.Minute, "w over 5"},
		{41 * time.Minute, ""},
		{42 * time.Minute, "w new 3"},
	} {
		got := see(int(c.after/time.Second), c.after)
		if got != c.want {
			t.Errorf("after %v: %q, want %q", c.after, got, c.want)
		}
	}
	if st := s.Stats(); st.Findings != 2 || st.Keys != 1 {
		t.Errorf("stats %+v", st)
	}
}

// TestAdvanceEndsFindings: without traffic, time ends them.
func TestAdvanceEndsFindings(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "w", By: policy.ByPair, Window: time.Hour, Limit: condition(t, "bytes > 1KB")})
	x := session(symbols, 1, noon)
	if got := told(s.Observe(&x)); got != "w new 1500" {
		t.Fatal(got)
	}
	if got := told(s.Advance(x.End + int64(50*time.Minute))); got != "" {
		t.Error(got)
	}
	if got := told(s.Advance(x.End + int64(time.Hour))); got != "w over 1500" {
		t.Error(got)
	}
}

// TestGroupings: what counts together.
func TestGroupings(t *testing.T) {
	for _, c := range []struct {
		by    policy.Grouping
		limit string
		want  []policy.Key
	}{
		{policy.BySource, "peers >= 2", []policy.Key{{Source: addr("10.0.0.1")}}},
		{policy.ByDestination, "peers >= 2", []policy.Key{{Destination: addr("203.0.113.9")}}},
		{policy.ByDestination, "countries >= 1", nil},
		{policy.BySource, "countries >= 2", []policy.Key{{Source: addr("10.0.0.1")}}},
		{policy.ByPair, "ports >= 2", []policy.Key{{Source: addr("10.0.0.1"), Destination: addr("203.0.113.9")}}},
		{policy.ByGroup, "sessions >= 4", []policy.Key{{Group: "External Servers"}, {Group: "linux"}}},
		{policy.ByPair, "sessions >= 3", nil},
	} {
		t.Run(c.by.String()+" "+c.limit, func(t *testing.T) {
			symbols := flow.NewSymbols()
			s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "g", By: c.by, Window: time.Hour, Limit: condition(t, c.limit)})
			var got []policy.Key
			for n, change := range []func(x *flow.Session){
				func(*flow.Session) {},
				func(x *flow.Session) { x.Server.Port = 22 },
				func(x *flow.Session) { x.Server.IP, x.Server.Country = addr("203.0.113.10"), [2]byte{'D', 'E'} },
				func(x *flow.Session) { x.Client.IP, x.Server.Port = addr("10.0.0.2"), 0 },
			} {
				x := session(symbols, n, noon)
				change(&x)
				for _, f := range s.Observe(&x) {
					got = append(got, f.Key)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestCompileErrors(t *testing.T) {
	good := func(change func(p *policy.Policy)) policy.Policy {
		p := policy.Policy{Name: "a", Limit: condition(t, "bytes > 1")}
		change(&p)
		return p
	}
	for _, c := range []struct {
		name, part string
		policy     policy.Policy
	}{
		{"no name", "name", good(func(p *policy.Policy) { p.Name = "" })},
		{"no limit", "limit", good(func(p *policy.Policy) { p.Limit = policy.Condition{} })},
		{"a filter that is none", "filter", good(func(p *policy.Policy) { p.Filter = "source.prot : 1" })},
		{"a window by session", "window", good(func(p *policy.Policy) { p.Window = time.Hour })},
		{"no window", "window", good(func(p *policy.Policy) { p.By = policy.ByPair })},
		{"a schedule without days", "schedule", good(func(p *policy.Policy) { p.Schedule = &policy.Schedule{To: 5} })},
		{"severity", "severity", good(func(p *policy.Policy) { p.Severity = 101 })},
		{"grouping", "by", good(func(p *policy.Policy) { p.By = 77 })},
		{"sessions of a session", "limit", good(func(p *policy.Policy) { p.Limit = condition(t, "sessions > 1") })},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Compile([]policy.Policy{c.policy}, policy.Deps{Symbols: flow.NewSymbols()})
			var bad *policy.Error
			if !errors.As(err, &bad) || bad.Part != c.part {
				t.Errorf("error %v, want one about %s", err, c.part)
			}
			var wrong *filter.Error
			if c.part == "filter" && (!errors.As(err, &wrong) || wrong.Column != 1) {
				t.Errorf("no column: %v", err)
			}
		})
	}
	twice := []policy.Policy{good(func(*policy.Policy) {}), good(func(*policy.Policy) {})}
	if _, err := policy.Compile(twice, policy.Deps{Symbols: flow.NewSymbols()}); err == nil {
		t.Error("a name is taken twice")
	}
}
