package pipeline_test

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/traffic"
)

// mixed yields datagrams of the load mix among broken, repeated and foreign ones, and sets whose template never comes.
func mixed(t *testing.T, n int) (datagrams [][]byte) {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 1, Exporters: 2})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	first, err := mix.Templates(0, now)
	if err != nil {
		t.Fatal(err)
	}
	datagrams = append(datagrams, slices.Clone(first))
	for i := range n {
		d := slices.Clone(mix.Next(i%2, now)) // exporter 1 never sends its templates
		datagrams = append(datagrams, d)
		switch i % 10 {
		case 3:
			datagrams = append(datagrams, d)
		case 5:
			datagrams = append(datagrams, []byte{0, 77, 1, 2})
		case 7:
			datagrams = append(datagrams, d[:len(d)/2])
		}
	}
	return datagrams
}

// TestAccountUnderOverload: a sink that stands still, queues of one batch and a small socket buffer. Nothing blocks, much is
// dropped, and every datagram, set and record has its place in the account.
func TestAccountUnderOverload(t *testing.T) {
	m := newMemory()
	m.gate = make(chan struct{})
	core, p, _ := assembleWith(t, pipeline.Config{Workers: 1, BatchRecords: 128, BatchAge: 5 * time.Millisecond, Queue: 1}, m)
	l, err := listen.New(listen.Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1, ReceiveBuffer: 64 << 10}, listen.Deps{
		Handle: p.Handle, Refused: p.Refused, Now: func() int64 { return time.Now().UnixNano() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	conn, err := net.Dial("udp", l.Sockets()[0].Address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	datagrams := mixed(t, 4000)
	for _, d := range datagrams {
		if _, err := conn.Write(d); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all datagrams to be taken or dropped", func() bool {
		s := l.Sockets()[0]
		return s.Delivered+s.KernelDrops == uint64(len(datagrams))
	})
	if err := l.Stop(); err != nil {
		t.Fatal(err)
	}
	checkAccount(t, core.Account) // with records in flight: the sink still stands
	var taken, dropped, refused, waiting uint64
	for _, s := range core.Account.Streams() {
		taken += s.Datagrams.Load()
		dropped += s.Dropped.Sum()
		refused += s.Refused.Sum()
		waiting += uint64(s.Waiting.Load())
	}
	sock := l.Sockets()[0]
	if taken != sock.Delivered || dropped == 0 || refused == 0 || waiting == 0 {
		t.Errorf("%d datagrams of %d in the account, %d records dropped, %d datagrams refused, %d sets waiting", taken, sock.Delivered, dropped, refused, waiting)
	}
	close(m.gate)
	if err := p.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	p.Stop()
	checkAccount(t, core.Account)
	for _, s := range core.Account.Streams() {
		if n := s.InFlight.Load(); n != 0 {
			t.Errorf("%v: %d records in flight after the end", s.Key, n)
		}
	}
}
