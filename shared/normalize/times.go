package normalize

import "github.com/weirflow/weir/shared/flow"

// second is how far NetFlow v9's times may be off: its header tells the export time in whole seconds, and the flows' times are
// placed by it (RFC 3954, 5.1).
const second = int64(1e9)

// times makes the record's times absolute. It returns whether both came from the exporter, so that their difference means
// something.
func (x *scope) times(r *flow.Record) (timed bool) {
	d := x.datagram
	if d.HasUptime && d.Exported != 0 {
		x.placeUptime(r)
	}
	start, end := r.Present.Has(flow.HasStart), r.Present.Has(flow.HasEnd)
	timed = start && end
	switch {
	case start && !end:
		r.End = r.Start
	case end && !start:
		r.Start = r.End
	case !start && !end:
		timed = x.takeReceipt(r)
	}
	if x.clock.known && (start || end) {
		r.Start += x.clock.offset
		r.End += x.clock.offset
		r.ClockOffset, r.ClockUncertainty = x.clock.offset, x.clock.uncertainty
		r.Present |= flow.HasClock
	}
	r.Present |= flow.HasStart | flow.HasEnd
	return timed
}

// placeUptime places times on the uptime clock by the header's export time and uptime: boot = export time - uptime.
func (x *scope) placeUptime(r *flow.Record) {
	placed := false
	if r.Present&(flow.HasStart|flow.HasFirstUptime) == flow.HasFirstUptime {
		r.Start = x.atUptime(r.FirstUptime)
		r.Present |= flow.HasStart
		placed = true
	}
	if r.Present&(flow.HasEnd|flow.HasLastUptime) == flow.HasLastUptime {
		r.End = x.atUptime(r.LastUptime)
		r.Present |= flow.HasEnd
		placed = true
	}
	if placed && x.datagram.Protocol == flow.NetFlow9 && !r.Present.Has(flow.HasClock) {
		r.ClockUncertainty = second
		r.Present |= flow.HasClock
	}
}

// atUptime returns the time at which the exporter's uptime was ms. Uptimes are 32-bit milliseconds, so they wrap after 49.7 days:
// the difference to the header's uptime is taken modulo 2^32 as a signed number. A value beyond the header's uptime is therefore
// from before a wrap when it is less than half a turn old (flow caches keep nothing that long), and ahead of the header
// otherwise: a few ms are usual with exporters that stamp the header first, and much is what an exporter sends whose clock is
// wrong.
func (x *scope) atUptime(ms uint32) int64 {
	age := int32(x.datagram.Uptime - ms)
	if ms > x.datagram.Uptime && age >= 0 {
		x.repair(flow.RepairedUptimeWrap)
	}
	return x.datagram.Exported - int64(age)*1e6
}

// takeReceipt gives a record without absolute times the time of its receipt. Its duration is kept where the uptime clock tells it.
func (x *scope) takeReceipt(r *flow.Record) (timed bool) {
	x.repair(flow.RepairedNoTime)
	r.Start, r.End = x.datagram.Received, x.datagram.Received
	timed = r.Present.Has(flow.HasFirstUptime | flow.HasLastUptime)
	if timed {
		r.Start -= int64(int32(r.LastUptime-r.FirstUptime)) * 1e6
	}
	return timed
}
