package flowinput

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/influxdata/telegraf"
)

// Sizes of the outbox.
const (
	chunkBytes   = 64 << 10
	chunkMetrics = chunkBytes / 160       // about as many as lines
	sendEvery    = 100 * time.Millisecond // how long a point waits for a full chunk
	rawShare     = 4                      // one part in so many of the room is not for single flows
	freeChunks   = 16                     // that are kept
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

	mu   sync.Mutex
	open *chunk
	free []*chunk

	queue   chan *chunk
	wg      sync.WaitGroup
	started bool
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
	return &outbox{queue: make(chan *chunk, max(size/chunkBytes, 4))}
}

// offer takes a point if there is room.
func (o *outbox) offer(p *point, of class) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if of == classRaw && len(o.queue) >= cap(o.queue)-cap(o.queue)/rawShare {
		return false
	}
	if o.open != nil && o.open.full() && !o.pass() {
		return false
	}
	if o.open == nil {
		o.open = o.chunk()
	}
	o.add(o.open, p)
	o.open.points++
	if o.open.full() {
		o.pass()
	}
	return true
}

// give takes a point, or counts it as dropped.
func (o *outbox) give(p *point, of class) {
	if !o.offer(p, of) {
		o.dropped[of].Add(1)
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

func (o *outbox) chunk() *chunk {
	if n := len(o.free); n > 0 {
		c := o.free[n-1]
		o.free = o.free[:n-1]
		return c
	}
	return &chunk{}
}

// start begins to send.
func (o *outbox) start() {
	o.started = true
	o.wg.Add(1)
	go func() { defer o.wg.Done(); o.run() }()
}

// close sends what is there, and waits for it until the context ends; it tells whether all was sent. Nothing may be offered any more.
func (o *outbox) close(ctx context.Context) bool {
	if !o.started {
		return true
	}
	o.mu.Lock()
	last := o.open
	o.open = nil
	o.mu.Unlock()
	if last != nil {
		select {
		case o.queue <- last:
		case <-ctx.Done():
		}
	}
	close(o.queue)
	done := make(chan struct{})
	go func() { o.wg.Wait(); close(done) }()
	select {
	case <-done:
		return !o.broken.Load()
	case <-ctx.Done():
		return false
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

// takeOpen returns the open chunk, if nothing is queued before it.
func (o *outbox) takeOpen() *chunk {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) > 0 {
		return nil
	}
	c := o.open
	o.open = nil
	return c
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
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.free) < freeChunks {
		o.free = append(o.free, c)
	}
}
