package flowinput

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/influxdata/telegraf"

	"github.com/weirflow/weir/shared/sink/chunks"
)

// Sizes of the outbox.
const (
	chunkBytes   = 64 << 10
	chunkMetrics = chunkBytes / 160 // about as many as lines
	rawShare     = 4                // one part in so many of the room is not for single flows
)

// chunk is a number of points that are written at once: as text, or as metrics.
type chunk struct {
	text    []byte
	metrics []telegraf.Metric
	points  int
}

func (c *chunk) full() bool { return len(c.text) >= chunkBytes || len(c.metrics) >= chunkMetrics }

// class says what goes first when there is little room.
type class uint8

const (
	classSum class = iota
	classRaw       // single flows: they leave a part of the room to all else
	numClasses
)

// outbox takes points and gives them to Telegraf from a goroutine of its own, so that nobody waits for Telegraf. Its size is bounded.
type outbox struct {
	add    func(*chunk, *point)
	send   func(*chunk) error
	failed func(error) // told once, when sending has failed: nobody takes anything any more

	queue   *chunks.Queue[chunk]
	sent    atomic.Uint64             // points
	dropped [numClasses]atomic.Uint64 // points for which there was no room
	broken  atomic.Bool
}

// newLines returns an outbox of size bytes that writes line protocol.
func newLines(w io.Writer, size int64, failed func(error)) *outbox {
	o := newOutbox(size)
	o.failed = failed
	o.add = func(c *chunk, p *point) { c.text = appendLine(c.text, p) }
	o.send = func(c *chunk) error { _, err := w.Write(c.text); return err }
	return o
}

// metricCost is how much more memory a metric takes than its line, roughly.
const metricCost = 4

// newMetrics returns an outbox of size bytes that gives metrics to an accumulator.
func newMetrics(acc telegraf.Accumulator, size int64) *outbox {
	o := newOutbox(size / metricCost)
	o.failed = func(error) {}
	o.add = func(c *chunk, p *point) { c.metrics = append(c.metrics, metricOf(p)) }
	o.send = func(c *chunk) error {
		for _, m := range c.metrics {
			acc.AddMetric(m)
		}
		clear(c.metrics)
		return nil
	}
	return o
}

func newOutbox(size int64) *outbox {
	o := &outbox{}
	o.queue = chunks.New(size/chunkBytes, chunks.Kind[chunk]{
		New: func() *chunk { return &chunk{} }, Empty: func(c *chunk) bool { return c.points == 0 }, Write: o.write,
	})
	return o
}

// offer takes a point if there is room.
func (o *outbox) offer(p *point, of class) bool {
	o.queue.Lock()
	defer o.queue.Unlock()
	if of == classRaw && o.queue.Crowded(rawShare) {
		return false
	}
	if o.queue.Open().full() && !o.queue.Pass() {
		return false
	}
	c := o.queue.Open()
	o.add(c, p)
	if c.points++; c.full() {
		o.queue.Pass()
	}
	return true
}

// give takes a point, or counts it as dropped.
func (o *outbox) give(p *point, of class) {
	if !o.offer(p, of) {
		o.dropped[of].Add(1)
	}
}

// start begins to send.
func (o *outbox) start() { o.queue.Start() }

// close sends what is there, and waits for it until the context ends; it tells whether all was sent. Nothing may be offered any more.
func (o *outbox) close(ctx context.Context) bool {
	_, all := o.queue.Close(ctx)
	return all && !o.broken.Load()
}

func (o *outbox) write(c *chunk) {
	if o.broken.Load() {
		o.dropped[classSum].Add(uint64(c.points))
	} else if err := o.send(c); err != nil {
		o.broken.Store(true)
		o.failed(err)
		o.dropped[classSum].Add(uint64(c.points))
	} else {
		o.sent.Add(uint64(c.points))
	}
	c.text, c.metrics, c.points = c.text[:0], c.metrics[:0], 0
}
