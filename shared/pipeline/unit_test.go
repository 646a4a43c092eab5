package pipeline

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// TestPoolIsBounded: no more batches than the pool's size are ever made, and a batch that has grown large is given up.
func TestPoolIsBounded(t *testing.T) {
	p := newPool(2, 8, flow.NewSymbols())
	a, b := p.get(), p.get()
	got := make(chan *flow.Batch)
	go func() { got <- p.get() }()
	select {
	case <-got:
		t.Fatal("a third batch was made")
	default:
	}
	p.put(a)
	if c := <-got; c != a {
		t.Error("the batch given back is not the one handed out")
	}
	b.Records = make([]flow.Record, 5000)
	p.put(b)
	if c := p.get(); cap(c.Records) > 4*(8+64) {
		t.Errorf("a batch of %d records was kept", cap(c.Records))
	}
}

// TestMuted: a burst is told, the rest is counted and told when the window is over.
func TestMuted(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	m := newMuted(slog.New(slog.NewTextHandler(&out, nil)), func() time.Time { return now })
	for range 100 {
		m.warn("datagram", errors.New("broken"), nil)
	}
	if n := strings.Count(out.String(), "broken"); n != mutedBurst {
		t.Errorf("%d warnings, want %d", n, mutedBurst)
	}
	now = now.Add(mutedWindow)
	m.warn("datagram", errors.New("broken"), nil)
	if !strings.Contains(out.String(), "count=95") {
		t.Errorf("what was left out is not told: %s", out.String())
	}
}

// TestTimeline: virtual time is the latest receive time and never goes back; wall time is the clock's.
func TestTimeline(t *testing.T) {
	wall := time.Unix(5000, 0)
	batch := func(received ...int64) *flow.Batch {
		b := flow.NewBatch(1, flow.NewSymbols())
		for _, r := range received {
			b.Datagrams = append(b.Datagrams, flow.Datagram{Received: r})
		}
		return b
	}
	virtual := timeline{clock: ReceiveClock, wall: func() time.Time { return wall }}
	for _, c := range []struct {
		b    *flow.Batch
		want int64
	}{{batch(10, 30, 20), 30}, {nil, 30}, {batch(25), 30}, {batch(31), 31}} {
		if got := virtual.at(c.b); got != c.want {
			t.Errorf("virtual time %d, want %d", got, c.want)
		}
	}
	live := timeline{clock: WallClock, wall: func() time.Time { return wall }}
	if got := live.at(batch(1)); got != wall.UnixNano() {
		t.Errorf("wall time %d", got)
	}
}

// TestReceiveByExport: in a laboratory run export times stand in for receive times, of the last datagram's records only.
func TestReceiveByExport(t *testing.T) {
	b := flow.NewBatch(4, flow.NewSymbols())
	b.Datagrams = append(b.Datagrams, flow.Datagram{Received: 1, Exported: 100}, flow.Datagram{Received: 2, Exported: 200}, flow.Datagram{Received: 3})
	for i := range uint32(3) {
		r := b.Grow()
		r.Created, r.Meta = int64(i)+1, i
	}
	receiveByExport(b, 1, 1)
	for i, want := range []int64{1, 200, 3} {
		if b.Records[i].Created != want || b.Datagrams[i].Received != want {
			t.Errorf("record %d received at %d, datagram at %d, want %d", i, b.Records[i].Created, b.Datagrams[i].Received, want)
		}
	}
}
