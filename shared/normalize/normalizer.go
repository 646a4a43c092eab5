package normalize

import (
	"math"
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// Normalizer normalizes batches. It keeps no state of its own and is safe for concurrent use, each batch by one goroutine. Overrides may
// change meanwhile: see [Normalizer.Use].
type Normalizer struct {
	cfg       Config
	clock     Clock
	overrides atomic.Pointer[Overrides]
}

// New returns a normalizer.
func New(cfg Config, deps Deps) (*Normalizer, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Normalizer{cfg: cfg, clock: deps.Clock}
	n.overrides.Store(newOverrides(cfg.Overrides))
	if cfg.Show {
		n.clock = nil
	}
	return n, nil
}

// Use puts other overrides into force: datagrams of batches that come later see them. It may be called at any time.
func (n *Normalizer) Use(o *Overrides) { n.overrides.Store(o) }

// Batch normalizes all records of b in place. Batches of canonical JSON (Normalized) are left as they are.
func (n *Normalizer) Batch(b *flow.Batch) {
	if b.Normalized {
		return
	}
	n.observe(b)
	var x scope
	for i := range b.Records {
		r := &b.Records[i]
		if int(r.Meta) >= len(b.Datagrams) {
			continue // not of a decoder
		}
		if d := &b.Datagrams[r.Meta]; d != x.datagram {
			x.close()
			x = n.open(d)
		}
		n.record(&x, r)
	}
	x.close()
}

// observe takes note of what the exporters' clocks say, in the order in which the datagrams came.
func (n *Normalizer) observe(b *flow.Batch) {
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		if n.clock == nil {
			d.Clock = flow.UnknownClock()
			continue
		}
		d.Clock = n.clock.Observe(d)
	}
}

// scope is what the records of one datagram share.
type scope struct {
	datagram *flow.Datagram
	exporter flow.Addr // that override is for: mostly the datagram's
	override float64   // 0: none
	sampling float64   // the last record's
	// samplingFrom is where that comes from.
	samplingFrom flow.SamplingSource
	repaired     [flow.NumReasons - flow.RepairedUptimeWrap]uint64
}

func (n *Normalizer) open(d *flow.Datagram) scope {
	return scope{datagram: d, exporter: d.Exporter, override: n.override(d, d.Exporter)}
}

func (x *scope) repair(why flow.Reason) { x.repaired[why-flow.RepairedUptimeWrap]++ }

// close adds what was counted for the datagram to its stream.
func (x *scope) close() {
	if x.datagram == nil || x.datagram.Stream == nil {
		return
	}
	stream := x.datagram.Stream
	for i, count := range x.repaired {
		if count > 0 {
			stream.Repaired.Add(flow.RepairedUptimeWrap+flow.Reason(i), count)
		}
	}
	if x.sampling == 0 {
		return // notices only
	}
	if bits := math.Float64bits(x.sampling); stream.Sampling.Load() != bits {
		stream.Sampling.Store(bits)
	}
	if from := uint32(x.samplingFrom); stream.SamplingSource.Load() != from {
		stream.SamplingSource.Store(from)
	}
}

func (n *Normalizer) record(x *scope, r *flow.Record) {
	if r.Created == 0 {
		r.Created = x.datagram.Received
	}
	if r.Exporter != x.exporter && !r.Exporter.IsZero() {
		x.exporter, x.override = r.Exporter, n.override(x.datagram, r.Exporter)
	}
	timed := x.times(r)
	x.sample(r)
	count(r)
	if r.Invalid == flow.ReasonNone {
		r.Invalid = n.judge(r, timed)
	}
}
