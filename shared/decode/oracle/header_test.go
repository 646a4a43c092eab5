package oracle

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/netsampler/goflow2/v2/decoders/sflow"
)

func hexBytes(b []byte) string { return hex.EncodeToString(b) }

func hexWord(v uint32) string { return hexBytes(binary.BigEndian.AppendUint32(nil, v)) }

// headerRow adds what gopacket reads in a sampled header, up to the transport header of the outer IP packet.
func headerRow(r row, h sflow.SampledHeader) {
	first, ok := map[uint32]gopacket.LayerType{1: layers.LayerTypeEthernet, 11: layers.LayerTypeIPv4, 12: layers.LayerTypeIPv6}[h.Protocol]
	if !ok {
		return
	}
	data := h.HeaderData[:min(len(h.HeaderData), int(h.OriginalLength))]
	vlans, labels, network := 0, uint16(0), false
	for _, l := range gopacket.NewPacket(data, first, gopacket.DecodeOptions{NoCopy: true}).Layers() {
		if len(l.LayerContents()) == 0 {
			return // cut, and filled in by halves
		}
		switch l := l.(type) {
		case *layers.Ethernet:
			r[kSrcMAC], r[kDstMAC] = mac(l.SrcMAC), mac(l.DstMAC)
			if t := l.EthernetType; t == layers.EthernetTypeARP || t == layers.EthernetTypeLinkLayerDiscovery {
				r[elementName(0, 256)] = hexWord(uint32(t))[4:]
			}
		case *layers.Dot1Q:
			vlanRow(r, &vlans, l.VLANIdentifier)
			if l.Type == layers.EthernetTypeARP {
				r[elementName(0, 256)] = hexWord(uint32(l.Type))[4:]
			}
		case *layers.MPLS:
			r[elementName(0, 70+labels)] = hexBytes(l.Contents[:3])
			labels++
		case *layers.IPv4:
			if network {
				return // a tunnel's inner packet
			}
			network = true
			if ipv4Row(r, l); l.FragOffset != 0 {
				return
			}
		case *layers.IPv6:
			if network {
				return
			}
			network = true
			r[kSrc], r[kDst] = address(l.SrcIP), address(l.DstIP)
			r[kProtocol], r[kToS], r[kTTL] = number(uint8(l.NextHeader)), number(l.TrafficClass), number(l.HopLimit)
		default:
			if !transportRow(r, l) {
				return
			}
		}
	}
}

func vlanRow(r row, seen *int, id uint16) {
	if id == 0 {
		return
	}
	switch *seen {
	case 0:
		r[kVLAN] = number(id)
	case 1:
		r[elementName(0, 245)] = hexWord(uint32(id))[4:]
	}
	*seen++
}

func ipv4Row(r row, l *layers.IPv4) {
	r[kSrc], r[kDst] = address(l.SrcIP), address(l.DstIP)
	r[kProtocol], r[kToS], r[kTTL] = number(uint8(l.Protocol)), number(l.TOS), number(l.TTL)
	if l.FragOffset != 0 {
		r[elementName(0, 88)] = hexWord(uint32(l.FragOffset))[4:]
	}
}

// transportRow reads extension and transport headers; false ends the walk.
func transportRow(r row, l gopacket.Layer) bool {
	switch l := l.(type) {
	case *layers.IPv6HopByHop:
		r[kProtocol] = number(uint8(l.NextHeader))
	case *layers.IPv6Routing:
		r[kProtocol] = number(uint8(l.NextHeader))
	case *layers.IPv6Destination:
		r[kProtocol] = number(uint8(l.NextHeader))
	case *layers.IPv6Fragment:
		r[kProtocol] = number(uint8(l.NextHeader))
		if l.FragmentOffset != 0 {
			r[elementName(0, 88)] = hexWord(uint32(l.FragmentOffset))[4:]
			return false
		}
	case *layers.TCP:
		r[kSrcPort], r[kDstPort] = number(uint16(l.SrcPort)), number(uint16(l.DstPort))
		r[kFlags] = number(l.Contents[13])
	case *layers.UDP:
		r[kSrcPort], r[kDstPort] = number(uint16(l.SrcPort)), number(uint16(l.DstPort))
	case *layers.ICMPv4:
		r[kICMPType], r[kICMPCode] = number(l.TypeCode.Type()), number(l.TypeCode.Code())
	case *layers.ICMPv6:
		r[kICMPType], r[kICMPCode] = number(l.TypeCode.Type()), number(l.TypeCode.Code())
	default:
		return false
	}
	return true
}
