package sflow

import (
	"bytes"
	"encoding/binary"
	"slices"

	goflow "github.com/netsampler/goflow2/v2/decoders/sflow"

	"github.com/weirflow/weir/shared/decode/packet"
	"github.com/weirflow/weir/shared/flow"
)

// Formats of flow records (enterprise 0) that are read here, because goflow2 knows them less well: it refuses an unknown next
// hop, reads only the first segment of an AS path, and does not know NAT.
const (
	recordRouter  = 1002
	recordGateway = 1003
	recordNAT     = 1007
)

// How good the packet's length is by where it comes from.
const (
	lengthOfIP uint8 = iota + 1
	lengthOfSampledFrame
	lengthOfFrame
)

// record reads one flow record. Only the formats that are used reach goflow2, with the bytes of this record alone.
func (s *sample) record(format uint32, body []byte) {
	switch format {
	case goflow.FLOW_TYPE_RAW, goflow.FLOW_TYPE_ETH, goflow.FLOW_TYPE_IPV4, goflow.FLOW_TYPE_IPV6, goflow.FLOW_TYPE_EXT_SWITCH:
		s.decoded(format, body)
	case recordRouter:
		s.router(body)
	case recordGateway:
		s.gateway(body)
	case recordNAT:
		s.nat(body)
	}
}

func (s *sample) decoded(format uint32, body []byte) {
	if format == goflow.FLOW_TYPE_ETH && len(body) == paddedEthernet {
		body = unpad(body)
	}
	head := goflow.RecordHeader{DataFormat: format, Length: uint32(len(body))}
	record, err := goflow.DecodeFlowRecord(&head, bytes.NewBuffer(body))
	if err != nil {
		s.d.fault(flow.MalformedSample, format, "record cut short", err)
		return
	}
	switch data := record.Data.(type) {
	case goflow.SampledHeader:
		s.header(&data)
	case goflow.SampledEthernet:
		s.ethernet(&data)
	case goflow.SampledIPv4:
		s.ip(&data.SampledIPBase, data.Tos)
	case goflow.SampledIPv6:
		s.ip(&data.SampledIPBase, data.Priority)
	case goflow.ExtendedSwitch:
		s.vlans(data.SrcVlan, data.DstVlan)
	}
}

// paddedEthernet is the size of a sampled Ethernet record whose two MACs are padded to 8 bytes each, as XDR (RFC 4506, 4.9) asks;
// most agents and all readers leave the padding out.
const paddedEthernet = 24

// unpad returns the form without padding: length, MACs, type.
func unpad(b []byte) []byte {
	return slices.Concat(b[:10], b[12:18], b[20:])
}

// links are the header protocols of the specification that can be read: 1 Ethernet, 7 PPP, 11 IPv4, 12 IPv6, 13 MPLS, 14 POS.
var links = [...]packet.Link{1: packet.Ethernet, 7: packet.PPP, 11: packet.IP, 12: packet.IP, 13: packet.MPLS, 14: packet.PPP}

// header reads the first bytes of the packet itself; a link that cannot be read leaves the record with its length only. A second
// header in one sample is not read.
func (s *sample) header(h *goflow.SampledHeader) {
	if s.lengthRank == lengthOfFrame {
		return
	}
	s.length(h.FrameLength, lengthOfFrame)
	data := h.HeaderData // padded to a multiple of 4
	if uint64(h.OriginalLength) < uint64(len(data)) {
		data = data[:h.OriginalLength]
	}
	link := packet.Unknown
	if h.Protocol < uint32(len(links)) {
		link = links[h.Protocol]
	}
	assigned, has := s.r.VLAN, s.r.Present&flow.HasVLAN
	if link != packet.Unknown && !packet.Parse(link, data, s.d.out, s.r) {
		s.d.fault(flow.MalformedHeader, goflow.FLOW_TYPE_RAW, "sampled header cannot be read", nil)
	}
	if has != 0 { // the switch's own word came first
		s.r.VLAN = assigned
	}
}

// ethernet takes the frame's addresses where there is no sampled header.
func (s *sample) ethernet(e *goflow.SampledEthernet) {
	s.length(e.Length, lengthOfSampledFrame)
	if !s.r.Source.MAC.IsZero() || !s.r.Destination.MAC.IsZero() {
		return
	}
	copy(s.r.Source.MAC[:], e.SrcMac)
	copy(s.r.Destination.MAC[:], e.DstMac)
}

// ip takes addresses and ports where there is no sampled header that has them.
func (s *sample) ip(p *goflow.SampledIPBase, tos uint32) {
	s.length(p.Length, lengthOfIP)
	r := s.r
	if r.Present.Has(flow.HasSourceIP) {
		return
	}
	r.Source.IP, r.Destination.IP = addrOf(p.SrcIP), addrOf(p.DstIP)
	r.IPProtocol, r.ToS = uint8(p.Protocol), uint8(tos)
	r.Present |= flow.HasSourceIP | flow.HasDestinationIP | flow.HasProtocol | flow.HasToS
	switch r.IPProtocol {
	case protocolTCP:
		r.TCPFlags = uint16(p.TcpFlags & 0xff)
		r.Present |= flow.HasTCPFlags
		fallthrough
	case protocolUDP, protocolSCTP:
		r.Source.Port, r.Destination.Port = uint16(p.SrcPort), uint16(p.DstPort)
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
func (s *sample) vlans(in, out uint32) {
	if in > 0 && in <= maxVLAN {
		s.r.VLAN = uint16(in)
		s.r.Present |= flow.HasVLAN
	}
	if out > 0 && out <= maxVLAN {
		s.element(elementPostVLAN, flow.ElementUint, []byte{byte(out >> 8), byte(out)})
	}
}
