package encode

import "fmt"

// Field is one entry of a template: an IANA information element and the length
// it is written with, in bytes. Elements shorter than their natural size are
// reduced-size encoded (RFC 7011 section 6.2).
type Field struct {
	ID  uint16
	Len uint16
}

// Layout is a template's list of fields in the order they are written.
type Layout []Field

// Information elements an Exporter can fill (IANA "IPFIX Information
// Elements"; the same numbers in NetFlow v9 up to 127).
const (
	ieOctets        = 1
	iePackets       = 2
	ieProtocol      = 4
	ieTOS           = 5
	ieTCPFlags      = 6
	ieSrcPort       = 7
	ieSrcIPv4       = 8
	ieSrcMask4      = 9
	ieIngressIf     = 10
	ieDstPort       = 11
	ieDstIPv4       = 12
	ieDstMask4      = 13
	ieEgressIf      = 14
	ieNextHop4      = 15
	ieSrcAS         = 16
	ieDstAS         = 17
	ieLastSwitched  = 21
	ieFirstSwitched = 22
	ieSrcIPv6       = 27
	ieDstIPv6       = 28
	ieSrcMask6      = 29
	ieDstMask6      = 30
	ieICMP4         = 32
	ieSamplerID     = 48
	ieSamplerMode   = 49
	ieSamplerRandom = 50
	ieVLAN          = 58
	ieIPVersion     = 60
	ieDirection     = 61
	ieNextHop6      = 62
	ieInterfaceName = 82
	ieEndReason     = 136
	ieICMP6         = 139
	ieStartMs       = 152
	ieEndMs         = 153
	ieSelectorID    = 302
	ieSelectorAlgo  = 304
	iePacketIval    = 305
	iePacketSpace   = 306
)

// Size returns the length of one record in bytes.
func (l Layout) Size() int {
	n := 0
	for _, f := range l {
		n += int(f.Len)
	}
	return n
}

// DefaultLayouts returns the IPv4 and IPv6 layouts of a protocol: 20 fields,
// 60 bytes a record for IPv4 over NetFlow v9, so that 24 records fill an
// Ethernet frame. NetFlow v5 has no templates and returns nil for both.
func DefaultLayouts(p Protocol) (v4, v6 Layout) {
	switch p {
	case NetFlow9:
		return layout9(false), layout9(true)
	case IPFIX:
		return layoutIPFIX(false), layoutIPFIX(true)
	}
	return nil, nil
}

func layout9(v6 bool) Layout {
	l := addresses(v6)
	return append(l, Field{ieIngressIf, 4}, Field{ieEgressIf, 4}, Field{iePackets, 4}, Field{ieOctets, 8},
		Field{ieFirstSwitched, 4}, Field{ieLastSwitched, 4}, Field{ieSrcPort, 2}, Field{ieDstPort, 2},
		Field{ieTCPFlags, 1}, Field{ieProtocol, 1}, Field{ieTOS, 1}, Field{ieSrcAS, 4}, Field{ieDstAS, 4},
		Field{ieDirection, 1}, icmpField(v6))
}

func layoutIPFIX(v6 bool) Layout {
	l := addresses(v6)
	return append(l, Field{ieIngressIf, 4}, Field{ieEgressIf, 4}, Field{iePackets, 4}, Field{ieOctets, 8},
		Field{ieStartMs, 8}, Field{ieEndMs, 8}, Field{ieSrcPort, 2}, Field{ieDstPort, 2},
		Field{ieTCPFlags, 2}, Field{ieProtocol, 1}, Field{ieTOS, 1}, Field{ieSrcAS, 4}, Field{ieDstAS, 4},
		Field{ieEndReason, 1}, icmpField(v6))
}

func addresses(v6 bool) Layout {
	if v6 {
		return Layout{{ieSrcIPv6, 16}, {ieDstIPv6, 16}, {ieNextHop6, 16}, {ieSrcMask6, 1}, {ieDstMask6, 1}}
	}
	return Layout{{ieSrcIPv4, 4}, {ieDstIPv4, 4}, {ieNextHop4, 4}, {ieSrcMask4, 1}, {ieDstMask4, 1}}
}

func icmpField(v6 bool) Field {
	if v6 {
		return Field{ieICMP6, 2}
	}
	return Field{ieICMP4, 2}
}

// check refuses layouts the writer cannot fill, so that encoding itself cannot
// meet an unknown element.
func (l Layout) check(what string) error {
	for i, f := range l {
		width, ok := elementWidth(f.ID)
		if !ok {
			return fmt.Errorf("%s layout: field %d: element %d is not one the encoder fills", what, i, f.ID)
		}
		if f.Len == 0 || f.Len > width.max || f.Len < width.min {
			return fmt.Errorf("%s layout: field %d: element %d cannot have length %d", what, i, f.ID, f.Len)
		}
	}
	if len(l) == 0 || l.Size() > 1000 {
		return fmt.Errorf("%s layout: %d fields, %d bytes a record: want 1 to 1000 bytes", what, len(l), l.Size())
	}
	return nil
}

// Offset returns where in a record the element lies, in bytes, and its length;
// ok is false where the layout does not have it.
func (l Layout) Offset(id uint16) (offset, length int, ok bool) {
	for _, f := range l {
		if f.ID == id {
			return offset, int(f.Len), true
		}
		offset += int(f.Len)
	}
	return 0, 0, false
}
