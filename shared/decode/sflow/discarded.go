package sflow

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Elements of notices: the reason under sFlow's own format, and dataLinkFrameSize.
const (
	elementReason    = formatDiscarded
	elementFrameSize = 312
)

// discarded makes a record of a notice of a packet that the exporter dropped (sFlow.org, "sFlow Dropped Packet Notification
// Structures"). A notice is no sample: it stands for itself alone, and its packet may be sampled beside. So the record has no counters,
// as an event of a firewall has none, and its size is an element.
func (d *decoder) discarded(cur wire.Cursor) {
	number := cur.U32()
	from := readSource(true, &cur)
	from.kind = kindNotices
	drops, in, out, reason, count := cur.U32(), cur.U32(), cur.U32(), cur.U32(), cur.U32()
	if !cur.OK() {
		d.fault(flow.MalformedSample, formatDiscarded, "cut short", nil)
		return
	}
	if src := d.session.source(from); d.session.follow(src, number) {
		d.session.measure(src, 0, drops)
	}
	s := d.grow()
	s.start()
	s.interfaces(port{value: in}, port{value: out})
	s.r.ForwardingStatus = forwardingStatus(reason)
	s.r.Present |= flow.HasForwardingStatus
	s.own(elementReason, reason, &cur)
	s.records(&cur, count)
	s.finish()
	s.noCounters()
	d.stream.DroppedPackets.Add(1)
}

// noCounters turns the length into an element.
func (s *sample) noCounters() {
	if !s.r.Present.Has(flow.HasBytes) {
		return
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(s.r.Source.Bytes))
	s.element(elementFrameSize, flow.ElementUint, b[:])
	s.r.Source.Bytes = 0
	s.r.Present &^= flow.HasBytes
}
