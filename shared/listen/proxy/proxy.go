// Package proxy reads and writes headers of the PROXY protocol, version 2 (haproxy's proxy-protocol.txt, section 2.2): what a
// load balancer or replicator puts in front of a datagram, or at the start of a connection, to say from where it came.
package proxy

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// HeadSize is the size of the part of a header that says how long the whole is, in bytes.
const HeadSize = 16

// MaxSize is the size of the longest header that is read, in bytes: far more than addresses and the usual extras take.
const MaxSize = 2048

// signature begins every header. No export protocol begins so.
const signature = "\r\n\r\n\x00\r\nQUIT\n"

// Errors of [Parse] and [Size].
var (
	ErrNone    = errors.New("no PROXY protocol header (version 2)")
	ErrVersion = errors.New("PROXY protocol header of another version or command")
	ErrShort   = errors.New("PROXY protocol header is cut short")
	ErrLong    = errors.New("PROXY protocol header is longer than any known")
	ErrFamily  = errors.New("PROXY protocol header without IP addresses")
)

// Header is what a header says.
type Header struct {
	Source, Destination netip.AddrPort // not valid where Local; IPv4 unmapped
	Local               bool           // the proxy speaks for itself: sender and receiver are the packet's own
	Size                int            // bytes up to the payload
}

// Has tells whether b begins with a header.
func Has(b []byte) bool {
	return len(b) >= len(signature) && b[0] == '\r' && string(b[:len(signature)]) == signature
}

// Size returns the size of the header that b begins with; the first [HeadSize] bytes suffice.
func Size(b []byte) (int, error) {
	switch {
	case !Has(b):
		return 0, ErrNone
	case len(b) < HeadSize:
		return 0, ErrShort
	}
	n := HeadSize + int(binary.BigEndian.Uint16(b[14:]))
	if n > MaxSize {
		return 0, ErrLong
	}
	return n, nil
}

// Second halves of the byte 12 and first halves of the byte 13.
const (
	version      = 0x20
	commandLocal = 0
	commandProxy = 1
	familyNone   = 0
	familyIPv4   = 1
	familyIPv6   = 2
)

// Parse reads the header that b begins with. Whether it says datagram or stream does not matter, for senders disagree; what
// follows the addresses is passed over.
func Parse(b []byte) (Header, error) {
	n, err := Size(b)
	switch {
	case err != nil:
		return Header{}, err
	case len(b) < n:
		return Header{}, ErrShort
	case b[12]&0xf0 != version || b[12]&0x0f > commandProxy:
		return Header{}, ErrVersion
	}
	h := Header{Size: n}
	family := b[13] >> 4
	if b[12]&0x0f == commandLocal || family == familyNone {
		h.Local = true
		return h, nil
	}
	return h, h.addresses(family, b[HeadSize:n])
}

func (h *Header) addresses(family byte, b []byte) error {
	size := 4
	switch family {
	case familyIPv4:
	case familyIPv6:
		size = 16
	default:
		return ErrFamily
	}
	if len(b) < 2*size+4 {
		return ErrShort
	}
	from, _ := netip.AddrFromSlice(b[:size])
	to, _ := netip.AddrFromSlice(b[size : 2*size])
	h.Source = netip.AddrPortFrom(from.Unmap(), binary.BigEndian.Uint16(b[2*size:]))
	h.Destination = netip.AddrPortFrom(to.Unmap(), binary.BigEndian.Uint16(b[2*size+2:]))
	return nil
}

// Append appends the header of a datagram from source to destination. Where one of them is IPv6, both are written so.
func Append(dst []byte, source, destination netip.AddrPort) []byte {
	const datagram = 2
	dst = append(dst, signature...)
	if source.Addr().Is4() && destination.Addr().Is4() {
		dst = append(dst, version|commandProxy, familyIPv4<<4|datagram, 0, 12)
		from, to := source.Addr().As4(), destination.Addr().As4()
		dst = append(append(dst, from[:]...), to[:]...)
	} else {
		dst = append(dst, version|commandProxy, familyIPv6<<4|datagram, 0, 36)
		from, to := source.Addr().As16(), destination.Addr().As16()
		dst = append(append(dst, from[:]...), to[:]...)
	}
	dst = binary.BigEndian.AppendUint16(dst, source.Port())
	return binary.BigEndian.AppendUint16(dst, destination.Port())
}
