package forward

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is another collector.
func receiver(t *testing.T, address string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Skip("no such address here:", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.UDPConn)
}

// next returns the next datagram and its sender.
func next(t *testing.T, conn *net.UDPConn) (string, netip.AddrPort) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 70000)
	n, from, err := conn.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n]), from
}

func wallClock() Deps { return Deps{Now: func() int64 { return time.Now().UnixNano() }} }

func started(t *testing.T, deps Deps, targets ...Target) *Forwarder {
	t.Helper()
	f, err := New(Config{Targets: targets}, deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Stop(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func datagram(payload, source string, port uint16) listen.Datagram {
	return listen.Datagram{Payload: []byte(payload), Source: netip.MustParseAddrPort(source), Port: port}
}

const router = "192.0.2.1:5000"

// checkAccount holds the identity of the account of a forwarder that has stopped.
func checkAccount(t *testing.T, f *Forwarder) {
	t.Helper()
	for _, s := range f.Stats() {
		sum := s.Sent + uint64(s.Waiting)
		for _, n := range s.Dropped {
			sum += n
		}
		if sum != s.Taken {
			t.Errorf("the account does not add up: %+v", s)
		}
	}
}

func TestForward(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			to := receiver(t, address)
			f := started(t, wallClock(), Target{To: to.LocalAddr().String()})
			long := strings.Repeat("x", 9000)
			f.Offer([]listen.Datagram{datagram("one", router, 2055), datagram("", "192.0.2.2:1", 2055), datagram(long, "[2001:db8::1]:7", 2055)})
			froms := map[netip.AddrPort]bool{}
			for _, want := range []string{"one", "", long} {
				got, from := next(t, to)
				froms[from] = true
				if got != want {
					t.Errorf("%d bytes, want %d", len(got), len(want))
				}
			}
			f.Offer([]listen.Datagram{datagram("again", router, 2055)})
			if _, from := next(t, to); len(froms) != 3 || !froms[from] {
				t.Errorf("three exporters from %v, then %v", froms, from)
			}
			if err := f.Stop(); err != nil {
				t.Fatal(err)
			}
			if s := f.Stats()[0]; s.Taken != 4 || s.Sent != 4 || s.Bytes != 9008 || !s.Resolved {
				t.Errorf("%+v", s)
			}
			checkAccount(t, f)
		})
	}
}

func TestWho(t *testing.T) {
	all, some, port := receiver(t, "127.0.0.1:0"), receiver(t, "127.0.0.1:0"), receiver(t, "127.0.0.1:0")
	f := started(t, wallClock(), Target{To: all.LocalAddr().String()},
		Target{To: some.LocalAddr().String(), Exporters: []netip.Prefix{netip.MustParsePrefix("::ffff:192.0.2.0/120")}},
		Target{To: port.LocalAddr().String(), Ports: []uint16{6343}})
	session := datagram("a message of a session is for none", router, 4739)
	session.Session = 1
	f.Offer([]listen.Datagram{session, datagram("a", router, 2055), datagram("b", "198.51.100.1:1", 6343)})
	f.Offer([]listen.Datagram{datagram("c", router, 6343)})
	for _, c := range []struct {
		conn *net.UDPConn
		want string
	}{{all, "abc"}, {some, "ac"}, {port, "bc"}} {
		for _, want := range c.want {
			if got, _ := next(t, c.conn); got != string(want) {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

func TestProxyHeader(t *testing.T) {
	to := receiver(t, "127.0.0.1:0")
	f := started(t, wallClock(), Target{To: to.LocalAddr().String(), Proxy: true})
	f.Offer([]listen.Datagram{datagram("four", router, 2055), datagram("six", "[2001:db8::1]:7", 4739), datagram(strings.Repeat("x", 65500), router, 2055)})
	for _, want := range []struct{ payload, source, to string }{{"four", router, "0.0.0.0:2055"}, {"six", "[2001:db8::1]:7", "[::]:4739"}} {
		got, _ := next(t, to)
		h, err := proxy.Parse([]byte(got))
		if err != nil || h.Source.String() != want.source || h.Destination.String() != want.to || got[h.Size:] != want.payload {
			t.Errorf("%+v, %v, payload %q", h, err, got[h.Size:])
		}
	}
	if err := f.Stop(); err != nil {
		t.Fatal(err)
	}
	if s := f.Stats()[0]; s.Sent != 2 || s.Dropped[DroppedLength] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestNeverWaits: while a target's name has no address, its datagrams wait up to the bound; receiving goes on, and so do others.
func TestNeverWaits(t *testing.T) {
	to := receiver(t, "127.0.0.1:0")
	asked, answer := make(chan string, 10), make(chan error)
	deps := wallClock()
	deps.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		asked <- host
		select {
		case err := <-answer:
			return []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	_, port, _ := net.SplitHostPort(to.LocalAddr().String())
	f := started(t, deps, Target{To: "collector.example:" + port, Queue: 3 * (itemCost + 10)}, Target{To: to.LocalAddr().String()})
	if host := <-asked; host != "collector.example" {
		t.Errorf("asked for %s", host)
	}
	for i := range 5 {
		f.Offer([]listen.Datagram{datagram(fmt.Sprintf("datagram %d", i), router, 2055)})
		if got, _ := next(t, to); got != fmt.Sprintf("datagram %d", i) { // the target that is known
			t.Errorf("got %q", got)
		}
	}
	answer <- errors.New("no such host")
	<-asked
	if s := f.Stats()[0]; s.Waiting != 3 || s.Dropped[DroppedUnresolved] != 2 || s.Resolved || s.ResolveErrors != 1 {
		t.Errorf("%+v", s)
	}
	answer <- nil
	for i := range 3 {
		if got, _ := next(t, to); got != fmt.Sprintf("datagram %d", i) {
			t.Errorf("got %q", got)
		}
	}
	if err := f.Stop(); err != nil {
		t.Fatal(err)
	}
	if s := f.Stats()[0]; s.Sent != 3 || s.Taken != 5 || !s.Resolved {
		t.Errorf("%+v", s)
	}
	checkAccount(t, f)
}

// TestStop sends what waits where it can, and counts it where it cannot.
func TestStop(t *testing.T) {
	to := receiver(t, "127.0.0.1:0")
	deps := wallClock()
	deps.Resolve = func(ctx context.Context, _ string) ([]netip.Addr, error) { <-ctx.Done(); return nil, ctx.Err() }
	f := started(t, deps, Target{To: to.LocalAddr().String()}, Target{To: "unknown.example:2055"})
	for range 100 {
		f.Offer([]listen.Datagram{datagram("x", router, 2055)})
	}
	for range 3 {
		if err := f.Stop(); err != nil {
			t.Error(err)
		}
	}
	f.Offer([]listen.Datagram{datagram("late", router, 2055)})
	if s := f.Stats(); s[0].Sent != 100 || s[0].Dropped[DroppedStopped] != 1 || s[1].Dropped[DroppedStopped] != 101 {
		t.Errorf("%+v", s)
	}
	checkAccount(t, f)
	if f.Start() == nil {
		t.Error("started after Stop")
	}
}

// TestNobodyListens: the target's host says so; it is counted, and nothing ends.
func TestNobodyListens(t *testing.T) {
	gone := receiver(t, "127.0.0.1:0")
	to := gone.LocalAddr().String()
	_ = gone.Close()
	f := started(t, wallClock(), Target{To: to})
	for deadline := time.Now().Add(time.Minute); f.Stats()[0].Refusals == 0; time.Sleep(time.Millisecond) {
		f.Offer([]listen.Datagram{datagram("x", router, 2055)})
		if time.Now().After(deadline) {
			t.Skip("this system does not tell:", f.Stats())
		}
	}
	back := receiver(t, to)
	f.Offer([]listen.Datagram{datagram("x", router, 2055)})
	next(t, back)
}

func TestSpoof(t *testing.T) {
	to := receiver(t, "127.0.0.1:0")
	f, err := New(Config{Targets: []Target{{To: to.LocalAddr().String(), Spoof: true}}}, wallClock())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		if !strings.Contains(err.Error(), "CAP_NET_RAW") && !strings.Contains(err.Error(), "Linux") {
			t.Error(err)
		}
		return // no raw sockets here, and that is said
	}
	defer func() {
		if err := f.Stop(); err != nil {
			t.Error(err)
		}
	}()
	for _, payload := range []string{"even", "odd", "", "\xff\xff"} {
		f.Offer([]listen.Datagram{datagram("six", "[2001:db8::1]:7", 2055), datagram(payload, "127.0.0.77:7777", 2055)})
		if got, from := next(t, to); got != payload || from.String() != "127.0.0.77:7777" {
			t.Errorf("%q from %v", got, from)
		}
	}
	if s := f.Stats()[0]; s.Dropped[DroppedFamily] != 4 {
		t.Errorf("%+v", s)
	}
}

// TestItself: what would go round is not sent.
func TestItself(t *testing.T) {
	to, other := receiver(t, "127.0.0.1:0"), receiver(t, "127.0.0.1:0")
	at := to.LocalAddr().(*net.UDPAddr).AddrPort()
	asked := make(chan bool, 100)
	deps := wallClock()
	deps.Own = func(a netip.AddrPort) bool { asked <- a == at; return a == at }
	f := started(t, deps, Target{To: at.String()}, Target{To: other.LocalAddr().String()})
	for own := range asked {
		if own {
			break
		}
	}
	f.Offer([]listen.Datagram{datagram("x", router, 2055)})
	next(t, other)
	if err := f.Stop(); err != nil {
		t.Fatal(err)
	}
	if s := f.Stats()[0]; s.Sent != 0 || s.Resolved || s.Dropped[DroppedStopped] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestSharedSockets: at the cap exporters share, and a socket that is long unused goes to the next one.
func TestSharedSockets(t *testing.T) {
	to := receiver(t, "127.0.0.1:0")
	s := newSockets()
	if err := s.aim(to.LocalAddr().(*net.UDPAddr).AddrPort()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	source := func(i int) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(i)) }
	for i := range maxSockets + 50 {
		if err := s.write([]byte("x"), source(i), 1); err != nil {
			t.Fatal(err)
		}
	}
	shared, err := s.of(source(maxSockets), 1)
	if err != nil || len(s.list) != maxSockets || shared.source == source(maxSockets) {
		t.Errorf("%d sockets, %v", len(s.list), err)
	}
	own, err := s.of(source(maxSockets), int64(idleSocket)+1)
	if err != nil || len(s.list) != maxSockets || own.source != source(maxSockets) || len(s.bySource) != maxSockets {
		t.Errorf("%d sockets, %v", len(s.list), err)
	}
}

// TestOfferKeepsNothing: receiving goes on without garbage.
func TestOfferKeepsNothing(t *testing.T) {
	f, err := New(Config{Targets: []Target{{To: "127.0.0.1:9"}}}, wallClock())
	if err != nil {
		t.Fatal(err)
	}
	batch := []listen.Datagram{datagram(strings.Repeat("x", 1400), router, 2055)}
	for range 10000 { // the queue is full and has its size
		f.Offer(batch)
	}
	q := &f.targets[0].queue
	spare := q.swap(lot{})
	if n := testing.AllocsPerRun(100, func() { spare = q.swap(spare); f.Offer(batch) }); n > 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, target := range map[string]Target{
		"no port": {To: "collector"}, "no host": {To: ":2055"}, "port 0": {To: "collector:0"}, "named port": {To: "collector:sflow"},
		"both": {To: "192.0.2.1:2055", Proxy: true, Spoof: true}, "queue": {To: "192.0.2.1:2055", Queue: -1},
		"prefix": {To: "192.0.2.1:2055", Exporters: make([]netip.Prefix, 1)}, "spoof to IPv6": {To: "[2001:db8::1]:2055", Spoof: true},
	} {
		if _, err := New(Config{Targets: []Target{target}}, wallClock()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(Config{}, Deps{}); err == nil {
		t.Error("no error without a clock")
	}
}
