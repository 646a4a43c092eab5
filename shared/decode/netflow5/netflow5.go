// Package netflow5 reads the NetFlow versions of fixed layout: v5, and its rare siblings v1 and v7.
//
// The layouts are those of Cisco's "NetFlow Export Datagram Format".
package netflow5

import (
	"slices"

	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Header is the header of a datagram. What a version does not have is 0.
type Header struct {
	Version     uint16
	Count       uint16
	Uptime      uint32 // ms
	Seconds     uint32 // export time since the Unix epoch
	Nanoseconds uint32
	Sequence    uint32 // counts flows (v5, v7)
	EngineType  uint8  // v5
	EngineID    uint8  // v5
	Sampling    uint16 // v5: interval in the low 14 bits
}

// layout says what a version looks like.
type layout struct {
	protocol flow.Protocol
	header   int
	record   int
}

// layoutOf returns the layout of a version; ok is false when the version is none of the package's.
func layoutOf(version uint16) (l layout, ok bool) {
	switch version {
	case 1:
		return layout{flow.NetFlow1, 16, 48}, true
	case 5:
		return layout{flow.NetFlow5, 24, 48}, true
	case 7:
		return layout{flow.NetFlow7, 24, 52}, true
	}
	return layout{}, false
}

// ReadHeader reads the header of version 1, 5 or 7; ok is false when payload is shorter or of another version.
func ReadHeader(payload []byte) (h Header, ok bool) {
	c := wire.NewCursor(payload)
	h = Header{Version: c.U16(), Count: c.U16(), Uptime: c.U32(), Seconds: c.U32(), Nanoseconds: c.U32()}
	if _, ok = layoutOf(h.Version); !ok {
		return h, false
	}
	if h.Version != 1 {
		h.Sequence = c.U32()
		h.EngineType, h.EngineID, h.Sampling = c.U8(), c.U8(), c.U16()
	}
	return h, c.OK()
}

// Protocol returns the version as the flow package names it.
func (h *Header) Protocol() flow.Protocol {
	l, _ := layoutOf(h.Version)
	return l.protocol
}

// Domain returns the observation domain: engine type and id in v5.
func (h *Header) Domain() uint32 {
	if h.Version != 5 {
		return 0
	}
	return uint32(h.EngineType)<<8 | uint32(h.EngineID)
}

// Exported returns the export time in ns since the Unix epoch.
func (h *Header) Exported() int64 { return int64(h.Seconds)*1e9 + int64(h.Nanoseconds) }

// Sequences tells whether the version has sequence numbers.
func (h *Header) Sequences() bool { return h.Version != 1 }

// Records returns how many of the announced records payload holds, and whether it holds exactly those: where they differ the
// header wins over a longer payload, and a shorter payload over the header.
func (h *Header) Records(payload []byte) (n int, exact bool) {
	l, _ := layoutOf(h.Version)
	space := max(len(payload)-l.header, 0)
	n = min(int(h.Count), space/l.record)
	return n, n == int(h.Count) && space < (n+1)*l.record
}

// sampling returns the interval of the header, 0 for none: the low 14 bits, the high two are the mode.
func (h *Header) sampling() float64 {
	if h.Version != 5 {
		return 0
	}
	return float64(h.Sampling & 0x3fff)
}

// Decode appends the first n records of a datagram to b, whose entry b.Datagrams[meta] holds the facts of the datagram.
func Decode(payload []byte, h *Header, n int, b *flow.Batch, meta uint32) {
	l, _ := layoutOf(h.Version)
	w, ok := wire.NewWindow(payload, l.header, len(payload))
	if !ok || w.Len() < n*l.record {
		return
	}
	d := &b.Datagrams[meta]
	proto := flow.Record{
		Present: common, ID: flow.EventID{Datagram: d.ID}, Created: d.Received, Exporter: d.Exporter,
		Domain: d.Domain, Protocol: d.Protocol, Meta: meta,
	}
	if n := h.sampling(); n > 0 {
		proto.SamplingInterval, proto.SamplingSource = n, flow.SamplingHeader
	}
	base := len(b.Records)
	b.Records = slices.Grow(b.Records, n)[:base+n]
	for i := range n {
		r := &b.Records[base+i]
		*r = proto
		r.ID.Record = uint32(i)
		rec := w.Part(i*l.record, l.record)
		takeCommon(rec, r)
		switch h.Version {
		case 1:
			take1(rec, r)
		case 5:
			take5(rec, b, r)
		case 7:
			take7(rec, b, r)
		}
		if r.IPProtocol == 1 { // these versions have IPv4 only
			template.ICMPFromPort(r)
		}
	}
	d.Records += uint32(n)
}
