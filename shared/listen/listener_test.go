package listen

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/flow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// taken is a handler that keeps copies and tells of every datagram.
type taken struct {
	mu       sync.Mutex
	payloads map[string]int
	workers  map[int]int
	sources  map[netip.AddrPort]int
	arrived  chan int
}

func newTaken() *taken {
	return &taken{payloads: map[string]int{}, workers: map[int]int{}, sources: map[netip.AddrPort]int{}, arrived: make(chan int, 1<<16)}
}

func (k *taken) handle(worker int, batch []Datagram) {
	k.mu.Lock()
	for _, d := range batch {
		k.payloads[string(d.Payload)]++
		k.workers[worker]++
		k.sources[d.Source]++
	}
	k.mu.Unlock()
	k.arrived <- len(batch)
}

func (k *taken) wait(n int) {
	for n > 0 {
		n -= <-k.arrived
	}
}

func listener(t *testing.T, cfg Config, deps Deps) *Listener {
	t.Helper()
	if deps.Now == nil {
		deps.Now = func() int64 { return 42 }
	}
	l, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	return l
}

// dial opens a sending socket that ends with the test.
func dial(t testing.TB, to netip.AddrPort) *net.UDPConn {
	t.Helper()
	if to.Addr().IsUnspecified() {
		to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), to.Port())
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func write(t *testing.T, conn *net.UDPConn, payload []byte) {
	t.Helper()
	if _, err := conn.Write(payload); err != nil {
		t.Fatal(err)
	}
}

func sum(l *Listener) (total SocketStats) {
	for _, s := range l.Sockets() {
		total.Datagrams += s.Datagrams
		total.Bytes += s.Bytes
		total.Delivered += s.Delivered
		total.Truncated += s.Truncated
		total.Refused += s.Refused
		total.ReadErrors += s.ReadErrors
		total.KernelDrops += s.KernelDrops
	}
	return total
}

func TestListenerTakesFromEveryAddress(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0", "0.0.0.0:0"} {
		t.Run(address, func(t *testing.T) {
			k := newTaken()
			l := listener(t, Config{Addresses: []string{address}, Workers: 3}, Deps{Handle: k.handle})
			const senders, each = 16, 10
			want := map[netip.AddrPort]int{}
			for i := range senders {
				conn := dial(t, l.Sockets()[0].Address)
				want[sourceOf(conn.LocalAddr())] = each
				for j := range each {
					write(t, conn, fmt.Appendf(nil, "%d/%d", i, j))
				}
			}
			k.wait(senders * each)
			if diff := cmp.Diff(want, k.sources, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
			if len(k.payloads) != senders*each {
				t.Errorf("%d different payloads, want %d", len(k.payloads), senders*each)
			}
			ports := map[uint16]bool{}
			for _, s := range l.Sockets() {
				ports[s.Address.Port()] = true
			}
			if len(ports) != 1 || len(l.Sockets()) != 3 || l.Workers() != 3 {
				t.Errorf("%d sockets on ports %v, want 3 on one", len(l.Sockets()), ports)
			}
		})
	}
}

func TestListenerTakesBothFamiliesOnOneSocket(t *testing.T) {
	k := newTaken()
	l := listener(t, Config{Addresses: []string{":0"}, Workers: 1}, Deps{Handle: k.handle})
	port := l.Sockets()[0].Address.Port()
	for _, ip := range []string{"127.0.0.1", "::1"} {
		write(t, dial(t, netip.AddrPortFrom(netip.MustParseAddr(ip), port)), []byte(ip))
	}
	k.wait(2)
	for source := range k.sources {
		if ip := source.Addr(); k.payloads[ip.String()] != 1 {
			t.Errorf("source %v: an IPv4 sender must show as IPv4", ip)
		}
	}
}

func TestListenerNumbersWorkersThroughAllAddresses(t *testing.T) {
	k := newTaken()
	l := listener(t, Config{Addresses: []string{"127.0.0.1:0", "127.0.0.1:0"}, Workers: 1}, Deps{Handle: k.handle})
	for _, s := range l.Sockets() {
		write(t, dial(t, s.Address), []byte{byte(s.Worker)})
	}
	k.wait(2)
	if diff := cmp.Diff(map[int]int{0: 1, 1: 1}, k.workers); diff != "" {
		t.Error(diff)
	}
}

func TestListenerCountsWhatItRefuses(t *testing.T) {
	k := newTaken()
	type refusal struct {
		size int
		why  flow.Reason
	}
	var refusals []refusal
	refused := make(chan struct{}, 8)
	l := listener(t, Config{
		Addresses: []string{"127.0.0.1:0"}, Workers: 1, MaxDatagram: 100,
		Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::ffff:127.0.0.0/120")},
	}, Deps{Handle: k.handle, Refused: func(_ int, source netip.Addr, size int, why flow.Reason) {
		refusals = append(refusals, refusal{size, why})
		refused <- struct{}{}
	}})
	to := l.Sockets()[0].Address
	write(t, dial(t, to), bytes.Repeat([]byte{1}, 100))
	write(t, dial(t, to), bytes.Repeat([]byte{2}, 101))
	stranger, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 1, 1)}, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Skip("no second loopback address here:", err)
	}
	defer func() { _ = stranger.Close() }()
	write(t, stranger, []byte("let me in"))
	k.wait(1)
	<-refused
	<-refused
	if err := l.Stop(); err != nil {
		t.Fatal(err)
	}
	if want := []refusal{{100, flow.RefusedLength}, {9, flow.RefusedNotAllowed}}; fmt.Sprint(refusals) != fmt.Sprint(want) {
		t.Errorf("refused %v, want %v", refusals, want)
	}
	want := SocketStats{Datagrams: 3, Bytes: 209, Delivered: 1, Truncated: 1, Refused: 1}
	if diff := cmp.Diff(want, sum(l), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestListenerTakesTheLargestDatagram(t *testing.T) {
	k := newTaken()
	l := listener(t, Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1}, Deps{Handle: k.handle})
	payload := bytes.Repeat([]byte("x"), 65507) // 65535 less the IPv4 and UDP headers
	write(t, dial(t, l.Sockets()[0].Address), payload)
	k.wait(1)
	if k.payloads[string(payload)] != 1 || sum(l).Truncated != 0 {
		t.Error("the largest datagram did not come whole")
	}
}

func TestListenerStopTakesWhatWaits(t *testing.T) {
	const n = 100
	release := make(chan struct{})
	got := 0
	l := listener(t, Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1, Batch: 8}, Deps{Handle: func(_ int, batch []Datagram) {
		<-release
		got += len(batch)
	}})
	conn := dial(t, l.Sockets()[0].Address)
	for range n {
		write(t, conn, []byte("waiting"))
	}
	stopped := make(chan error)
	go func() { stopped <- l.Stop() }()
	close(release)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if got != n {
		t.Errorf("%d datagrams, want %d", got, n)
	}
}

func TestListenerLifecycle(t *testing.T) {
	deps := Deps{Handle: func(int, []Datagram) {}, Now: func() int64 { return 0 }}
	cfg := Config{Addresses: []string{"127.0.0.1:0"}}

	t.Run("stop is idempotent", func(t *testing.T) {
		l := listener(t, cfg, deps)
		for range 3 {
			if err := l.Stop(); err != nil {
				t.Error(err)
			}
		}
		if len(l.Sockets()) == 0 {
			t.Error("the counters are gone")
		}
	})
	t.Run("stop before start", func(t *testing.T) {
		l, err := New(cfg, deps)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
		if l.Start() == nil {
			t.Error("started after Stop")
		}
	})
	t.Run("a second start fails", func(t *testing.T) {
		if listener(t, cfg, deps).Start() == nil {
			t.Error("started twice")
		}
	})
	t.Run("a port in use fails and leaves nothing open", func(t *testing.T) {
		first := listener(t, cfg, deps)
		second, err := New(Config{Addresses: []string{"127.0.0.1:0", first.Sockets()[0].Address.String()}}, deps)
		if err != nil {
			t.Fatal(err)
		}
		if second.Start() == nil {
			t.Error("two listeners share a port")
		}
		if err := second.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	deps := Deps{Handle: func(int, []Datagram) {}, Now: func() int64 { return 0 }}
	good := DefaultConfig()
	if _, err := New(good, deps); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config, *Deps){
		"no handler":       func(_ *Config, d *Deps) { d.Handle = nil },
		"no clock":         func(_ *Config, d *Deps) { d.Now = nil },
		"no address":       func(c *Config, _ *Deps) { c.Addresses = nil },
		"no port":          func(c *Config, _ *Deps) { c.Addresses = []string{"127.0.0.1"} },
		"named port":       func(c *Config, _ *Deps) { c.Addresses = []string{":sflow"} },
		"port too high":    func(c *Config, _ *Deps) { c.Addresses = []string{":65536"} },
		"address twice":    func(c *Config, _ *Deps) { c.Addresses = []string{":2055", ":2055"} },
		"negative workers": func(c *Config, _ *Deps) { c.Workers = -1 },
		"datagram size":    func(c *Config, _ *Deps) { c.MaxDatagram = MaxDatagram + 1 },
		"invalid prefix":   func(c *Config, _ *Deps) { c.Allow = make([]netip.Prefix, 1) },
	} {
		cfg, deps := good, deps
		change(&cfg, &deps)
		if _, err := New(cfg, deps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
