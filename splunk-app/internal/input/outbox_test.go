package input

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/chunks"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

// stalled is a reader of the stream that takes nothing until it is released.
type stalled struct {
	release chan struct{}
	mu      sync.Mutex
	text    strings.Builder
}

func (s *stalled) Write(b []byte) (int, error) {
	<-s.release
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func testBox(to io.Writer) *outbox {
	o := newOutbox(to, 8*chunkBytes, [numKinds]modinput.Event{cim.Flow: {Stanza: "weir://a"}})
	o.failed, o.passed = func(error) {}, func(map[flow.StreamKey]flow.StreamMark) {}
	return o
}

// TestStalledReader: nobody waits for it; what finds no room is counted, flows first, and what was taken arrives whole.
func TestStalledReader(t *testing.T) {
	to := &stalled{release: make(chan struct{})}
	o := testBox(to)
	o.start()
	data := []byte(strings.Repeat("x", 1000))
	const sent = 1000 // 1 MB into half of that
	taken := 0
	for range sent {
		if err := o.Put(context.Background(), &cim.Event{Kind: cim.Flow, JSON: data}); err == nil {
			taken++
		} else if !errors.Is(err, errFull) {
			t.Fatal(err)
		}
	}
	dropped := int(o.dropped[cim.Flow].Load())
	if taken+dropped != sent || dropped == 0 || taken*1000 > 10*chunkBytes {
		t.Errorf("%d taken, %d dropped of %d", taken, dropped, sent)
	}
	if err := o.Put(context.Background(), &cim.Event{Kind: cim.Alert, JSON: []byte("alert")}); err != nil {
		t.Errorf("no room for an alert: %v", err)
	}
	close(to.release)
	if err := o.close(context.Background()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(to.text.String(), "<event"); n != taken+1 || n != strings.Count(to.text.String(), "</event>") {
		t.Errorf("%d events of %d", n, taken+1)
	}
	if s, d := o.counts(); int(s) != taken+1 || int(d) != dropped {
		t.Errorf("counted %d sent, %d dropped", s, d)
	}
	if !strings.HasSuffix(to.text.String(), "<done/></event>\n") {
		t.Error("the last event does not say that it is")
	}
}

// TestStalledEnd: the end does not wait for ever.
func TestStalledEnd(t *testing.T) {
	to := &stalled{release: make(chan struct{})}
	o := testBox(to)
	o.start()
	for range 5 * chunkBytes / 100 {
		_ = o.Put(context.Background(), &cim.Event{Kind: cim.Session, JSON: make([]byte, 100)}) // some are dropped
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := o.close(ctx); err == nil {
		t.Error("all was written")
	}
	close(to.release)
	o.queue.Wait()
}

// TestMarks: how far a stream was taken is told when its events have been written, also where there are none.
func TestMarks(t *testing.T) {
	told := make(chan map[flow.StreamKey]flow.StreamMark, 10)
	to := &stalled{release: make(chan struct{})}
	o := testBox(to)
	o.passed = func(m map[flow.StreamKey]flow.StreamMark) { told <- m }
	o.start()
	key := flow.StreamKey{Domain: 7}
	batch := func(next uint32) *flow.Batch {
		return &flow.Batch{Datagrams: []flow.Datagram{{Stream: &flow.Stream{Key: key}, Mark: flow.StreamMark{Next: next}}}}
	}
	o.markBatch(batch(1))
	if m := <-told; m[key].Next != 1 {
		t.Errorf("without events: %v", m)
	}
	_ = o.Put(context.Background(), &cim.Event{JSON: []byte("{}")})
	o.markBatch(batch(2))
	select {
	case m := <-told:
		t.Errorf("told before the events are written: %v", m)
	case <-time.After(2 * chunks.SendEvery): // nothing comes, however long it takes
	}
	close(to.release)
	if m := <-told; m[key].Next != 2 {
		t.Errorf("%v", m)
	}
	_ = o.close(context.Background())
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestBrokenPipe: it is told once, and everything is counted as dropped.
func TestBrokenPipe(t *testing.T) {
	o := testBox(brokenPipe{})
	failed := make(chan error, 2)
	o.failed = func(err error) { failed <- err }
	o.passed = func(m map[flow.StreamKey]flow.StreamMark) { t.Errorf("passed %v", m) }
	o.start()
	_ = o.Put(context.Background(), &cim.Event{Kind: cim.Flow, JSON: []byte("{}")})
	if err := <-failed; !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if err := o.Put(context.Background(), &cim.Event{Kind: cim.Flow, JSON: []byte("{}")}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	_ = o.close(context.Background())
	if s, d := o.counts(); s != 0 || d != 2 || len(failed) > 0 {
		t.Errorf("%d sent, %d dropped, told %d times more", s, d, len(failed))
	}
}

// TestPutDoesNotAllocate: single flows are put at tens of thousands a second.
func TestPutDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	o := testBox(io.Discard)
	o.queue.Open().text = make([]byte, 0, 2*chunkBytes)
	ev := &cim.Event{Kind: cim.Flow, Time: 1_700_000_000_000_000_000, Host: "192.0.2.1", JSON: []byte(`{"src":"192.0.2.1","app":"a&b"}`)}
	if n := testing.AllocsPerRun(100, func() { _ = o.Put(context.Background(), ev) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
