package oracle

import (
	"encoding/hex"
	"math"
	"net"
	"net/netip"
	"strconv"
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
	// rank decides between elements of one name in a template: the lowest wins, the others are elements.
	rank int
}

// at reads a time since the Unix epoch in the unit given in ns; 0 and what no clock shows are no time.
func at(unit uint64) func([]byte) string {
	return func(b []byte) string {
		if v := uintOf(b); v != 0 && v <= math.MaxInt64/unit {
			return number(v * unit)
		}
		return ""
	}
}

// ntp reads seconds and fraction since 1900 (RFC 5905, short of its era 1); without the highest bit it is a time since the Unix
// epoch in the element's unit.
func ntp(unit uint64) func([]byte) string {
	return func(b []byte) string {
		const untilUnix = 2208988800
		v := uintOf(b)
		if v>>63 == 0 {
			return at(unit)(b)
		}
		if v>>32 < untilUnix {
			return ""
		}
		return number((v>>32-untilUnix)*1e9 + (v&0xffffffff)*1e9>>32)
	}
}

// forwarding reads a status of 1 byte, or of 4 bytes of which the first may hold it (RFC 7270, 4.12).
func forwarding(b []byte) string {
	v := uintOf(b)
	if v > 255 {
		v >>= 24
	}
	return number(uint8(v))
}

// interval reads N of 1:N.
func interval(b []byte) string {
	if v := uintOf(b); v <= math.MaxUint32 {
		return number(v)
	}
	return ""
}

func text(b []byte) string { return strings.TrimRight(string(b), "\x00") }

var readings = map[uint16]reading{
	1: {kBytes, decimal, false, 0}, 231: {kBytes, decimal, false, 1}, 85: {kBytes, decimal, false, 2}, 352: {kBytes, decimal, false, 4}, 23: {kBytes, decimal, false, 5},
	2: {kPackets, decimal, false, 0}, 298: {kPackets, decimal, false, 1}, 86: {kPackets, decimal, false, 2}, 24: {kPackets, decimal, false, 5},
	232: {kReverseBytes, decimal, false, 1}, 299: {kReversePackets, decimal, false, 1},
	4: {kProtocol, decimal, false, 0}, 5: {kToS, decimal, false, 0}, 6: {kFlags, decimal, false, 0}, 7: {kSrcPort, decimal, false, 0}, 11: {kDstPort, decimal, false, 0},
	8: {kSrc, address, false, 0}, 12: {kDst, address, false, 0}, 27: {kSrc, address, false, 0}, 28: {kDst, address, false, 0},
	15: {kNextHop, address, true, 0}, 62: {kNextHop, address, true, 0}, 18: {kNextHop, address, true, 1}, 63: {kNextHop, address, true, 1},
	10: {kIn, decimal, false, 0}, 14: {kOut, decimal, false, 0}, 16: {kSrcAS, decimal, true, 0}, 17: {kDstAS, decimal, true, 0},
	21: {kLast, decimal, false, 0}, 22: {kFirst, decimal, false, 0},
	56: {kSrcMAC, mac, true, 0}, 81: {kSrcMAC, mac, true, 1}, 80: {kDstMAC, mac, true, 0}, 57: {kDstMAC, mac, true, 1},
	58: {kVLAN, decimal, true, 0}, 243: {kVLAN, decimal, true, 1}, 59: {kVLAN, decimal, true, 2}, 254: {kVLAN, decimal, true, 3},
	89: {kForwarding, forwarding, false, 0}, 136: {kEndReason, decimal, false, 0},
	192: {kTTL, decimal, false, 0}, 52: {kTTL, decimal, false, 1}, 53: {kTTL, decimal, false, 2},
	225: {kSrcNAT, address, true, 0}, 226: {kDstNAT, address, true, 0}, 227: {kSrcNATPort, decimal, true, 0}, 228: {kDstNATPort, decimal, true, 0},
	40001: {kSrcNAT, address, true, 1}, 40002: {kDstNAT, address, true, 1}, 40003: {kSrcNATPort, decimal, true, 1}, 40004: {kDstNATPort, decimal, true, 1},
	233: {kFirewall, decimal, false, 0}, 40005: {kFirewall, decimal, false, 1},
	156: {kStart, ntp(1), false, 0}, 157: {kEnd, ntp(1), false, 0}, 154: {kStart, ntp(1e3), false, 1}, 155: {kEnd, ntp(1e3), false, 1},
	152: {kStart, at(1e6), false, 2}, 153: {kEnd, at(1e6), false, 2}, 150: {kStart, at(1e9), false, 4}, 151: {kEnd, at(1e9), false, 4},
	34: {kSampling, interval, true, 0}, 50: {kSampling, interval, true, 0}, 96: {kApplication, text, true, 0}, 82: {kInName, text, true, 0},
}

// reverseReadings are those of PEN 29305 (RFC 5103).
var reverseReadings = map[uint16]reading{
	1: {kReverseBytes, decimal, false, 0}, 85: {kReverseBytes, decimal, false, 2}, 2: {kReversePackets, decimal, false, 0}, 86: {kReversePackets, decimal, false, 2},
}

func readingOf(v netflow.DataField) (reading, bool) {
	r, ok := reading{}, false
	switch {
	case !v.PenProvided || v.Pen == 0:
		r, ok = readings[v.Type]
	case v.Pen == 29305:
		r, ok = reverseReadings[v.Type]
	}
	return r, ok
}

// attributeWidths are the bytes that attributes hold, by row name: of wider fields the low bytes count, and the whole is kept as an
// element, too.
var attributeWidths = map[string]int{
	kProtocol: 1, kToS: 1, kTTL: 1, kEndReason: 1, kFirewall: 1, kFlags: 2, kVLAN: 2, kForwarding: 4, kIn: 4, kOut: 4, kSrcAS: 4, kDstAS: 4,
	kSrcPort: 2, kDstPort: 2, kSrcNATPort: 2, kDstNATPort: 2, kFirst: 4, kLast: 4,
}

// exactSizes are the sizes of what is no number.
var exactSizes = map[uint16]int{
	8: 4, 12: 4, 15: 4, 18: 4, 225: 4, 226: 4, 40001: 4, 40002: 4, 27: 16, 28: 16, 62: 16, 63: 16, 56: 6, 57: 6, 80: 6, 81: 6, 154: 8, 155: 8, 156: 8, 157: 8,
}

// fits tells whether n bytes can be what the reading wants; if not the field is an element.
func (r reading) fits(id uint16, n int) bool {
	if exact := exactSizes[id]; exact != 0 {
		return n == exact
	}
	return n > 0 && (n <= 8 || r.name == kApplication || r.name == kInName)
}

// narrow cuts a number to the width of its attribute; over tells that something was cut off.
func (r reading) narrow(b []byte) (low []byte, over bool) {
	width := attributeWidths[r.name]
	if width == 0 || len(b) <= width {
		return b, false
	}
	return b[len(b)-width:], true
}

// elementsRow is what a record of a v9 or IPFIX data set says. Which of several elements with one meaning wins depends on the
// template, not on the values.
func elementsRow(s set, values []netflow.DataField) row {
	best := map[string]int{}
	for _, v := range values {
		if r, ok := readingOf(v); ok && r.fits(v.Type, len(bytesOf(v))) {
			if rank, seen := best[r.name]; !seen || r.rank < rank {
				best[r.name] = r.rank
			}
		}
	}
	out, icmp, taken := row{}, icmpFields{}, map[[2]uint32]bool{}
	for _, v := range values {
		b := bytesOf(v)
		r, ok := readingOf(v)
		key := [2]uint32{v.Pen, uint32(v.Type)}
		switch {
		case len(b) == 0 || v.Pen == 0 && v.Type == 210: // left out by the exporter; padding
		case ok && r.rank == best[r.name] && r.fits(v.Type, len(b)) && !taken[key]:
			taken[key] = true
			low, over := r.narrow(b)
			if out.read(r, low); over {
				out[elementName(v.Pen, v.Type)] = hex.EncodeToString(b)
			}
		case !v.PenProvided && icmp.take(v.Type, b), !v.PenProvided && out.delta(s, v.Type, b):
		default:
			out[elementName(v.Pen, v.Type)] = hex.EncodeToString(b)
		}
	}
	icmp.settle(out)
	return out
}

func bytesOf(v netflow.DataField) []byte {
	b, _ := v.Value.([]byte)
	return b
}

// read sets the value; of the addresses of both families in one template the used one counts.
func (out row) read(r reading, b []byte) {
	used := strings.Trim(string(b), "\x00") != ""
	if !used && (r.zero || out[r.name] != "") {
		return
	}
	if value := r.text(b); value != "" {
		out[r.name] = value
	}
}

// delta reads times in microseconds before the export, and the time of an event.
func (out row) delta(s set, id uint16, b []byte) bool {
	switch id {
	case 158:
		out[kStart] = number(uint64(s.exported)*1e9 - uintOf(b)*1e3)
	case 159:
		out[kEnd] = number(uint64(s.exported)*1e9 - uintOf(b)*1e3)
	case 323:
		out[kEnd] = at(1e6)(b)
		if out[kStart] == "" {
			out[kStart] = out[kEnd]
		}
	default:
		return false
	}
	return true
}

// icmpFields are type and code by family; which counts depends on the record's protocol. Without them exporters put both into
// the destination port.
type icmpFields struct {
	v4, v6       [2]byte
	hasV4, hasV6 bool
}

func (f *icmpFields) take(id uint16, b []byte) bool {
	switch {
	case id == 32 && len(b) == 2:
		f.v4, f.hasV4 = [2]byte(b), true
	case id == 139 && len(b) == 2:
		f.v6, f.hasV6 = [2]byte(b), true
	case id == 176:
		f.v4[0], f.hasV4 = b[0], true
	case id == 177:
		f.v4[1], f.hasV4 = b[0], true
	case id == 178:
		f.v6[0], f.hasV6 = b[0], true
	case id == 179:
		f.v6[1], f.hasV6 = b[0], true
	default:
		return false
	}
	return true
}

func (f *icmpFields) settle(out row) {
	proto := out[kProtocol]
	value, has := f.v4, f.hasV4
	if f.hasV6 && (proto == "58" || !f.hasV4) {
		value, has = f.v6, true
	}
	switch {
	case proto != "" && proto != "1" && proto != "58":
		return
	case has:
		out[kICMPType], out[kICMPCode] = number(value[0]), number(value[1])
	case proto != "":
		icmpFromPort(out)
	}
}

func icmpFromPort(out row) {
	if port, err := strconv.ParseUint(out[kDstPort], 10, 16); err == nil {
		out[kICMPType], out[kICMPCode] = number(port>>8), number(port&0xff)
	}
}
