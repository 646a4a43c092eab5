package behavior

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// watching returns an engine with one policy.
func watching(t *testing.T, cfg Config, p policy.Policy, limit string) *Engine {
	t.Helper()
	c, err := policy.ParseCondition(limit)
	if err != nil {
		t.Fatal(err)
	}
	p.Name, p.Limit = "rule", c
	cfg.Policies = []policy.Policy{p}
	return newEngine(t, cfg)
}

// tellings shows sessions to an engine, each a second after its end, and returns every change that is told.
func tellings(t *testing.T, e *Engine, list []flow.Session) (changes []flow.Alert) {
	t.Helper()
	for i := range list {
		now := list[i].End + second
		e.Observe(&list[i], now)
		e.Advance(now)
		changes = append(changes, violated(e.Changes())...)
	}
	return changes
}

func violated(list []flow.Alert) (out []flow.Alert) {
	for _, a := range list {
		if a.Detector == violationName {
			out = append(out, a)
		}
	}
	return out
}

// upload is a session that has sent so many bytes after some seconds.
func upload(t *testing.T, n int, bytes uint64, seconds int64, open bool) flow.Session {
	a := act{
		client: "10.1.0.5", server: "198.51.100.7", port: 443, state: flow.StateEST, direction: flow.Outbound, packets: bytes / 1000, bytes: bytes, back: 4000,
		lasts: time.Duration(seconds * second), clientPort: uint16(40_000 + n), confidence: 0.9, open: open,
	}
	s := a.session(t)
	s.ID, s.Born = flow.SessionID{Lo: uint64(n + 1)}, s.Start
	return *s
}

func states(changes []flow.Alert) (text string) {
	for _, a := range changes {
		text += fmt.Sprintf("%s %.0f; ", a.State, a.Measured.Value)
	}
	return text
}

// TestViolationOfASession: it is told when the limit is passed, its growth by magnitudes, and it is over with its session.
func TestViolationOfASession(t *testing.T) {
	e := watching(t, Config{}, policy.Policy{Filter: "network.direction : outbound", Severity: 60, Title: "too much"}, "bytes_out > 10MB and duration > 1s")
	changes := tellings(t, e, []flow.Session{
		upload(t, 0, 9e6, 20, true), upload(t, 0, 12e6, 80, true), upload(t, 0, 50e6, 140, true), upload(t, 0, 300e6, 1200, true), upload(t, 0, 310e6, 1300, false),
	})
	e.Advance(t0 + 1300*second + int64(15*time.Minute))
	changes = append(changes, violated(e.Changes())...)
	// Between the third and the fourth it was quiet for longer than findings are held.
	if got := states(changes); got != "active 12000000; active 300000000; ended 310000000; " {
		t.Fatalf("told %s", got)
	}
	a := changes[0]
	if a.Severity != 60 || a.SeverityLabel != "high" || a.Threshold != 10e6 || a.Measured.Name != "bytes_out" || a.Measured.Unit != "bytes" || a.Confidence != 0.9 {
		t.Errorf("alert %+v", a)
	}
	if a.Title != "policy rule: too much: 10.1.0.5 to 198.51.100.7 port 443, 12 MB" || len(a.Actors) != 1 || a.Victims[0] != "198.51.100.7" || a.Service.Port != 443 {
		t.Errorf("alert %+v", a)
	}
	want := "related.ip : 10.1.0.5 and related.ip : 198.51.100.7 and related.port : 40000 and related.port : 443 and network.iana_number : 6"
	if a.Evidence.Filter != want || !a.Evidence.From.Equal(time.Unix(0, t0)) || !a.Start.Equal(a.Evidence.From) || a.Evidence.To.Before(a.Last) {
		t.Errorf("evidence %+v", a.Evidence)
	}
	last := changes[len(changes)-1]
	if last.ID != a.ID || last.Severity != 60 || last.End == nil || last.End.UnixNano() != t0+1300*second {
		t.Errorf("in the end %+v", last)
	}
	if e.find(violationName, a.Key) != nil || e.policies.open != 0 {
		t.Errorf("%d of policies kept", e.policies.open)
	}
}

// TestViolationsEach: each session is an alert of its own, the same one whichever end is taken for the client.
func TestViolationsEach(t *testing.T) {
	e := watching(t, Config{}, policy.Policy{Severity: 40}, "bytes > 10MB")
	turned := upload(t, 1, 30e6, 30, false)
	turned.Client, turned.Server = turned.Server, turned.Client
	later := upload(t, 0, 20e6, 20, false)
	later.Start, later.Born, later.End, later.ID.Lo = later.Start+100*second, later.Born+100*second, later.End+100*second, 9
	ids := map[string]bool{}
	changes := tellings(t, e, []flow.Session{upload(t, 0, 20e6, 10, false), upload(t, 1, 20e6, 20, true), turned, upload(t, 2, 5e6, 40, false), later})
	for _, a := range changes {
		ids[a.ID] = true
	}
	if len(ids) != 3 || len(changes) != 3 {
		t.Errorf("%d alerts, %d changes", len(ids), len(changes))
	}
}

// TestViolationOfWindows holds alerts of each grouping.
func TestViolationOfWindows(t *testing.T) {
	for _, c := range []struct {
		by                   policy.Grouping
		limit, title, filter string
		actors, victims      uint64
	}{
		{policy.BySource, "peers > 10", "policy rule: peers > 10: 10.1.0.5, 11 addresses", "source.ip : 10.1.0.5 and (destination.port : 443)", 1, 12},
		{policy.ByDestination, "bytes > 50KB", "policy rule: bytes > 50KB: to 10.9.0.1, 0.1 MB", "destination.ip : 10.9.0.1 and (destination.port : 443)", 1, 1},
		{policy.ByPair, "packets > 40", "policy rule: packets > 40: 10.1.0.5 to 10.9.0.1, 50 packets", "source.ip : 10.1.0.5 and destination.ip : 10.9.0.1 and (destination.port : 443)", 1, 1},
		{policy.ByGroup, "pps > 0.15 and duration > 1s", "policy rule: pps > 0.15 and duration > 1s: group the few, 0.17 packets/s", `weir.source.group : "the few" and (destination.port : 443)`, 1, 12},
	} {
		t.Run(c.by.String(), func(t *testing.T) {
			e := watching(t, Config{}, policy.Policy{By: c.by, Window: 10 * time.Minute, Severity: 25, Filter: "server.port : 443 and weir.tcp.state : EST"}, c.limit)
			var list []flow.Session
			for i := range 12 {
				s := upload(t, i, 50_000, int64(10+i), false)
				if s.Client.Groups = e.deps.Symbols.Intern("the few"); c.by != policy.ByPair && c.by != policy.ByDestination {
					s.Server.IP = address(t, fmt.Sprintf("10.9.0.%d", 1+i))
				} else {
					s.Server.IP = address(t, "10.9.0.1")
				}
				s.Client.Packets = 50
				s.Server.Packets = 0
				list = append(list, s)
			}
			changes := tellings(t, e, list)
			e.Finish(t0 + hour)
			changes = append(changes, violated(e.Changes())...)
			first, last := changes[0], changes[len(changes)-1]
			if first.Title != c.title || first.Evidence.Filter != c.filter || first.Severity != 25 || first.Service != nil {
				t.Errorf("alert %+v", first)
			}
			if _, err := filter.Parse(first.Evidence.Filter, flow.NewRegistry()); err != nil {
				t.Error(err)
			}
			if last.State != flow.AlertEnded || last.ID != first.ID || last.ActorsTotal != c.actors || first.VictimsTotal > c.victims || first.VictimsTotal == 0 {
				t.Errorf("in the end %+v", last)
			}
		})
	}
}

// TestViolationsLeaveRoom: half of the findings is for detectors; the rest is counted.
func TestViolationsLeaveRoom(t *testing.T) {
	e := watching(t, Config{Budget: Budget{Findings: 10}}, policy.Policy{}, "bytes > 1")
	var list []flow.Session
	for i := range 12 {
		list = append(list, upload(t, i, 1000, int64(i), false))
	}
	tellings(t, e, list)
	if e.policies.open != 5 || e.Stats().Caps["findings"] != 7 {
		t.Errorf("%d kept, stats %+v", e.policies.open, e.Stats())
	}
}

// TestViolationRestored: what was open when an earlier process ended goes on under its id.
func TestViolationRestored(t *testing.T) {
	list := []flow.Session{upload(t, 0, 20e6, 70, true)}
	before := tellings(t, watching(t, Config{}, policy.Policy{}, "bytes > 10MB"), list)
	e := watching(t, Config{}, policy.Policy{}, "bytes > 10MB")
	before[0].ID = "of old"
	e.Restore(before)
	if after := tellings(t, e, list); len(after) != 1 || after[0].ID != "of old" {
		t.Errorf("goes on as %+v", after)
	}
}

// TestViolationOff: the detector can be switched off, and faults of policies are told by name.
func TestViolationOff(t *testing.T) {
	if got := tellings(t, watching(t, Config{Disabled: []string{"policy.*"}}, policy.Policy{}, "bytes > 1"), []flow.Session{upload(t, 0, 20e6, 70, false)}); len(got) != 0 {
		t.Errorf("told %+v", got)
	}
	_, err := New(Config{Policies: []policy.Policy{{Name: "wrong", Filter: "nonsense : 1"}}}, Deps{})
	if err == nil || err.Error()[:14] != `policy "wrong"` {
		t.Errorf("error %v", err)
	}
}
