package flowinput

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/influxdata/telegraf"
)

// gate is a writer that lets nothing through until it is opened.
type gate struct {
	open chan struct{}
	mu   sync.Mutex
	text bytes.Buffer
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.Write(p)
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func testPoint() *point {
	var p point
	p.begin("weir_test", 1)
	p.text("text", strings.Repeat("x", 1000))
	return &p
}

// TestTelegrafIsGone: while nothing is read, nobody waits, memory has a bound, and every point is either told or counted as dropped. Single
// flows leave room to all else.
func TestTelegrafIsGone(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	o := newLines(g, 16*chunkBytes, func(err error) { t.Error(err) })
	o.start()
	p, raw, sums := testPoint(), 0, 0
	for range 5000 {
		o.give(p, classRaw)
		raw++
	}
	if o.dropped[classRaw].Load() == 0 || o.dropped[classSum].Load() > 0 {
		t.Error("no flows are dropped")
	}
	if !o.offer(p, classSum) {
		t.Error("single flows left no room")
	}
	sums++
	for range 5000 {
		o.give(p, classSum)
		sums++
	}
	if n := o.queue.Waiting(); n > 16 {
		t.Errorf("%d chunks wait", n)
	}
	close(g.open)
	if !o.close(soon(t)) {
		t.Error("not all was written in the end")
	}
	lines := uint64(strings.Count(g.text.String(), "\n"))
	if told := o.sent.Load(); told != lines || told+o.dropped[classRaw].Load()+o.dropped[classSum].Load() != uint64(raw+sums) {
		t.Errorf("%d lines, %d counted, %d and %d dropped of %d", lines, told, o.dropped[classRaw].Load(), o.dropped[classSum].Load(), raw+sums)
	}
}

// TestPointsDoNotWait: a point is written without many others behind it.
func TestPointsDoNotWait(t *testing.T) {
	written := make(chan struct{}, 1)
	o := newLines(writerFunc(func(p []byte) (int, error) { written <- struct{}{}; return len(p), nil }), 1<<20, nil)
	o.start()
	o.give(testPoint(), classSum)
	select {
	case <-written:
	case <-time.After(20 * time.Second):
		t.Error("the point waits")
	}
	o.close(soon(t))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestNobodyReads: when writing fails this is told once, and what comes is dropped and counted.
func TestNobodyReads(t *testing.T) {
	failed := make(chan error, 10)
	broken := errors.New("broken pipe")
	o := newLines(writerFunc(func([]byte) (int, error) { return 0, broken }), 1<<20, func(err error) { failed <- err })
	o.start()
	for range 1000 {
		o.give(testPoint(), classSum)
	}
	if o.close(soon(t)) {
		t.Error("all was written")
	}
	if err := <-failed; !errors.Is(err, broken) || len(failed) > 0 {
		t.Errorf("failed with %v, and %d times more", err, len(failed))
	}
	if n := o.dropped[classSum].Load(); n != 1000 {
		t.Errorf("%d dropped", n)
	}
}

// TestStuck: the end does not wait for ever.
func TestStuck(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	o := newLines(g, 1<<20, nil)
	o.start()
	o.give(testPoint(), classSum)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if o.close(ctx) {
		t.Error("all was written")
	}
	close(g.open)
	o.queue.Wait()
}

// collected is an accumulator that keeps metrics.
type collected struct {
	telegraf.Accumulator
	metrics []telegraf.Metric
}

func (c *collected) AddMetric(m telegraf.Metric) { c.metrics = append(c.metrics, m) }

// TestMetrics: built in, points become metrics.
func TestMetrics(t *testing.T) {
	acc := &collected{}
	o := newMetrics(acc, 1<<20)
	o.start()
	var p point
	p.begin("weir_test", 5)
	p.tag("exporter", "192.0.2.1")
	p.count("bytes", 7)
	for range 2000 {
		o.give(&p, classSum)
	}
	o.close(soon(t))
	if len(acc.metrics) != 2000 {
		t.Fatalf("%d metrics", len(acc.metrics))
	}
	m := acc.metrics[1999]
	v, _ := m.GetField("bytes")
	if m.Name() != "weir_test" || m.Tags()["exporter"] != "192.0.2.1" || v != int64(7) || m.Time().UnixNano() != 5 {
		t.Errorf("metric %v", m)
	}
}
