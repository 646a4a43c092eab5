package decode_test

import (
	"encoding/binary"
	"net/netip"
)

// The builders below write datagrams by hand, so that the expected values do not come from the code under test. A number is
// written in as many bytes as its type has; []byte and string as they are.

func put(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch v := p.(type) {
		case uint8:
			b = append(b, v)
		case uint16:
			b = binary.BigEndian.AppendUint16(b, v)
		case uint32:
			b = binary.BigEndian.AppendUint32(b, v)
		case uint64:
			b = binary.BigEndian.AppendUint64(b, v)
		case []byte:
			b = append(b, v...)
		case string:
			b = append(b, v...)
		case netip.Addr:
			b = append(b, v.AsSlice()...)
		default:
			panic("put: type not known")
		}
	}
	return b
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// set writes a set (v9: FlowSet) without padding.
func set(id uint16, parts ...any) []byte {
	body := put(parts...)
	return put(id, uint16(4+len(body)), body)
}

// fieldSpec is a field of a template: id and length; with pen as the IPFIX enterprise form.
func fieldSpec(id, length uint16, pen ...uint32) []byte {
	if len(pen) > 0 {
		return put(id|0x8000, length, pen[0])
	}
	return put(id, length)
}

// definition is a template record of the fields given as pairs of id and length.
func definition(id uint16, pairs ...uint16) []byte {
	b := put(id, uint16(len(pairs)/2))
	for _, p := range pairs {
		b = put(b, p)
	}
	return b
}

// Times of the header unless a test says otherwise.
const (
	headerSeconds = uint32(1_700_000_000)
	headerUptime  = uint32(1_000_000)
	second        = int64(1e9)
)

func v9(sequence uint32, sets ...[]byte) []byte {
	return v9at(sequence, headerUptime, headerSeconds, sets...)
}

func v9at(sequence, uptime, seconds uint32, sets ...[]byte) []byte {
	b := put(uint16(9), uint16(len(sets)), uptime, seconds, sequence, uint32(7))
	for _, s := range sets {
		b = append(b, s...)
	}
	return b
}

func ipfix(sequence uint32, sets ...[]byte) []byte { return ipfixAt(sequence, headerSeconds, sets...) }

func ipfixAt(sequence, seconds uint32, sets ...[]byte) []byte {
	var body []byte
	for _, s := range sets {
		body = append(body, s...)
	}
	return put(uint16(10), uint16(16+len(body)), seconds, sequence, uint32(7), body)
}

// v5 is a datagram that announces as many records as it has.
func v5(sequence uint32, sampling uint16, records ...[]byte) []byte {
	b := put(uint16(5), uint16(len(records)), headerUptime, headerSeconds, uint32(500_000_000), sequence, uint8(1), uint8(2), sampling)
	for _, r := range records {
		b = append(b, r...)
	}
	return b
}
