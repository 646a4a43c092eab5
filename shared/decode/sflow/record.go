package sflow

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Formats of flow records (enterprise 0) that are read: the specification's, and those of "sFlow Tunnel Structures", "sFlow Port NAT
// Structures" and "sFlow Dropped Packet Notification Structures".
const (
	recordRawHeader      = 1
	recordEthernet       = 2
	recordIPv4           = 3
	recordIPv6           = 4
	recordSwitch         = 1001
	recordRouter         = 1002
	recordGateway        = 1003
	recordNAT            = 1007
	recordVLANTunnel     = 1012
	recordNATPort        = 1020
	recordTunnelOut4     = 1023
	recordTunnelIn4      = 1024
	recordTunnelOut6     = 1025
	recordTunnelIn6      = 1026
	recordDecapsulateOut = 1027
	recordDecapsulateIn  = 1028
	recordVNIOut         = 1029
	recordVNIIn          = 1030
	recordQueue          = 1036
	recordACL            = 1037
	recordFunction       = 1038
)

// How good the packet's length is by where it comes from.
const (
	lengthOfIP uint8 = iota + 1
	lengthOfSampledFrame
	lengthOfFrame
)

// record reads one flow record; formats that are not known are passed over.
func (s *sample) record(format uint32, body []byte) {
	cur := wire.NewCursor(body)
	switch format {
	case recordRawHeader:
		s.rawHeader(&cur)
	case recordEthernet:
		s.ethernet(&cur)
	case recordIPv4:
		s.sampledIP(&cur, 4)
	case recordIPv6:
		s.sampledIP(&cur, 16)
	case recordSwitch:
		s.vlans(&cur)
	case recordRouter:
		s.router(&cur)
	case recordGateway:
		s.gateway(&cur)
	case recordNAT:
		s.nat(&cur)
	case recordNATPort:
		s.natPorts(&cur)
	case recordVLANTunnel:
		s.vlanTunnel(&cur)
	default:
		s.recordAside(format, &cur)
	}
	if !cur.OK() {
		s.d.fault(flow.MalformedSample, format, "record cut short", nil)
	}
}

// links are the header protocols of the specification that can be read: 1 Ethernet, 7 PPP, 11 IPv4, 12 IPv6, 13 MPLS, 14 POS.
var links = [...]packet.Link{1: packet.Ethernet, 7: packet.PPP, 11: packet.IP, 12: packet.IP, 13: packet.MPLS, 14: packet.PPP}

// rawHeader reads the first bytes of the packet itself; a link that cannot be read leaves the record with its length only. A second
// header in one sample is not read.
func (s *sample) rawHeader(cur *wire.Cursor) {
	protocol, frame := cur.U32(), cur.U32()
	stripped, n := cur.U32(), cur.U32()
	if !cur.OK() || s.lengthRank == lengthOfFrame {
		return
	}
	s.length(frame, lengthOfFrame)
	data := cur.Rest() // padded to a multiple of 4
	if uint64(n) < uint64(len(data)) {
		data = data[:n]
	}
	link := packet.Unknown
	if protocol < uint32(len(links)) {
		link = links[protocol]
	}
	assigned, has := s.r.VLAN, s.r.Present&flow.HasVLAN
	if link != packet.Unknown && !packet.Parse(link, data, s.d.out, s.r) {
		s.d.fault(flow.MalformedHeader, recordRawHeader, "sampled header cannot be read", nil)
	}
	if has != 0 { // the switch's own word came first
		s.r.VLAN = assigned
	}
	if s.d.session.Headers != nil {
		s.d.session.Headers.Header(flow.PacketHeader{
			At: s.d.facts.Received, Exporter: s.d.facts.Exporter, Source: s.r.Source.IP, Destination: s.r.Destination.IP,
			Link: protocol, Length: max(frame-min(stripped, frame), uint32(len(data))), Data: data,
		})
	}
}

// paddedEthernet is the size of a sampled Ethernet record whose two MACs are padded to 8 bytes each, as XDR (RFC 4506, 4.9) asks;
// most agents and all readers leave the padding out.
const paddedEthernet = 24

// ethernet takes the frame's addresses where there is no sampled header.
func (s *sample) ethernet(cur *wire.Cursor) {
	padding := 0
	if cur.Len() == paddedEthernet {
		padding = 2
	}
	length := cur.U32()
	src := cur.Bytes(6)
	cur.Skip(padding)
	dst := cur.Bytes(6)
	cur.Skip(padding)
	cur.Skip(4) // type
	if !cur.OK() {
		return
	}
	s.length(length, lengthOfSampledFrame)
	if s.r.Source.MAC.IsZero() && s.r.Destination.MAC.IsZero() {
		copy(s.r.Source.MAC[:], src)
		copy(s.r.Destination.MAC[:], dst)
	}
}

// ipRecord is a sampled IPv4 or IPv6 record.
type ipRecord struct {
	length, protocol uint32
	src, dst         flow.Addr
	srcPort, dstPort uint32
	flags, tos       uint32
}

// readIP takes a record with addresses of size bytes.
func readIP(cur *wire.Cursor, size int) (p ipRecord, ok bool) {
	p.length, p.protocol = cur.U32(), cur.U32()
	p.src, p.dst = addrOf(cur.Bytes(size)), addrOf(cur.Bytes(size))
	p.srcPort, p.dstPort, p.flags, p.tos = cur.U32(), cur.U32(), cur.U32(), cur.U32()
	return p, cur.OK()
}

// sampledIP takes addresses and ports where there is no sampled header that has them.
func (s *sample) sampledIP(cur *wire.Cursor, size int) {
	p, ok := readIP(cur, size)
	if !ok {
		return
	}
	s.length(p.length, lengthOfIP)
	r := s.r
	if r.Present.Has(flow.HasSourceIP) {
		return
	}
	r.Source.IP, r.Destination.IP = p.src, p.dst
	r.IPProtocol, r.ToS = uint8(p.protocol), uint8(p.tos)
	r.Present |= flow.HasSourceIP | flow.HasDestinationIP | flow.HasProtocol | flow.HasToS
	switch r.IPProtocol {
	case protocolTCP:
		r.TCPFlags = uint16(p.flags & 0xff)
		r.Present |= flow.HasTCPFlags
		fallthrough
	case protocolUDP, protocolSCTP:
		r.Source.Port, r.Destination.Port = uint16(p.srcPort), uint16(p.dstPort)
		r.Present |= flow.HasSourcePort | flow.HasDestinationPort
	}
}

// IP protocol numbers with ports.
const (
	protocolTCP  = 6
	protocolUDP  = 17
	protocolSCTP = 132
)

func addrOf(b []byte) flow.Addr {
	if len(b) == 4 {
		return flow.AddrFrom4(binary.BigEndian.Uint32(b))
	}
	var a flow.Addr
	copy(a[:], b)
	return a
}

// maxVLAN is the highest id; agents send 0 or all ones for "unknown".
const maxVLAN = 4094

// vlans takes the VLANs that the switch assigned on input and on output.
func (s *sample) vlans(cur *wire.Cursor) {
	in := cur.U32()
	cur.Skip(4) // priority
	out := cur.U32()
	cur.Skip(4)
	if !cur.OK() {
		return
	}
	if in > 0 && in <= maxVLAN {
		s.r.VLAN = uint16(in)
		s.r.Present |= flow.HasVLAN
		s.assigned = true
	}
	if out > 0 && out <= maxVLAN {
		s.element(elementPostVLAN, flow.ElementUint, []byte{byte(out >> 8), byte(out)})
	}
}
