package listen

import (
	"net/netip"

	"github.com/weirflow/weir/shared/wire"
)

// Protocol and extension header numbers (IANA "Assigned Internet Protocol Numbers").
const (
	protocolHopByHop    = 0
	protocolUDP         = 17
	protocolRouting     = 43
	protocolFragment    = 44
	protocolAH          = 51
	protocolDestOptions = 60
)

// ipPacket is what matters of an IPv4 or IPv6 packet.
type ipPacket struct {
	source, destination netip.Addr // IPv4 unmapped
	protocol            uint8
	payload             []byte // what the header announces, as far as captured
	short               bool   // captured less than announced

	fragment bool // payload is a piece of a datagram's
	more     bool // others follow it
	id       uint32
	offset   int // of the piece in the datagram, bytes
}

// udpDatagram is what matters of a UDP header (RFC 768).
type udpDatagram struct {
	source, destination uint16
	payload             []byte
}

// parseIP reads the IP packet at the start of b. Protocols other than UDP are told from it as early as can be.
func parseIP(b []byte) (ipPacket, verdict) {
	if len(b) == 0 {
		return ipPacket{}, truncated
	}
	switch b[0] >> 4 {
	case 4:
		return parseIPv4(wire.NewCursor(b))
	case 6:
		return parseIPv6(wire.NewCursor(b))
	}
	return ipPacket{}, malformed
}

// parseIPv4 reads an IPv4 header (RFC 791, 3.1). Checksums are not looked at: many are filled in after the capture.
func parseIPv4(c wire.Cursor) (p ipPacket, v verdict) {
	header := int(c.U8()&0x0f) * 4
	c.Skip(1)
	total := int(c.U16())
	p.id = uint32(c.U16())
	flags := c.U16()
	c.Skip(1)
	p.protocol = c.U8()
	c.Skip(2)
	p.source = addr(c.Bytes(4))
	p.destination = addr(c.Bytes(4))
	options := header - 20
	switch {
	case !c.OK():
		return p, truncated
	case options < 0:
		return p, malformed
	case p.protocol != protocolUDP:
		return p, notUDP
	}
	if c.Skip(options); !c.OK() {
		return p, truncated
	}
	if total == 0 { // captured before the network card filled it in
		total = header + c.Len()
	}
	if total < header {
		return p, malformed
	}
	p.cut(c, total-header)
	p.more = flags&0x2000 != 0
	p.offset = int(flags&0x1fff) * 8
	p.fragment = p.more || p.offset > 0
	return p, wanted
}

// parseIPv6 reads an IPv6 header (RFC 8200, 3) and its extension headers.
func parseIPv6(c wire.Cursor) (p ipPacket, v verdict) {
	c.Skip(4)
	length := int(c.U16())
	p.protocol = c.U8()
	c.Skip(1)
	p.source = addr(c.Bytes(16))
	p.destination = addr(c.Bytes(16))
	if !c.OK() {
		return p, truncated
	}
	if length == 0 { // a jumbogram, or captured before the network card filled it in
		length = c.Len()
	}
	p.cut(c, length)
	return walkExtensions(p)
}

// cut keeps the n bytes that the header announces, without the padding of the link layer.
func (p *ipPacket) cut(c wire.Cursor, n int) {
	p.short = n > c.Len()
	p.payload = c.Bytes(min(n, c.Len()))
}

// walkExtensions passes over IPv6 extension headers up to UDP or a fragment header (RFC 8200, 4; RFC 4302, 2.2). Each takes
// bytes, so the loop ends.
func walkExtensions(p ipPacket) (ipPacket, verdict) {
	c := wire.NewCursor(p.payload)
	for p.protocol != protocolUDP {
		header := p.protocol
		p.protocol = c.U8()
		length := int(c.U8())
		switch header {
		case protocolHopByHop, protocolRouting, protocolDestOptions:
			c.Skip(length*8 + 6)
		case protocolAH:
			c.Skip(length*4 + 6)
		case protocolFragment:
			p.readFragment(&c)
		default:
			return p, notUDP
		}
		if !c.OK() && p.short {
			return p, truncated
		}
		if !c.OK() {
			return p, malformed
		}
		if p.fragment {
			break
		}
	}
	if p.fragment && !leadsToUDP(p.protocol) {
		return p, notUDP
	}
	p.payload = c.Rest()
	return p, wanted
}

func leadsToUDP(protocol uint8) bool {
	switch protocol {
	case protocolUDP, protocolHopByHop, protocolRouting, protocolDestOptions, protocolAH, protocolFragment:
		return true
	}
	return false
}

// readFragment reads what follows the first two bytes of a fragment header (RFC 8200, 4.5). One that is all there is of its
// datagram (RFC 6946) is no fragment.
func (p *ipPacket) readFragment(c *wire.Cursor) {
	bits := c.U16()
	p.id = c.U32()
	p.more = bits&1 != 0
	p.offset = int(bits &^ 7)
	p.fragment = p.more || p.offset > 0
}

// parseUDP reads the UDP header; its length rules, since IP packets may be padded.
func parseUDP(p ipPacket) (u udpDatagram, v verdict) {
	c := wire.NewCursor(p.payload)
	u.source = c.U16()
	u.destination = c.U16()
	length := int(c.U16())
	c.Skip(2) // checksum
	if c.OK() && length < 8 {
		return u, malformed
	}
	u.payload = c.Bytes(length - 8)
	switch {
	case c.OK():
		return u, wanted
	case p.short:
		return u, truncated
	}
	return u, malformed
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}
