package normalize

import "github.com/weirflow/weir/shared/flow"

// count keeps the raw sums and scales the counters by the settled sampling interval. Each direction is scaled and rounded by itself
// (see flow.Scale) and the sums are of the scaled directions, so that they always add up.
func count(r *flow.Record) {
	// A counter of the responder alone makes the record's sum known.
	if r.Present&flow.HasReverseBytes != 0 {
		r.Present |= flow.HasBytes
	}
	if r.Present&flow.HasReversePackets != 0 {
		r.Present |= flow.HasPackets
	}
	s, d := &r.Source, &r.Destination
	r.RawBytes = flow.SaturatingSum(s.Bytes, d.Bytes)
	r.RawPackets = flow.SaturatingSum(s.Packets, d.Packets)
	if n := r.SamplingInterval; n != 1 {
		s.Bytes, d.Bytes = flow.Scale(s.Bytes, n), flow.Scale(d.Bytes, n)
		s.Packets, d.Packets = flow.Scale(s.Packets, n), flow.Scale(d.Packets, n)
	}
	r.Bytes = flow.SaturatingSum(s.Bytes, d.Bytes)
	r.Packets = flow.SaturatingSum(s.Packets, d.Packets)
}
