package normalize

import "github.com/weirflow/weir/shared/flow"

// second is how far times may be off that are placed by a header that tells the export time in whole seconds: those of NetFlow v9's
// uptime clock (RFC 3954, 5.1), and those that IPFIX tells as a difference to it (IE 158 and 159).
const second = int64(1e9)

// times makes the record's times absolute and corrects them. It returns whether both came from the exporter, so that their difference
// means something.
func (x *scope) times(r *flow.Record) (timed bool) {
	d, placed := x.datagram, false
	if d.HasUptime && d.Exported != 0 {
		placed = x.placeUptime(r)
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
	if start || end {
		x.correct(r, placed)
	}
	r.Present |= flow.HasStart | flow.HasEnd
	return timed
}

// placeUptime places times on the uptime clock by the header's export time and uptime: boot = export time - uptime.
func (x *scope) placeUptime(r *flow.Record) (placed bool) {
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
	return placed
}

// correct moves the record to the collector's clock. Start and end move alike, so that the duration stays what the exporter told.
func (x *scope) correct(r *flow.Record, placed bool) {
	k := &x.datagram.Clock
	offset, uncertainty := k.Wall, k.WallError
	if placed {
		offset, uncertainty = k.Uptime, k.UptimeError
	}
	switch {
	case k.Receipt:
		offset = (x.datagram.Received - r.End) / 1e6 * 1e6 // whole ms, as it is stored
		x.repair(flow.RepairedClock)
	case placed && uncertainty < 0 && x.datagram.Protocol == flow.NetFlow9:
		uncertainty = second
	case k.Seconds && r.Present.Has(flow.HasHeaderTimes):
		uncertainty = max(uncertainty, 0) + second
	}
	if uncertainty < 0 {
		return
	}
	r.Start += offset
	r.End += offset
	r.ClockOffset, r.ClockUncertainty = offset, uncertainty
	r.Present |= flow.HasClock
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
