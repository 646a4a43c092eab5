package input

import (
	"context"
	"errors"
	"io"
	"maps"
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/chunks"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

// Sizes of the outbox.
const (
	chunkBytes = 64 << 10
	restShare  = 4 // one part in so many of the room is not for flows
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

	queue         *chunks.Queue[chunk]
	broken        atomic.Bool
	sent, dropped [numKinds]atomic.Uint64
}

func newOutbox(to io.Writer, size int64, heads [numKinds]modinput.Event) *outbox {
	o := &outbox{to: to, heads: heads}
	o.queue = chunks.New(size/chunkBytes, chunks.Kind[chunk]{
		New: func() *chunk { return &chunk{marks: map[flow.StreamKey]flow.StreamMark{}} }, Empty: (*chunk).empty, Write: o.write,
	})
	return o
}

// Put implements cim.Putter. It never waits for Splunk.
func (o *outbox) Put(_ context.Context, ev *cim.Event) error {
	if o.broken.Load() {
		o.dropped[ev.Kind].Add(1)
		return errBroken
	}
	o.queue.Lock()
	defer o.queue.Unlock()
	if !o.room(ev.Kind) {
		o.dropped[ev.Kind].Add(1)
		return errFull
	}
	head := o.heads[ev.Kind]
	head.Time, head.Host = ev.Time, ev.Host
	c := o.queue.Open()
	c.text = modinput.AppendEvent(c.text, &head, ev.JSON)
	c.events[ev.Kind]++
	if len(c.text) >= chunkBytes {
		o.queue.Pass()
	}
	return nil
}

// room tells whether the open chunk has room. The caller holds the lock.
func (o *outbox) room(kind cim.Kind) bool {
	if kind.IsTraffic() && o.queue.Crowded(restShare) {
		return false
	}
	return len(o.queue.Open().text) < chunkBytes || o.queue.Pass()
}

// mark notes how far streams have been taken with the events put so far.
func (o *outbox) mark(list map[flow.StreamKey]flow.StreamMark) {
	if len(list) == 0 {
		return
	}
	o.queue.Lock()
	defer o.queue.Unlock()
	maps.Copy(o.queue.Open().marks, list)
}

// markBatch notes how far the streams of a batch have been taken.
func (o *outbox) markBatch(b *flow.Batch) {
	o.queue.Lock()
	defer o.queue.Unlock()
	marks := o.queue.Open().marks
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		marks[d.Stream.Key] = d.Mark
	}
}

// start begins to write.
func (o *outbox) start() { o.queue.Start() }

// close writes what is there, and waits for it until the context ends. Nothing may be put any more.
func (o *outbox) close(ctx context.Context) error {
	rest, all := o.queue.Close(ctx)
	if rest != nil {
		for kind, n := range rest.events {
			o.dropped[kind].Add(n)
		}
	}
	if !all {
		return errFull
	}
	return nil
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
