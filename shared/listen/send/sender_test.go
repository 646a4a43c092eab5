package send

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/listen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a source of n datagrams from several exporters in turn, a second apart.
type script struct {
	n, exporters int
	size         int // of each payload; 0 means its number as text
	err          error
	next         int
	buffer       []byte
}

func (s *script) Next() (listen.Datagram, error) {
	if s.next == s.n {
		if s.err != nil {
			return listen.Datagram{}, s.err
		}
		return listen.Datagram{}, io.EOF
	}
	s.buffer = fmt.Appendf(s.buffer[:0], "%06d", s.next)
	if s.size > 0 {
		s.buffer = make([]byte, s.size)
	}
	d := listen.Datagram{
		Payload:  s.buffer,
		Source:   netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(s.next % s.exporters)}), 50000),
		Received: int64(s.next) * int64(time.Second),
	}
	s.next++
	return d, nil
}

// collector receives on a loopback socket.
type collector struct {
	*listen.Listener
	mu       sync.Mutex
	bySource map[netip.AddrPort][]string
	arrived  chan int
}

func collect(t *testing.T, address string) *collector {
	t.Helper()
	c := &collector{bySource: map[netip.AddrPort][]string{}, arrived: make(chan int, 1<<16)}
	l, err := listen.New(listen.Config{Addresses: []string{address}, Workers: 1}, listen.Deps{
		Now: func() int64 { return 0 },
		Handle: func(_ int, batch []listen.Datagram) {
			c.mu.Lock()
			for _, d := range batch {
				c.bySource[d.Source] = append(c.bySource[d.Source], string(d.Payload))
			}
			c.mu.Unlock()
			c.arrived <- len(batch)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	c.Listener = l
	return c
}

func (c *collector) wait(n int) {
	for n > 0 {
		n -= <-c.arrived
	}
}

func (c *collector) to() string { return c.Sockets()[0].Address.String() }

func sender(t *testing.T, cfg Config, deps Deps) *Sender {
	t.Helper()
	s, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSendKeepsExportersApart(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			const n, exporters = 900, 3
			c := collect(t, address)
			p, err := sender(t, Config{To: c.to()}, Deps{}).Send(context.Background(), &script{n: n, exporters: exporters})
			if err != nil {
				t.Fatal(err)
			}
			c.wait(n)
			want := Progress{Datagrams: n, Bytes: 6 * n, Exporters: exporters, Captured: (n - 1) * int64(time.Second)}
			if diff := cmp.Diff(want, p); diff != "" {
				t.Error(diff)
			}
			var addrs []string
			for source, list := range c.bySource {
				addrs = append(addrs, source.Addr().String())
				if len(list) != n/exporters || !slices.IsSorted(list) {
					t.Errorf("%v: %d datagrams, or not in order", source, len(list))
				}
			}
			slices.Sort(addrs)
			wantAddrs := []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"}
			if address == "[::1]:0" {
				wantAddrs = []string{"::1", "::1", "::1"} // three ports
			}
			if diff := cmp.Diff(wantAddrs, addrs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSendSharesSocketsAboveTheCap(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	p, err := sender(t, Config{To: c.to(), MaxExporters: 2}, Deps{}).Send(context.Background(), &script{n: 50, exporters: 5})
	if err != nil {
		t.Fatal(err)
	}
	c.wait(50)
	if len(c.bySource) != 2 || p.Exporters != 5 {
		t.Errorf("%d sources of %d exporters, want 2 of 5", len(c.bySource), p.Exporters)
	}
}

// fakeClock moves only by sleeping.
type fakeClock struct {
	now    time.Time
	sleeps []time.Duration
}

func (c *fakeClock) deps() Deps {
	return Deps{
		Now: func() time.Time { return c.now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			c.sleeps = append(c.sleeps, d)
			c.now = c.now.Add(d)
			return ctx.Err()
		},
	}
}

func TestSendPaces(t *testing.T) {
	for name, c := range map[string]struct {
		cfg    Config
		n      int
		sleeps []time.Duration
	}{
		"as recorded":            {Config{Speed: 1}, 4, []time.Duration{time.Second, time.Second, time.Second}},
		"ten times as fast":      {Config{Speed: 10}, 3, []time.Duration{100 * time.Millisecond, 100 * time.Millisecond}},
		"half as fast":           {Config{Speed: 0.5}, 2, []time.Duration{2 * time.Second}},
		"a rate":                 {Config{Rate: 50}, 4, []time.Duration{20 * time.Millisecond, 20 * time.Millisecond, 20 * time.Millisecond}},
		"a rate in milliseconds": {Config{Rate: 4000}, 12, []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}},
		"as fast as possible":    {Config{}, 1000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := collect(t, "127.0.0.1:0")
			c.cfg.To = got.to()
			var clock fakeClock
			if _, err := sender(t, c.cfg, clock.deps()).Send(context.Background(), &script{n: c.n, exporters: 1}); err != nil {
				t.Fatal(err)
			}
			got.wait(c.n)
			if diff := cmp.Diff(c.sleeps, clock.sleeps); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSendEndsWithTheContext(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	deps := Deps{Now: func() time.Time { return time.Time{} }, Progress: func(p Progress) {
		if p.Datagrams == 1 { // then it sleeps for a second
			cancel()
		}
	}}
	p, err := sender(t, Config{To: c.to(), Speed: 1}, deps).Send(ctx, &script{n: 1000, exporters: 1})
	if !errors.Is(err, context.Canceled) || p.Datagrams != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSendAsksForAdmission(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	full := errors.New("full")
	var asked []uint64
	p, err := sender(t, Config{To: c.to(), Batch: 10}, Deps{Admit: func(_ context.Context, upTo uint64) error {
		if asked = append(asked, upTo); upTo > 80 {
			return full
		}
		return nil
	}}).Send(context.Background(), &script{n: 1000, exporters: 1})
	if !errors.Is(err, full) || p.Datagrams != 80 || !slices.Equal(asked, []uint64{40, 80, 120}) {
		t.Errorf("%+v, %v, asked %v", p, err, asked)
	}
}

func TestSendTellsWhenNothingListens(t *testing.T) {
	unused, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	to := unused.LocalAddr().String()
	_ = unused.Close()
	p, err := sender(t, Config{To: to, Batch: 1}, Deps{}).Send(context.Background(), &script{n: 20, exporters: 1})
	if err != nil || p.Unreachable == 0 || p.Datagrams+p.Failed != 20 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSendCountsWhatIsTooLong(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	long := &script{n: 3, exporters: 1, size: 65535} // more than IPv4 carries
	p, err := sender(t, Config{To: c.to()}, Deps{}).Send(context.Background(), long)
	if err != nil || p.Failed != 3 || p.Datagrams != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSendGivesWhatCameBeforeAnError(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	broken := errors.New("broken")
	p, err := sender(t, Config{To: c.to()}, Deps{}).Send(context.Background(), &script{n: 5, exporters: 1, err: broken})
	if !errors.Is(err, broken) || p.Datagrams != 5 {
		t.Errorf("%+v, %v", p, err)
	}
	c.wait(5)
}

func TestNewRefuses(t *testing.T) {
	now := Deps{Now: time.Now}
	for name, c := range map[string]struct {
		cfg  Config
		deps Deps
	}{
		"no port":        {Config{To: "127.0.0.1"}, now},
		"speed and rate": {Config{To: "127.0.0.1:1", Speed: 1, Rate: 1}, now},
		"negative speed": {Config{To: "127.0.0.1:1", Speed: -1}, now},
		"negative batch": {Config{To: "127.0.0.1:1", Batch: -1}, now},
		"no clock":       {Config{To: "127.0.0.1:1", Speed: 1}, Deps{}},
	} {
		if _, err := New(c.cfg, c.deps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSendEmptyDatagrams(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	empty := listen.Datagram{Source: netip.MustParseAddrPort("192.0.2.1:1")}
	p, err := sender(t, Config{To: c.to()}, Deps{}).Send(context.Background(), &list{empty, empty})
	if err != nil || p.Datagrams != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	c.wait(2)
}

type list []listen.Datagram

func (l *list) Next() (listen.Datagram, error) {
	if len(*l) == 0 {
		return listen.Datagram{}, io.EOF
	}
	d := (*l)[0]
	*l = (*l)[1:]
	return d, nil
}
