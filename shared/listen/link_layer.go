package listen

import (
	"math/bits"

	"github.com/gopacket/gopacket/layers"

	"github.com/weirflow/weir/shared/wire"
)

// EtherTypes (IEEE 802) that lead to an IP packet.
const (
	etherTypeIPv4       = 0x0800
	etherTypeIPv6       = 0x86dd
	etherTypeVLAN       = 0x8100 // IEEE 802.1Q
	etherTypeQinQ       = 0x88a8 // IEEE 802.1ad
	etherTypeQinQBefore = 0x9100 // what switches used before 802.1ad
)

// Raw IP had other numbers on some BSDs than the one gopacket knows.
const (
	linkTypeRawBSD     layers.LinkType = 12
	linkTypeRawOpenBSD layers.LinkType = 14
)

// findIP passes over the link layer (numbers and headers: https://www.tcpdump.org/linktypes.html) and returns the IP packet
// behind it, with whatever padding follows.
func findIP(link layers.LinkType, frame []byte) ([]byte, verdict) {
	c := wire.NewCursor(frame)
	switch link {
	case layers.LinkTypeEthernet:
		c.Skip(12) // addresses
		return behindEtherType(&c)
	case layers.LinkTypeLinuxSLL:
		c.Skip(14) // kind, device type and address
		return behindEtherType(&c)
	case layers.LinkTypeLinuxSLL2:
		protocol := c.Sub(2)
		c.Skip(18)
		return behind(&c, protocol.U16())
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		family := c.U32()
		if family > 0xffff { // in the byte order of the machine that captured
			family = bits.ReverseBytes32(family)
		}
		return behindFamily(&c, family)
	case layers.LinkTypeRaw, linkTypeRawBSD, linkTypeRawOpenBSD, layers.LinkTypeIPv4, layers.LinkTypeIPv6:
		return c.Rest(), wanted
	}
	return nil, linkType
}

func behindEtherType(c *wire.Cursor) ([]byte, verdict) {
	etherType := c.U16()
	return behind(c, etherType)
}

// behind passes over VLAN tags, of which each takes four bytes: the loop ends with the frame.
func behind(c *wire.Cursor, etherType uint16) ([]byte, verdict) {
	for etherType == etherTypeVLAN || etherType == etherTypeQinQ || etherType == etherTypeQinQBefore {
		c.Skip(2) // priority and VLAN
		etherType = c.U16()
	}
	switch {
	case !c.OK():
		return nil, truncated
	case etherType == etherTypeIPv4 || etherType == etherTypeIPv6:
		return c.Rest(), wanted
	}
	return nil, notUDP
}

// behindFamily judges the address family of a BSD loopback header: AF_INET is 2 everywhere, AF_INET6 has four values.
func behindFamily(c *wire.Cursor, family uint32) ([]byte, verdict) {
	if !c.OK() {
		return nil, truncated
	}
	switch family {
	case 2, 10, 24, 28, 30: // 10 Linux, 24 NetBSD and OpenBSD, 28 FreeBSD, 30 Darwin
		return c.Rest(), wanted
	}
	return nil, notUDP
}
