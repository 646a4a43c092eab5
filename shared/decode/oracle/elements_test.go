package oracle

import (
	"encoding/hex"
	"net"
	"net/netip"
	"strings"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
)

// What follows reads the bytes that goflow2 gives for each element. It is written from the IANA registry, apart from the
// decoder's own table.

func hexOf(b uint8) string { return hex.EncodeToString([]byte{b}) }

func addr4(v uint32) string {
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
}

// uintOf reads a number of up to 8 bytes.
func uintOf(b []byte) (v uint64) {
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}

func decimal(b []byte) string { return number(uintOf(b)) }

func address(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap().String()
}

func mac(b []byte) string {
	return strings.ToUpper(strings.ReplaceAll(net.HardwareAddr(b).String(), ":", "-"))
}

// reading is how an element becomes a value of the row.
type reading struct {
	name string
	text func([]byte) string
	// zero says that 0 means absent.
	zero bool
}

func at(unit uint64) func([]byte) string {
	return func(b []byte) string { return number(uintOf(b) * unit) }
}

// ntp reads seconds and fraction since 1900 (RFC 5905, short of its era 1).
func ntp(b []byte) string {
	const untilUnix = 2208988800
	v := uintOf(b)
	return number((v>>32-untilUnix)*1e9 + (v&0xffffffff)*1e9>>32)
}

var readings = map[uint16]reading{
	1: {kBytes, decimal, false}, 2: {kPackets, decimal, false}, 4: {kProtocol, decimal, false}, 5: {kToS, decimal, false}, 6: {kFlags, decimal, false},
	7: {kSrcPort, decimal, false}, 11: {kDstPort, decimal, false}, 8: {kSrc, address, false}, 12: {kDst, address, false},
	27: {kSrc, address, false}, 28: {kDst, address, false}, 15: {kNextHop, address, true}, 62: {kNextHop, address, true},
	10: {kIn, decimal, false}, 14: {kOut, decimal, false}, 16: {kSrcAS, decimal, true}, 17: {kDstAS, decimal, true},
	21: {kLast, decimal, false}, 22: {kFirst, decimal, false}, 56: {kSrcMAC, mac, true}, 80: {kDstMAC, mac, true}, 58: {kVLAN, decimal, false},
	89: {kForwarding, decimal, false}, 136: {kEndReason, decimal, false}, 192: {kTTL, decimal, false}, 233: {kFirewall, decimal, false},
	225: {kSrcNAT, address, true}, 226: {kDstNAT, address, true}, 227: {kSrcNATPort, decimal, false}, 228: {kDstNATPort, decimal, false},
	150: {kStart, at(1e9), false}, 151: {kEnd, at(1e9), false}, 152: {kStart, at(1e6), false}, 153: {kEnd, at(1e6), false},
	154: {kStart, ntp, false}, 155: {kEnd, ntp, false}, 156: {kStart, ntp, false}, 157: {kEnd, ntp, false},
	231: {kBytes, decimal, false}, 232: {kReverseBytes, decimal, false}, 298: {kPackets, decimal, false}, 299: {kReversePackets, decimal, false},
	34: {kSampling, decimal, true},
}

// elementsRow is what a record of a v9 or IPFIX data set says.
func elementsRow(s set, values []netflow.DataField) row {
	out := row{}
	for _, v := range values {
		b, _ := v.Value.([]byte)
		pen := v.Pen
		if pen == 0 || !v.PenProvided {
			if ianaElement(out, s, v.Type, b) {
				continue
			}
			pen = 0
		}
		if pen == 29305 && reverseElement(out, v.Type, b) {
			continue
		}
		if len(b) > 0 {
			out[elementName(pen, v.Type)] = hex.EncodeToString(b)
		}
	}
	return out
}

func ianaElement(out row, s set, id uint16, b []byte) bool {
	switch id {
	case 32, 139:
		if len(b) == 2 {
			out[kICMPType], out[kICMPCode] = number(b[0]), number(b[1])
			return true
		}
	case 158, 159: // µs before the export
		name := map[uint16]string{158: kStart, 159: kEnd}[id]
		out[name] = number(uint64(s.exported)*1e9 - uintOf(b)*1e3)
		return true
	}
	r, ok := readings[id]
	if !ok || len(b) == 0 {
		return ok
	}
	if r.zero && uintOf(b[max(0, len(b)-8):]) == 0 && uintOf(b[:max(0, len(b)-8)]) == 0 {
		return true
	}
	out[r.name] = r.text(b)
	return true
}

func reverseElement(out row, id uint16, b []byte) bool {
	switch id {
	case 1:
		out[kReverseBytes] = decimal(b)
	case 2:
		out[kReversePackets] = decimal(b)
	default:
		return false
	}
	return true
}
