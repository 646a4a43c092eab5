//go:build cgo

package daemon_test

import (
	"context"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/traffic"
)

// sent is a datagram and the loopback address it comes from.
type sent struct {
	from    string
	payload []byte
}

// benchDatagrams returns an exporter's templates and n datagrams of 24 records each.
func benchDatagrams(t *testing.T, n int) []sent {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 3, Exporters: 1})
	if err != nil {
		t.Fatal(err)
	}
	templates, err := mix.Templates(0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	list := []sent{{"127.0.0.2:0", slices.Clone(templates)}}
	for range n {
		list = append(list, sent{"127.0.0.2:0", slices.Clone(mix.Next(0, time.Now()))})
	}
	return list
}

// feed sends datagrams to the daemon's first socket, no faster than it takes them, and waits until they are in the store.
func feed(t *testing.T, d *daemon.Daemon, list []sent) {
	t.Helper()
	to := net.UDPAddrFromAddrPort(d.Sockets()[0].Address)
	conns := map[string]*net.UDPConn{}
	for _, s := range list {
		if conns[s.from] != nil {
			continue
		}
		from, err := net.ResolveUDPAddr("udp4", s.from)
		if err != nil {
			t.Fatal(err)
		}
		if conns[s.from], err = net.ListenUDP("udp4", from); err != nil {
			t.Fatal(err)
		}
		defer conns[s.from].Close()
	}
	begun := taken(d)
	for i, s := range list {
		if _, err := conns[s.from].WriteToUDP(s.payload, to); err != nil {
			t.Fatal(err)
		}
		if i%32 == 31 || i == len(list)-1 {
			await(t, func() bool { return taken(d)-begun == uint64(i+1) })
		}
	}
	if err := d.Pipeline().Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// taken is how many datagrams the daemon has decoded or refused in this run. The sockets' counters would be ahead of it.
func taken(d *daemon.Daemon) (n uint64) {
	for _, s := range d.Account().Streams() {
		n += s.Datagrams.Load()
	}
	return n
}

// await waits for something that comes about by itself.
func await(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("nothing comes of it within a minute")
		}
	}
}
