package filtertest

import (
	"math/rand/v2"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// RandomBatch returns n valid-looking records with most fields, each absent now and then: IPv4 and IPv6, lists, elements,
// some set aside, some copies of others. Their event.ids differ; eight each share a datagram.
func RandomBatch(rng *rand.Rand, n int) *flow.Batch {
	reg := flow.NewRegistry()
	b := flow.NewBatch(n, flow.NewSymbols())
	b.Normalized = true
	for i := range n {
		r := b.Grow()
		for _, f := range reg.Fields() {
			if isRandom(f) && (f.Name == "weir.sampling.interval" || !chance(rng, 4)) {
				setRandom(rng, f, b, r)
			}
		}
		identify(rng, b, r, uint64(i))
		setTimes(rng, r)
		setCounters(rng, r)
		judge(rng, r, uint64(i))
		addElements(rng, b, r)
	}
	return b
}

// isRandom tells whether a field is drawn by itself; the others must agree with each other or with the datagram.
func isRandom(f *flow.Field) bool {
	switch {
	case f.Set == nil, f.Virtual, f.Kind == flow.KindTime:
		return false
	case strings.HasSuffix(f.Name, "bytes"), strings.HasSuffix(f.Name, "packets"):
		return false
	case strings.HasPrefix(f.Name, "weir.clock."):
		return false
	}
	switch f.Name {
	case "event.id", "weir.duplicate_of", "weir.invalid", "observer.ip", "weir.protocol", "weir.domain", "weir.tcp.flags_bits":
		return false
	}
	return true
}

func setRandom(rng *rand.Rand, f *flow.Field, b *flow.Batch, r *flow.Record) {
	count := 1
	if f.List {
		count = 1 + rng.IntN(3)
	}
	seen := map[string]bool{}
	for range count {
		v := random(rng, f)
		if seen[v.String()] {
			continue
		}
		before := *r
		if !f.Set(b, r, v) && !f.List {
			*r = before // the pool's number does not fit the field
		}
		seen[v.String()] = true
	}
}

// identify gives the record its id and its datagram, which is a new one where the last is full.
func identify(rng *rand.Rand, b *flow.Batch, r *flow.Record, n uint64) {
	r.ID = eventID(n)
	if n%recordsPerDatagram == 0 {
		key := flow.StreamKey{Exporter: address(pick(rng, addresses[:6])), Domain: uint32(rng.IntN(3)), Protocol: flow.Protocol(1 + rng.IntN(4))}
		b.Datagrams = append(b.Datagrams, flow.Datagram{
			ID: r.ID.Datagram, Exporter: key.Exporter, Domain: key.Domain, Protocol: key.Protocol, Received: Start + Span + int64(n)*1e6,
			Mark: flow.StreamMark{Key: key}, Stream: &flow.Stream{Key: key},
		})
	}
	r.Meta = uint32(len(b.Datagrams) - 1)
	d := &b.Datagrams[r.Meta]
	d.Records++
	r.Exporter, r.Domain, r.Protocol, r.Created = d.Exporter, d.Domain, d.Protocol, d.Received
}

func setTimes(rng *rand.Rand, r *flow.Record) {
	r.End = instant(rng)
	r.Start = r.End - rng.Int64N(60e9)
	r.Present |= flow.HasStart | flow.HasEnd
}

// setCounters keeps the sums consistent with their sides and the sampling, as normalize does.
func setCounters(rng *rand.Rand, r *flow.Record) {
	scale := uint64(max(r.SamplingInterval, 1))
	draw := func() uint64 { return min(pick(rng, unsigneds), maxSum) / scale * scale }
	if !chance(rng, 8) {
		r.Present |= flow.HasBytes | flow.HasPackets
		r.Source.Bytes, r.Source.Packets = draw(), draw()
		if chance(rng, 4) {
			r.Present |= flow.HasReverseBytes | flow.HasReversePackets
			r.Destination.Bytes, r.Destination.Packets = draw(), draw()
		}
		r.Bytes, r.Packets = r.Source.Bytes+r.Destination.Bytes, r.Source.Packets+r.Destination.Packets
		r.RawBytes, r.RawPackets = r.Bytes/scale, r.Packets/scale
	}
	if r.Present&flow.HasTCPFlags == 0 && !chance(rng, 3) {
		r.Present |= flow.HasTCPFlags
		r.TCPFlags = uint16(rng.IntN(512)) // one bit more than have names
	}
	if chance(rng, 3) {
		r.Present |= flow.HasClock
		r.ClockOffset, r.ClockUncertainty = pick(rng, offsets)*1e6, int64(rng.IntN(3))*1e6
	}
}

// judge sets some records aside and makes some copies of earlier ones.
func judge(rng *rand.Rand, r *flow.Record, n uint64) {
	if chance(rng, 8) {
		r.Invalid = flow.InvalidEndBeforeStart + flow.Reason(rng.IntN(int(flow.InvalidAddress-flow.InvalidEndBeforeStart)+1))
	}
	if n > 0 && chance(rng, 8) {
		r.DuplicateOf = eventID(rng.Uint64N(n))
		r.Present |= flow.HasDuplicateOf
	}
}

func addElements(rng *rand.Rand, b *flow.Batch, r *flow.Record) {
	if chance(rng, 4) {
		b.AppendElement(r, flow.Element{PEN: 9, ID: uint16(rng.IntN(5)), Kind: flow.ElementUint, Value: []byte{0, byte(rng.IntN(256))}})
	}
}
