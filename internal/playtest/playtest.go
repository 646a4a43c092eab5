// Package playtest plays captures to programs under test, and to the collector's own pipeline, which says what is to come of them.
package playtest

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
)

// Send sends the datagrams of captures to a UDP address and returns how many there were.
func Send(t *testing.T, to string, paths ...string) int {
	t.Helper()
	c, err := listen.MergeCaptures(paths, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	sender, err := send.New(send.Config{To: to, Rate: 4000}, send.Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := sender.Send(context.Background(), c)
	if err != nil || sent.Failed+sent.Unreachable > 0 {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	return int(sent.Datagrams)
}

// Datagrams returns the payloads of a capture.
func Datagrams(t *testing.T, path string) (list [][]byte) {
	t.Helper()
	c, err := listen.OpenCapture(path, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for {
		d, err := c.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, slices.Clone(d.Payload))
	}
}

// Outcome is what a replay comes to.
type Outcome struct {
	Records      int                   // all
	Bytes, Flows uint64                // of those that count: neither set aside nor another exporter's copies
	Alerts       map[string]flow.Alert // their last states, by id
}

// WriteBatch implements [sink.Records].
func (o *Outcome) WriteBatch(_ context.Context, b *flow.Batch) error {
	o.Records += len(b.Records)
	for i := range b.Records {
		if r := &b.Records[i]; r.Invalid == flow.ReasonNone && !r.Present.Has(flow.HasDuplicateOf) {
			o.Bytes += r.Bytes
			o.Flows++
		}
	}
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Commit()
	return nil
}

// WriteAlerts implements [sink.Alerts].
func (o *Outcome) WriteAlerts(_ context.Context, list []flow.Alert) error {
	for _, a := range list {
		o.Alerts[a.ID] = a
	}
	return nil
}

// Replay runs the collector's pipeline over captures.
func Replay(t *testing.T, cfg config.Config, paths ...string) *Outcome {
	t.Helper()
	o := &Outcome{Alerts: map[string]flow.Alert{}}
	core, err := pipeline.Assemble(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: o, Alerts: []sink.Alerts{o}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Replay(context.Background(), paths, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return o
}
