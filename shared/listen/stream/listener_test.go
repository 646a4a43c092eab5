package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/proxy"
	"github.com/weirflow/weir/shared/listen/stream/streamtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is an IPFIX message around a text.
func message(text string) []byte {
	b := binary.BigEndian.AppendUint16(nil, 10)
	b = binary.BigEndian.AppendUint16(b, uint16(16+len(text)))
	return append(append(b, make([]byte, 12)...), text...)
}

// heard keeps what a listener hands over.
type heard struct {
	mu       sync.Mutex
	texts    map[uint64][]string // by session
	sources  map[netip.Addr]int
	refusals map[flow.Reason]int
	log      bytes.Buffer
	messages chan string
	ended    chan uint64
}

func newHeard() *heard {
	return &heard{
		texts: map[uint64][]string{}, sources: map[netip.Addr]int{}, refusals: map[flow.Reason]int{},
		messages: make(chan string, 1000), ended: make(chan uint64, 1000),
	}
}

func (h *heard) deps() Deps {
	return Deps{
		Handle: func(list []listen.Datagram) {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, d := range list {
				text := string(d.Payload[16:])
				h.texts[d.Session] = append(h.texts[d.Session], text)
				h.sources[d.Source.Addr()]++
				h.messages <- text
			}
		},
		Ended: func(session uint64) { h.ended <- session },
		Refused: func(_ netip.Addr, _ int, why flow.Reason) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.refusals[why]++
		},
		Now: func() int64 { return time.Now().UnixNano() },
		Log: slog.New(slog.NewTextHandler(&h.log, nil)),
	}
}

func listener(t *testing.T, cfg Config, deps Deps) *Listener {
	t.Helper()
	if len(cfg.Addresses) == 0 {
		cfg.Addresses = []Address{{Address: "127.0.0.1:0"}}
	}
	l, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func dial(t *testing.T, l *Listener) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Stats()[0].Address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func write(t *testing.T, conn net.Conn, parts ...[]byte) {
	t.Helper()
	for _, p := range parts {
		if _, err := conn.Write(p); err != nil {
			t.Fatal(err)
		}
	}
}

// closed waits until the collector closes the connection.
func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection ends with %v", err)
	}
}

// settled waits until no connection is open and returns the account.
func settled(t *testing.T, l *Listener) Stats {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		s := l.Stats()[0]
		var sum uint64
		for _, m := range []map[string]uint64{s.Refused, s.Closed} {
			for n := range maps.Values(m) {
				sum += n
			}
		}
		if s.Open == 0 && s.Accepted == sum {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a minute: %+v", s)
		}
	}
}

func TestMessages(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			if probe, err := net.Listen("tcp", address); err != nil {
				t.Skip("no such address here:", err)
			} else {
				_ = probe.Close()
			}
			h := newHeard()
			l := listener(t, Config{Addresses: []Address{{Address: address}}}, h.deps())
			first, second := dial(t, l), dial(t, l)
			long := strings.Repeat("x", listen.MaxMessage-16)
			write(t, first, message("one"), append(message("two"), message(long)[:30000]...))
			write(t, second, message("other"))
			write(t, first, message(long)[30000:])
			for range 4 {
				<-h.messages
			}
			_, _ = first.Close(), second.Close()
			<-h.ended
			<-h.ended
			s := settled(t, l)
			if s.Messages != 4 || s.Accepted != 2 || s.Closed[ClosedByExporter] != 2 || s.Bytes != uint64(16*4+3+3+5+len(long)) {
				t.Errorf("%+v", s)
			}
			a, b := h.texts[1], h.texts[2]
			if len(a) == 1 {
				a, b = b, a
			}
			if len(a) != 3 || a[0] != "one" || a[1] != "two" || a[2] != long || len(b) != 1 || b[0] != "other" {
				t.Errorf("sessions of %d and %d messages", len(a), len(b))
			}
		})
	}
}

// TestBadConnections: each is closed with its reason, and what came before is kept.
func TestBadConnections(t *testing.T) {
	cases := []struct {
		name    string
		bytes   []byte
		then    func(net.Conn) // nil: the collector closes
		why     string
		refused flow.Reason
	}{
		{"another protocol", []byte("GET / HTTP/1.1\r\n\r\n"), nil, ClosedFraming, flow.RefusedVersion},
		{"NetFlow v9", []byte{0, 9, 0, 1, 0, 0}, nil, ClosedFraming, flow.RefusedVersion},
		{"length below the header", []byte{0, 10, 0, 15}, nil, ClosedFraming, flow.RefusedLength},
		{"ends within a message", message("cut")[:17], func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() }, ClosedCut, flow.RefusedShort},
		{"ends within a header", message("cut")[:2], func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() }, ClosedCut, flow.RefusedShort},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newHeard()
			l := listener(t, Config{}, h.deps())
			conn := dial(t, l)
			write(t, conn, message("before"), c.bytes)
			if c.then != nil {
				c.then(conn)
			}
			closed(t, conn)
			s := settled(t, l)
			if s.Messages != 1 || s.Closed[c.why] != 1 || h.refusals[c.refused] != 1 {
				t.Errorf("%+v, refusals %v", s, h.refusals)
			}
			if err := l.Stop(); err != nil || !strings.Contains(h.log.String(), "connection closed") {
				t.Errorf("stop %v, log %q", err, h.log.String())
			}
		})
	}
}

func TestIdleConnections(t *testing.T) {
	h := newHeard()
	l := listener(t, Config{IdleTimeout: 20 * time.Millisecond}, h.deps())
	conn := dial(t, l)
	closed(t, conn)
	if s := settled(t, l); s.Closed[ClosedIdle] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestSlowConnections: what has begun must come to its end, so that nobody can hold connections with a few bytes.
func TestSlowConnections(t *testing.T) {
	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("collector")
	for _, c := range []struct {
		name  string
		cfg   Config
		bytes []byte
		why   string
	}{
		{"message", Config{}, message("slow")[:18], ClosedSlow},
		{"header", Config{}, message("slow")[:3], ClosedSlow},
		{"TLS", Config{Addresses: []Address{{Address: "127.0.0.1:0", TLS: true}}, TLS: TLS{Cert: cert, Key: key}}, []byte{22, 3, 1}, ClosedTLS},
		{"proxy", Config{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, []byte("\r\n\r\n"), ClosedProxy},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.cfg.Addresses) == 0 {
				c.cfg.Addresses = []Address{{Address: "127.0.0.1:0"}}
			}
			l, err := New(c.cfg, newHeard().deps())
			if err != nil {
				t.Fatal(err)
			}
			l.finish = 20 * time.Millisecond
			if err := l.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Stop() }()
			conn := dial(t, l)
			write(t, conn, c.bytes)
			closed(t, conn)
			if s := settled(t, l); s.Closed[c.why] != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Run("in all", func(t *testing.T) {
		h := newHeard()
		l := listener(t, Config{MaxConnections: 1}, h.deps())
		first := dial(t, l)
		write(t, first, message("first"))
		<-h.messages
		closed(t, dial(t, l))
		_ = first.Close()
		<-h.ended
		if s := settled(t, l); s.Refused[RefusedLimit] != 1 || s.Accepted != 2 {
			t.Errorf("%+v", s)
		}
		write(t, dial(t, l), message("there is room again"))
		<-h.messages
	})
	t.Run("from one address", func(t *testing.T) {
		h := newHeard()
		l := listener(t, Config{MaxConnections: 8}, h.deps())
		for range 2 {
			write(t, dial(t, l), message("taken"))
			<-h.messages
		}
		closed(t, dial(t, l))
		if s := l.Stats()[0]; s.Refused[RefusedSource] != 1 || s.Open != 2 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("allow-list", func(t *testing.T) {
		h := newHeard()
		l := listener(t, Config{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, h.deps())
		closed(t, dial(t, l))
		if s := settled(t, l); s.Refused[RefusedNotAllowed] != 1 || h.refusals[flow.RefusedNotAllowed] != 1 {
			t.Errorf("%+v, refusals %v", s, h.refusals)
		}
	})
}

// TestProxiedConnections: the exporter is the source that a trusted proxy names.
func TestProxiedConnections(t *testing.T) {
	h := newHeard()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	l := listener(t, Config{Proxies: loopback, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, h.deps())
	to := netip.MustParseAddrPort("198.51.100.9:4739")
	conn := dial(t, l)
	write(t, conn, proxy.Append(nil, netip.MustParseAddrPort("192.0.2.7:1000"), to), message("named"))
	<-h.messages
	_ = conn.Close()
	stranger := dial(t, l)
	write(t, stranger, proxy.Append(nil, netip.MustParseAddrPort("203.0.113.1:1000"), to))
	closed(t, stranger)
	bare := dial(t, l)
	write(t, bare, message("without a header"))
	closed(t, bare)
	s := settled(t, l)
	if h.sources[netip.MustParseAddr("192.0.2.7")] != 1 || s.Closed[RefusedNotAllowed] != 1 || s.Closed[ClosedProxy] != 1 {
		t.Errorf("sources %v, %+v", h.sources, s)
	}
}

// TestStop: open connections end, and each session is told of once.
func TestStop(t *testing.T) {
	h := newHeard()
	l := listener(t, Config{}, h.deps())
	for range 5 {
		write(t, dial(t, l), message("x"), message("half")[:10])
	}
	for range 5 {
		<-h.messages
	}
	for range 3 {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	}
	if s := l.Stats()[0]; len(h.ended) != 5 || s.Open != 0 || s.Closed[ClosedStopped] != 5 {
		t.Errorf("%d sessions ended, %+v", len(h.ended), s)
	}
	if l.Start() == nil {
		t.Error("started after Stop")
	}
}

func TestNewRefuses(t *testing.T) {
	deps := newHeard().deps()
	at := []Address{{Address: ":4739"}}
	for name, cfg := range map[string]Config{
		"no address":      {},
		"no port":         {Addresses: []Address{{Address: "localhost"}}},
		"TLS without key": {Addresses: []Address{{Address: ":4740", TLS: true}}},
		"negative limit":  {Addresses: at, MaxConnections: -1},
		"invalid prefix":  {Addresses: at, Proxies: make([]netip.Prefix, 1)},
	} {
		if _, err := New(cfg, deps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(Config{Addresses: at}, Deps{}); err == nil {
		t.Error("no error without dependencies")
	}
	busy := listener(t, Config{}, deps)
	l, err := New(Config{Addresses: []Address{{Address: "127.0.0.1:0"}, {Address: busy.Stats()[0].Address.String()}}}, deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("a port in use: %v", err)
	}
}
