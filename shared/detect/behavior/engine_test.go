package behavior

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

// t0 is when scenes begin.
var t0 = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).UnixNano()

// act is what one session of a scene is like.
type act struct {
	client, server   string
	port             uint16
	at               time.Duration // after t0
	lasts            time.Duration
	state            flow.SessionState
	direction        flow.Direction
	packets, bytes   uint64 // of the client
	back             uint64 // bytes of the server
	sampling         float64
	clientPort       uint16
	confidence       float64
	service          flow.Symbol
	open, serverOnly bool
	unknown          bool   // the sampling interval
	transport        uint8  // TCP where 0
	flags            uint16 // of both sides
}

func address(t *testing.T, text string) flow.Addr {
	t.Helper()
	a, err := netip.ParseAddr(text)
	if err != nil {
		t.Fatal(err)
	}
	return flow.AddrFromNetip(a)
}

func (a *act) session(t *testing.T) *flow.Session {
	s := &flow.Session{
		Start: t0 + int64(a.at), End: t0 + int64(a.at+a.lasts), Transport: protoTCP, State: a.state, Direction: a.direction,
		SamplingInterval: max(1, a.sampling), Confidence: a.confidence, Records: 2, Open: a.open, Service: a.service,
		Client: flow.SessionSide{IP: address(t, a.client), Port: a.clientPort, Packets: max(1, a.packets), Bytes: max(40, a.bytes)},
		Server: flow.SessionSide{IP: address(t, a.server), Port: a.port, Bytes: a.back, Packets: a.back / 1000},
	}
	if s.Confidence == 0 {
		s.Confidence = 0.95
	}
	if a.transport != 0 {
		s.Transport = a.transport
	}
	if a.unknown {
		s.SamplingInterval = 0
	}
	s.Client.TCPFlags, s.Server.TCPFlags = a.flags, a.flags
	if a.serverOnly {
		s.Client.Packets, s.Client.Bytes, s.Server.Packets, s.Server.Bytes = 0, 0, 1, 40
	}
	return s
}

func newEngine(t *testing.T, cfg Config) *Engine {
	t.Helper()
	if cfg.Budget.Contacts == 0 {
		cfg.Budget.Contacts = 1 << 18 // enough, and cheap to make
	}
	e, err := New(cfg, Deps{Symbols: flow.NewSymbols(), Secret: [16]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// play shows a scene to an engine and returns its findings at the end, by detector.
func play(t *testing.T, acts []act) map[string][]flow.Alert {
	t.Helper()
	return playTo(t, newEngine(t, Config{}), acts)
}

func playTo(t *testing.T, e *Engine, acts []act) map[string][]flow.Alert {
	t.Helper()
	last := map[string]flow.Alert{}
	keep := func() {
		for _, a := range e.Changes() {
			last[a.ID] = a
		}
	}
	for i := range acts {
		now := t0 + int64(acts[i].at+acts[i].lasts) + int64(time.Minute)
		e.Observe(acts[i].session(t), now)
		e.Advance(now)
		keep()
	}
	e.Finish(t0 + 24*hour)
	keep()
	out := map[string][]flow.Alert{}
	for _, a := range last {
		out[a.Detector] = append(out[a.Detector], a)
	}
	return out
}

// hosts returns n acts with the server's last two bytes and the time counted up.
func hosts(n int, every time.Duration, a act) (list []act) {
	for i := range n {
		b := a
		b.server = fmt.Sprintf("10.9.%d.%d", i/250, 1+i%250)
		b.at = a.at + time.Duration(i)*every
		list = append(list, b)
	}
	return list
}

// ports returns n acts with the port counted up.
func ports(n int, a act) (list []act) {
	for i := range n {
		b := a
		b.port, b.at = uint16(1000+i), a.at+time.Duration(i)*time.Second
		list = append(list, b)
	}
	return list
}

// times returns n acts, one after the other.
func times(n int, every time.Duration, a act) (list []act) {
	for i := range n {
		b := a
		b.at = a.at + time.Duration(i)*every
		list = append(list, b)
	}
	return list
}

func TestFindings(t *testing.T) {
	const in, out, internal = flow.Inbound, flow.Outbound, flow.Internal
	probe := act{client: "10.1.0.5", port: 22, state: flow.StateS0, direction: internal}
	refused := act{client: "10.1.0.5", server: "10.2.0.9", state: flow.StateREJ, direction: internal}
	attempt := act{client: "203.0.113.9", server: "10.2.0.9", port: 22, state: flow.StateEST, direction: in, packets: 15, bytes: 2400, lasts: 2 * time.Second}
	login := attempt
	login.at, login.lasts, login.packets, login.bytes = 20*time.Minute, 40*time.Minute, 900, 90_000
	upload := act{client: "10.1.0.5", server: "198.51.100.7", port: 443, state: flow.StateEST, direction: out, packets: 90_000, bytes: 120_000_000, back: 2_000_000, lasts: 5 * time.Minute, service: 1}
	change := func(a act, f func(*act)) act { f(&a); return a }

	for _, c := range []struct {
		name string
		acts []act
		want map[string]string // detector -> severity label of its one finding
	}{
		{"an inside host that gets no answer from sixty on 22", hosts(60, time.Second, probe), map[string]string{horizontalName: "high"}},
		{"forty are too few", hosts(40, time.Second, probe), nil},
		{"sixty on a port that is not sensitive are too few", hosts(60, time.Second, change(probe, func(a *act) { a.port = 8000 })), nil},
		{"a hundred on any port", hosts(110, time.Second, change(probe, func(a *act) { a.port = 8000 })), map[string]string{horizontalName: "high"}},
		{"a scan from outside is information", hosts(30, time.Second, change(probe, func(a *act) { a.client, a.direction = "203.0.113.9", in })), map[string]string{horizontalName: "info"}},
		{"one that mostly succeeds is no scan", mixed(hosts(200, time.Second, probe), flow.StateEST, 2), nil},
		{"one in fifty that answer", mixed(hosts(200, time.Second, probe), flow.StateEST0, 50), map[string]string{horizontalName: "high"}},
		{"slower than the idle time", hosts(60, 31*time.Minute, probe), nil},
		{"the same host again and again", times(500, time.Second, change(probe, func(a *act) { a.server = "10.9.0.1" })), nil},
		{"sampled, lone SYNs to a dozen", hosts(12, time.Second, change(probe, func(a *act) { a.sampling = 1000 })), map[string]string{horizontalName: "medium"}},
		{"sixty ports of a host", ports(60, refused), map[string]string{verticalName: "high"}},
		{"forty ports are too few", ports(40, refused), nil},
		{"twelve ports of twelve hosts", block(12, 12, refused), map[string]string{blockName: "high"}},
		{"a server that is down does not make its clients scanners", clients(300, change(refused, func(a *act) { a.state = flow.StateS0 })), nil},
		{"thirty-five attempts", times(35, 5*time.Second, attempt), map[string]string{"brute.ssh": "low"}},
		{"twenty attempts are too few", times(20, 5*time.Second, attempt), nil},
		{"thirty-five over a day are too slow", times(35, 40*time.Minute, attempt), nil},
		{"attempts of all sizes are no tool", sizes(40, attempt), nil},
		{"guessing by an inside host", times(40, 5*time.Second, change(attempt, func(a *act) { a.client, a.direction = "10.1.0.5", internal })), map[string]string{"brute.ssh": "high"}},
		{"a changed password, once a minute", times(60, time.Minute, change(attempt, func(a *act) { a.client, a.direction = "10.1.0.5", internal })), map[string]string{"brute.ssh": "info"}},
		{"a login after them", append(times(40, 5*time.Second, attempt), login), map[string]string{"brute.ssh": "low", successName: "high"}},
		{"a login before it is clear that they guess", append(append(times(5, 5*time.Second, attempt), change(login, func(a *act) { a.at = time.Minute })), times(40, 5*time.Second, change(attempt, func(a *act) { a.at = 2 * time.Minute }))...), map[string]string{"brute.ssh": "low", successName: "high"}},
		{"an upload", []act{upload}, map[string]string{exfilName: "medium"}},
		{"half as much is none", []act{change(upload, func(a *act) { a.bytes = 60_000_000 })}, nil},
		{"but by SSH", []act{change(upload, func(a *act) { a.bytes, a.port = 60_000_000, 22 })}, map[string]string{exfilName: "medium"}},
		{"a video call goes both ways", []act{change(upload, func(a *act) { a.back = 50_000_000 })}, nil},
		{"while it runs the other side may lag", []act{change(upload, func(a *act) { a.back, a.open = 25_000_000, true })}, nil},
		{"a call that is exported one way", []act{change(upload, func(a *act) { a.back, a.port, a.transport = 0, 3478, protoUDP })}, nil},
		{"but not by TCP", []act{change(upload, func(a *act) { a.back, a.port = 0, 3478 })}, map[string]string{exfilName: "medium"}},
		{"a server that answers outside clients", []act{change(upload, func(a *act) { a.direction, a.bytes, a.back = in, 2_000_000, 400_000_000 })}, nil},
		{"sampled, with too few packets seen", []act{change(upload, func(a *act) { a.sampling = 1000 })}, nil},
		{"a first login from outside", []act{change(login, func(a *act) { a.at = 0 })}, map[string]string{newLoginName: "info"}},
		{"answers to what was not asked", backscattered(12), map[string]string{backscatterName: "info"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := map[string]string{}
			for detector, list := range play(t, c.acts) {
				if len(list) != 1 {
					t.Errorf("%d findings of %s", len(list), detector)
				}
				got[detector] = list[0].SeverityLabel
			}
			want := c.want
			if want == nil {
				want = map[string]string{}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// mixed gives every nth act another state.
func mixed(list []act, state flow.SessionState, nth int) []act {
	for i := range list {
		if i%nth == nth-1 {
			list[i].state = state
		}
	}
	return list
}

func block(hosts, ports int, a act) (list []act) {
	for h := range hosts {
		for p := range ports {
			b := a
			b.server, b.port, b.at = fmt.Sprintf("10.9.0.%d", 1+h), uint16(2000+p), time.Duration(len(list))*time.Second
			list = append(list, b)
		}
	}
	return list
}

// clients lets many clients fail at three ports of a server that is down.
func clients(n int, a act) (list []act) {
	for i := range n {
		for p := range 3 {
			b := a
			b.client, b.port, b.at = fmt.Sprintf("10.1.%d.%d", i/250, 1+i%250), uint16(8000+p), time.Duration(i)*time.Second
			list = append(list, b)
		}
	}
	return list
}

func sizes(n int, a act) (list []act) {
	for i := range n {
		b := a
		b.at, b.packets, b.bytes = time.Duration(i)*5*time.Second, uint64(11+i), uint64(1000+97*i)
		list = append(list, b)
	}
	return list
}

func backscattered(n int) (list []act) {
	for i := range n {
		list = append(list, act{
			client: fmt.Sprintf("10.1.0.%d", 1+i), server: "203.0.113.80", port: 80, clientPort: uint16(2000 + i), serverOnly: true,
			state: flow.StateBSC, direction: flow.Outbound, at: time.Duration(i) * time.Second,
		})
	}
	return list
}

// TestEvidence: what an alert says suffices to find its flows.
func TestEvidence(t *testing.T) {
	a := play(t, hosts(200, time.Second, act{client: "10.1.0.5", port: 22, state: flow.StateS0, direction: flow.Internal}))[horizontalName][0]
	if a.Evidence.Filter != "source.ip : 10.1.0.5 and destination.port : 22" || a.Actors[0] != "10.1.0.5" {
		t.Errorf("filter %q, actors %v", a.Evidence.Filter, a.Actors)
	}
	if !a.Start.Equal(utc(t0)) || a.Evidence.To.Before(utc(t0+199*second)) {
		t.Errorf("start %v, evidence to %v", a.Start, a.Evidence.To)
	}
	if a.VictimsTotal < 195 || a.VictimsTotal > 200 || len(a.Victims) != flow.MaxAlertEntities {
		t.Errorf("%d victims, %d listed", a.VictimsTotal, len(a.Victims))
	}
	if a.State != flow.AlertEnded || a.End == nil {
		t.Errorf("state %s, end %v", a.State, a.End)
	}
}

// TestLife: quiet, it is watched, and comes back under its id; later it ends.
func TestLife(t *testing.T) {
	e := newEngine(t, Config{})
	scan := hosts(60, time.Second, act{client: "10.1.0.5", port: 22, state: flow.StateS0, direction: flow.Internal})
	now := t0
	for i := range scan {
		now = t0 + int64(scan[i].at)
		e.Observe(scan[i].session(t), now)
	}
	var states []flow.AlertState
	ids := map[string]bool{}
	pass := func(d time.Duration) {
		for end := now + int64(d); now < end; now += 30 * second {
			e.Advance(now)
			for _, a := range e.Changes() {
				ids[a.ID] = true
				if n := len(states); n == 0 || states[n-1] != a.State {
					states = append(states, a.State)
				}
			}
		}
	}
	pass(15 * time.Minute)
	again := hosts(120, time.Second, act{client: "10.1.0.5", port: 22, state: flow.StateS0, direction: flow.Internal, at: time.Duration(now - t0)})
	for i := range again[60:] {
		e.Observe(again[60+i].session(t), now)
	}
	pass(2 * time.Hour)
	want := []flow.AlertState{flow.AlertActive, flow.AlertWatching, flow.AlertActive, flow.AlertWatching, flow.AlertEnded}
	if !slices.Equal(states, want) || len(ids) != 1 {
		t.Errorf("states %v, want %v; %d ids", states, want, len(ids))
	}
	if n := e.Stats().Open; n != 0 {
		t.Errorf("%d findings kept", n)
	}
}

// TestCaps: hostile input does not grow the tables, and is counted.
func TestCaps(t *testing.T) {
	b := Budget{Sources: 100, Pairs: 100, Hosts: 100, Contacts: 1000, Findings: 10}
	e := newEngine(t, Config{Budget: b})
	for i := range 5000 {
		a := act{client: fmt.Sprintf("203.0.%d.%d", i/250, 1+i%250), server: fmt.Sprintf("10.2.%d.%d", i/250, 1+i%250), port: 22, direction: flow.Inbound, at: time.Duration(i) * time.Millisecond}
		a.state = flow.StateS0
		e.Observe(a.session(t), t0)
		a.state, a.packets, a.bytes = flow.StateEST, 15, 2400
		e.Observe(a.session(t), t0)
		a.bytes, a.packets = 90_000, 900
		e.Observe(a.session(t), t0)
	}
	s := e.Stats()
	if s.Sources > b.Sources || s.Pairs > b.Pairs || s.Hosts > b.Hosts || s.Open > b.Findings {
		t.Errorf("over the caps: %+v", s)
	}
	for _, table := range []string{"sources", "pairs", "contacts"} {
		if s.Caps[table] == 0 {
			t.Errorf("nothing counted for %s: %v", table, s.Caps)
		}
	}
}
