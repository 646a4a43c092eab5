package input

import (
	"context"
	"errors"
	"io"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

// Sizes of the outbox.
const (
	chunkBytes = 64 << 10
	sendEvery  = 100 * time.Millisecond // how long an event waits for a full chunk
	restShare  = 4                      // one part in so many of the room is not for flows
	freeChunks = 16                     // that are kept
	numKinds   = int(cim.Status) + 1
)

// errFull says that an event found no room, errBroken that nobody reads any more.
var (
	errFull   = errors.New("events are not read fast enough")
	errBroken = errors.New("standard output is closed")
)

// chunk is a number of events that are written at once, and how far the streams had been taken with them.
type chunk struct {
	text   []byte
	events [numKinds]uint64
	marks  map[flow.StreamKey]flow.StreamMark
}

func (c *chunk) empty() bool { return len(c.text) == 0 && len(c.marks) == 0 }

func (c *chunk) reset() {
	c.text, c.events = c.text[:0], [numKinds]uint64{}
	clear(c.marks)
}

// outbox takes events and writes them from a goroutine of its own, so that nobody else waits for Splunk. Its size is bounded; what finds no
// room is dropped and counted. It is a cim.Putter.
type outbox struct {
	to     io.Writer
	heads  [numKinds]modinput.Event
	failed func(error)                              // told once, when writing has failed: nobody reads any more
	passed func(map[flow.StreamKey]flow.StreamMark) // told of the marks of events that have been written

	mu   sync.Mutex
	open *chunk
	free []*chunk

	queue         chan *chunk
	wg            sync.WaitGroup
	started       bool
	broken        atomic.Bool
	sent, dropped [numKinds]atomic.Uint64
}

func newOutbox(to io.Writer, size int64, heads [numKinds]modinput.Event) *outbox {
	return &outbox{to: to, heads: heads, queue: make(chan *chunk, max(size/chunkBytes, 4))}
}

// Put implements cim.Putter. It never waits for Splunk.
func (o *outbox) Put(_ context.Context, ev *cim.Event) error {
	if o.broken.Load() {
		o.dropped[ev.Kind].Add(1)
		return errBroken
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.room(ev.Kind) {
		o.dropped[ev.Kind].Add(1)
		return errFull
	}
	head := o.heads[ev.Kind]
	head.Time, head.Host = ev.Time, ev.Host
	o.open.text = modinput.AppendEvent(o.open.text, &head, ev.JSON)
	o.open.events[ev.Kind]++
	if len(o.open.text) >= chunkBytes {
		o.pass()
	}
	return nil
}

// room makes sure that there is an open chunk with room. The caller holds the lock.
func (o *outbox) room(kind cim.Kind) bool {
	if kind.IsTraffic() && len(o.queue) >= cap(o.queue)-cap(o.queue)/restShare {
		return false
	}
	if o.open != nil && len(o.open.text) >= chunkBytes && !o.pass() {
		return false
	}
	o.opened()
	return true
}

func (o *outbox) opened() *chunk {
	if o.open == nil {
		o.open = &chunk{marks: map[flow.StreamKey]flow.StreamMark{}}
		if n := len(o.free); n > 0 {
			o.open, o.free = o.free[n-1], o.free[:n-1]
		}
	}
	return o.open
}

// mark notes how far streams have been taken with the events put so far.
func (o *outbox) mark(list map[flow.StreamKey]flow.StreamMark) {
	if len(list) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.Copy(o.opened().marks, list)
}

// markBatch notes how far the streams of a batch have been taken.
func (o *outbox) markBatch(b *flow.Batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	marks := o.opened().marks
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		marks[d.Stream.Key] = d.Mark
	}
}

// pass queues the open chunk, if there is room. The caller holds the lock.
func (o *outbox) pass() bool {
	select {
	case o.queue <- o.open:
		o.open = nil
		return true
	default:
		return false
	}
}

// start begins to write.
func (o *outbox) start() {
	o.started = true
	o.wg.Add(1)
	go func() { defer o.wg.Done(); o.run() }()
}

// close writes what is there, and waits for it until the context ends. Nothing may be put any more.
func (o *outbox) close(ctx context.Context) error {
	if !o.started {
		return nil
	}
	o.mu.Lock()
	last := o.open
	o.open = nil
	o.mu.Unlock()
	if last != nil {
		select {
		case o.queue <- last:
		case <-ctx.Done():
			for kind, n := range last.events {
				o.dropped[kind].Add(n)
			}
		}
	}
	close(o.queue)
	done := make(chan struct{})
	go func() { o.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errFull
	}
}

func (o *outbox) run() {
	ticker := time.NewTicker(sendEvery)
	defer ticker.Stop()
	for {
		select {
		case c, ok := <-o.queue:
			if !ok {
				return
			}
			o.write(c)
		case <-ticker.C:
			if c := o.takeOpen(); c != nil {
				o.write(c)
			}
		}
	}
}

// takeOpen returns the open chunk, if it has something and nothing is queued before it.
func (o *outbox) takeOpen() *chunk {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) > 0 || o.open == nil || o.open.empty() {
		return nil
	}
	c := o.open
	o.open = nil
	return c
}

func (o *outbox) write(c *chunk) {
	counts := &o.dropped
	if !o.broken.Load() {
		if err := o.send(c.text); err != nil {
			o.broken.Store(true)
			o.failed(err)
		} else {
			counts = &o.sent
			o.passed(maps.Clone(c.marks))
		}
	}
	for kind, n := range c.events {
		counts[kind].Add(n)
	}
	c.reset()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.free) < freeChunks {
		o.free = append(o.free, c)
	}
}

func (o *outbox) send(events []byte) error {
	if len(events) == 0 {
		return nil
	}
	_, err := o.to.Write(modinput.Done(events))
	return err
}

// counts returns how many events of all kinds have been written and dropped.
func (o *outbox) counts() (sent, dropped uint64) {
	for kind := range numKinds {
		sent += o.sent[kind].Load()
		dropped += o.dropped[kind].Load()
	}
	return sent, dropped
}
