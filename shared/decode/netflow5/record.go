package netflow5

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// common are the attributes that every record has.
const common = flow.HasSourceIP | flow.HasDestinationIP | flow.HasInIf | flow.HasOutIf | flow.HasPackets | flow.HasBytes |
	flow.HasFirstUptime | flow.HasLastUptime | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasToS |
	flow.HasTCPFlags

// Masks of numbers of one, two and four bytes.
const (
	one  = 0xff
	two  = 0xffff
	four = 0xffffffff
)

// takeCommon takes what stands in the same place in all versions; fields are named by the offset of their end.
func takeCommon(w wire.Window, r *flow.Record) {
	r.Source.IP = flow.AddrFrom4(uint32(w.Number(4, four)))
	r.Destination.IP = flow.AddrFrom4(uint32(w.Number(8, four)))
	if next := uint32(w.Number(12, four)); next != 0 {
		r.NextHop = flow.AddrFrom4(next)
	}
	r.InIf = uint32(w.Number(14, two))
	r.OutIf = uint32(w.Number(16, two))
	r.Source.Packets = w.Number(20, four)
	r.Source.Bytes = w.Number(24, four)
	r.FirstUptime = uint32(w.Number(28, four))
	r.LastUptime = uint32(w.Number(32, four))
	r.Source.Port = uint16(w.Number(34, two))
	r.Destination.Port = uint16(w.Number(36, two))
}

func take1(w wire.Window, r *flow.Record) {
	r.IPProtocol = uint8(w.Number(39, one))
	r.ToS = uint8(w.Number(40, one))
	r.TCPFlags = uint16(w.Number(41, one))
}

func take5(w wire.Window, b *flow.Batch, r *flow.Record) {
	r.TCPFlags = uint16(w.Number(38, one))
	takeFrom39(w, b, r)
}

// takeFrom39 takes the fields that v5 and v7 have in common behind the TCP flags.
func takeFrom39(w wire.Window, b *flow.Batch, r *flow.Record) {
	r.IPProtocol = uint8(w.Number(39, one))
	r.ToS = uint8(w.Number(40, one))
	r.Source.ASN = uint32(w.Number(42, two))
	r.Destination.ASN = uint32(w.Number(44, two))
	if w.Number(46, two) != 0 { // prefix lengths; most exporters without routing leave both 0
		b.AppendElement(r, flow.Element{ID: 9, Kind: flow.ElementUint, Value: w.Bytes(45, 1)})
		b.AppendElement(r, flow.Element{ID: 13, Kind: flow.ElementUint, Value: w.Bytes(46, 1)})
	}
}

func take7(w wire.Window, b *flow.Batch, r *flow.Record) {
	r.TCPFlags = uint16(w.Number(38, one))
	takeFrom39(w, b, r)
	if w.Number(52, four) != 0 { // the router that the switch bypasses
		b.AppendElement(r, flow.Element{ID: 43, Kind: flow.ElementAddr, Value: w.Bytes(52, 4)})
	}
}
