package listen

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
)

// TestKernelDropsShowWithoutFurtherDatagrams fills a small buffer while the handler blocks: what the kernel dropped must show
// though nothing is read after the loss.
func TestKernelDropsShowWithoutFurtherDatagrams(t *testing.T) {
	const n = 2000
	inside, release := make(chan struct{}, n), make(chan struct{})
	l := listener(t, Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1, Batch: 1, ReceiveBuffer: 16 << 10}, Deps{
		Handle: func(int, []Datagram) { inside <- struct{}{}; <-release },
	})
	conn := dial(t, l.Sockets()[0].Address)
	write(t, conn, []byte("first"))
	<-inside
	for range n - 1 {
		write(t, conn, make([]byte, 1000))
	}
	blocked := l.Sockets()[0]
	if blocked.KernelDrops == 0 || blocked.Datagrams != 1 {
		t.Errorf("while the handler blocks: %+v, want 1 datagram and drops", blocked)
	}
	close(release)
	if err := l.Stop(); err != nil {
		t.Fatal(err)
	}
	after := l.Sockets()[0]
	if after.Datagrams+after.KernelDrops != n {
		t.Errorf("%d taken + %d dropped, want %d in all", after.Datagrams, after.KernelDrops, n)
	}
}

func TestReceiveBufferIsReported(t *testing.T) {
	l := listener(t, Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1, ReceiveBuffer: 64 << 10}, Deps{Handle: func(int, []Datagram) {}})
	if got := l.Sockets()[0].ReceiveBuffer; got != 64<<10 {
		t.Errorf("receive buffer %d, want %d", got, 64<<10)
	}
}

func TestReceiveBufferWarningNamesTheRemedy(t *testing.T) {
	var log bytes.Buffer
	l, err := New(Config{Addresses: []string{":0"}}, Deps{
		Handle: func(int, []Datagram) {}, Now: func() int64 { return 0 }, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	l.sockets = []*socket{{receiveBuffer: 212992}, {receiveBuffer: 212992}}
	l.warnReceiveBuffer()
	if s := log.String(); strings.Count(s, "net.core.rmem_max=8388608") != 1 || !strings.Contains(s, "granted=212992") {
		t.Errorf("warning:\n%s", s)
	}
}

func TestDropCounterWidensAWrappingNumber(t *testing.T) {
	d := dropCounter{last: 1<<32 - 10, total: 1<<33 - 10}
	raw := listenerSocket(t)
	if got := d.update(raw.raw); got != 1<<33 { // a fresh socket says 0: ten more
		t.Errorf("total %d, want %d", got, uint64(1)<<33)
	}
}

func listenerSocket(t *testing.T) *socket {
	l := listener(t, Config{Addresses: []string{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 0).String()}, Workers: 1},
		Deps{Handle: func(int, []Datagram) {}})
	return l.sockets[0]
}
