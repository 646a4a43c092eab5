package flow

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address of 16 bytes in network order; IPv4 addresses are stored IPv4-mapped (RFC 4291, 2.5.5.2).
// The zero value is the IPv6 address "::"; where an address may be absent, [Presence] or the field's documentation says how.
type Addr [16]byte

// mappedPrefix is the value of the bytes 8 to 11 of an IPv4-mapped address.
const mappedPrefix = 0x0000ffff

// AddrFrom4 returns the mapped form of an IPv4 address given as a big-endian number.
func AddrFrom4(v uint32) (a Addr) {
	binary.BigEndian.PutUint32(a[8:], mappedPrefix)
	binary.BigEndian.PutUint32(a[12:], v)
	return a
}

// AddrFromNetip converts a [netip.Addr]; zones are dropped and the invalid address becomes the zero Addr.
func AddrFromNetip(ip netip.Addr) Addr {
	if !ip.IsValid() {
		return Addr{}
	}
	return Addr(ip.As16())
}

// AddrFromWords returns the address whose first and last eight bytes are the big-endian numbers hi and lo: the inverse of [Addr.Words].
func AddrFromWords(hi, lo uint64) (a Addr) {
	binary.BigEndian.PutUint64(a[:8], hi)
	binary.BigEndian.PutUint64(a[8:], lo)
	return a
}

// Words returns the address as two big-endian numbers that order as the address does; for IPv4, hi is 0.
func (a Addr) Words() (hi, lo uint64) {
	return binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(a[8:])
}

// Is4 tells whether a is an IPv4-mapped address.
func (a Addr) Is4() bool {
	return binary.BigEndian.Uint64(a[:8]) == 0 && binary.BigEndian.Uint32(a[8:]) == mappedPrefix
}

// V4 returns the last four bytes as a number: the IPv4 address where [Addr.Is4] holds.
func (a Addr) V4() uint32 { return binary.BigEndian.Uint32(a[12:]) }

// IsZero tells whether every byte is 0.
func (a Addr) IsZero() bool { return a == Addr{} }

// IsUnspecified tells whether a is "::" or 0.0.0.0, which exporters send for "none", for example as next hop.
func (a Addr) IsUnspecified() bool { return a.IsZero() || (a.Is4() && a.V4() == 0) }

// Netip converts to [netip.Addr], IPv4 unmapped.
func (a Addr) Netip() netip.Addr { return netip.AddrFrom16(a).Unmap() }

// String returns the usual text form, IPv4 as a dotted quad.
func (a Addr) String() string { return a.Netip().String() }

// MAC is a 48-bit hardware address; the zero value means absent.
type MAC [6]byte

// IsZero tells whether the address is absent.
func (m MAC) IsZero() bool { return m == MAC{} }

// String returns the form that ECS asks for: upper case with hyphens.
func (m MAC) String() string { return string(m.AppendTo(nil)) }

// AppendTo appends the text form to dst.
func (m MAC) AppendTo(dst []byte) []byte {
	const hex = "0123456789ABCDEF"
	for i, b := range m {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = append(dst, hex[b>>4], hex[b&15])
	}
	return dst
}

// Number returns the address as a number, first byte highest.
func (m MAC) Number() uint64 {
	return uint64(m[0])<<40 | uint64(m[1])<<32 | uint64(m[2])<<24 | uint64(m[3])<<16 | uint64(m[4])<<8 | uint64(m[5])
}

// MACFromNumber is the inverse of [MAC.Number].
func MACFromNumber(v uint64) MAC {
	return MAC{byte(v >> 40), byte(v >> 32), byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

// ParseMAC reads six bytes of hex with any of the separators '-', ':' or none.
func ParseMAC(s string) (MAC, bool) {
	var v uint64
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '-' || s[i] == ':' {
			continue
		}
		d, ok := hexDigit(s[i])
		if !ok || n == 12 {
			return MAC{}, false
		}
		v = v<<4 | uint64(d)
		n++
	}
	return MACFromNumber(v), n == 12
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
