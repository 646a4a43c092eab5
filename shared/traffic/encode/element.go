package encode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// ErrRange says that a flow does not fit the record it would be written to: a
// counter wider than its field, or an address family without a layout. A real
// device would send a wrapped counter; a source of truth must not.
var ErrRange = errors.New("flow does not fit the record")

// asTrans stands for a 4-byte AS number in a 2-byte field (RFC 6793).
const asTrans = 23456

// widths are the lengths an element may be written with.
type widths struct{ min, max uint16 }

// elementWidth returns the allowed lengths of an element that writers can fill.
func elementWidth(id uint16) (widths, bool) {
	switch id {
	case ieSrcIPv4, ieDstIPv4, ieNextHop4:
		return widths{4, 4}, true
	case ieSrcIPv6, ieDstIPv6, ieNextHop6:
		return widths{16, 16}, true
	case ieStartMs, ieEndMs:
		return widths{8, 8}, true
	case ieFirstSwitched, ieLastSwitched:
		return widths{4, 4}, true
	case ieSrcPort, ieDstPort, ieICMP4, ieICMP6, ieVLAN:
		return widths{2, 2}, true
	case ieOctets, iePackets, ieSelectorID:
		return widths{1, 8}, true
	case ieIngressIf, ieEgressIf, ieSamplerID:
		return widths{1, 4}, true
	case ieSrcAS, ieDstAS:
		return widths{2, 4}, true
	case ieTCPFlags:
		return widths{1, 2}, true
	case ieProtocol, ieTOS, ieSrcMask4, ieDstMask4, ieSrcMask6, ieDstMask6, ieIPVersion, ieDirection, ieEndReason:
		return widths{1, 1}, true
	}
	return widths{}, false
}

// appendRecord appends one record in the layout's order.
func (e *Exporter) appendRecord(dst []byte, l Layout, f *Flow) ([]byte, error) {
	var err error
	for _, fld := range l {
		if dst, err = e.appendField(dst, fld, f); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (e *Exporter) appendField(dst []byte, fld Field, f *Flow) ([]byte, error) {
	switch fld.ID {
	case ieSrcIPv4, ieSrcIPv6:
		return appendAddr(dst, f.Src, int(fld.Len)), nil
	case ieDstIPv4, ieDstIPv6:
		return appendAddr(dst, f.Dst, int(fld.Len)), nil
	case ieNextHop4, ieNextHop6:
		return appendAddr(dst, f.NextHop, int(fld.Len)), nil
	}
	v := e.value(fld.ID, f)
	if fld.Len < 8 && v>>(8*fld.Len) != 0 {
		if fld.ID != ieSrcAS && fld.ID != ieDstAS {
			return dst, fmt.Errorf("element %d: %d in %d bytes: %w", fld.ID, v, fld.Len, ErrRange)
		}
		v = asTrans
	}
	return appendUint(dst, v, int(fld.Len)), nil
}

// value returns the number an element holds for a flow.
func (e *Exporter) value(id uint16, f *Flow) uint64 {
	switch id {
	case ieOctets:
		return f.Bytes
	case iePackets:
		return f.Packets
	case ieFirstSwitched:
		return uint64(e.uptime(f.Start))
	case ieLastSwitched:
		return uint64(e.uptime(f.End))
	case ieStartMs:
		return uint64(f.Start.UnixMilli())
	case ieEndMs:
		return uint64(f.End.UnixMilli())
	case ieIngressIf:
		return uint64(f.In)
	case ieEgressIf:
		return uint64(f.Out)
	case ieSrcAS:
		return uint64(f.SrcAS)
	case ieDstAS:
		return uint64(f.DstAS)
	case ieSamplerID, ieSelectorID:
		return samplerID
	}
	return uint64(e.small(id, f))
}

// small returns the elements of at most 16 bits.
func (e *Exporter) small(id uint16, f *Flow) uint16 {
	switch id {
	case ieSrcPort:
		return f.SrcPort
	case ieDstPort:
		return e.dstPort(f)
	case ieICMP4, ieICMP6:
		return f.icmpTypeCode()
	case ieProtocol:
		return uint16(f.Protocol)
	case ieTOS:
		return uint16(f.TOS)
	case ieTCPFlags:
		return uint16(f.TCPFlags)
	case ieSrcMask4, ieSrcMask6:
		return uint16(f.SrcMask)
	case ieDstMask4, ieDstMask6:
		return uint16(f.DstMask)
	case ieDirection:
		return uint16(f.Direction)
	case ieEndReason:
		return uint16(f.EndReason)
	case ieVLAN:
		return f.VLAN
	case ieIPVersion:
		if f.Src.Is4() {
			return 4
		}
		return 6
	}
	return 0
}

// dstPort puts ICMP type and code where NetFlow devices put them; IPFIX has an
// element of its own for that and leaves the port alone.
func (e *Exporter) dstPort(f *Flow) uint16 {
	if f.isICMP() && e.cfg.Protocol != IPFIX {
		return f.icmpTypeCode()
	}
	return f.DstPort
}

func appendUint(dst []byte, v uint64, n int) []byte {
	switch n {
	case 1:
		return append(dst, byte(v))
	case 2:
		return binary.BigEndian.AppendUint16(dst, uint16(v))
	case 4:
		return binary.BigEndian.AppendUint32(dst, uint32(v))
	case 8:
		return binary.BigEndian.AppendUint64(dst, v)
	}
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// appendAddr appends an address of n bytes; an address of the other family or
// none becomes the unspecified address.
func appendAddr(dst []byte, a netip.Addr, n int) []byte {
	switch {
	case n == 4 && a.Is4():
		b := a.As4()
		return append(dst, b[:]...)
	case n == 16 && a.Is6():
		b := a.As16()
		return append(dst, b[:]...)
	}
	return append(dst, make([]byte, n)...)
}
