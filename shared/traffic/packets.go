package traffic

import (
	"encoding/binary"
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// vlanOf are the VLANs of the interfaces: every link is a trunk, so that a frame is as long where it comes in as where it goes out.
var vlanOf = [...]uint16{ifUplink: 10, ifInside: 20, ifPublic: 30, ifServers: 40}

// packetLength is the length of the IP packet i of a run: at least what its headers need. The sizes of a run's packets differ by a byte
// at most.
func (r *run) packetLength(i uint64) int {
	return max(int(r.bytesUpTo(i+1)-r.bytesUpTo(i)), encode.MinLength(!r.src.Is4(), r.proto))
}

// frames is how many bytes the frames of packets from to to, the latter not included, have together. Since sizes differ by a byte at
// most, either all of them are lifted to the least length or none is.
func (r *run) frames(from, to uint64) uint64 {
	least := encode.FrameLength(encode.MinLength(!r.src.Is4(), r.proto), true)
	overhead := encode.FrameLength(1500, true) - 1500
	if int(r.bytes/r.packets)+overhead < least {
		return (to - from) * uint64(least)
	}
	return r.bytesUpTo(to) - r.bytesUpTo(from) + (to-from)*uint64(overhead)
}

// packet is packet i of the run as a device finds it on the wire.
func (g *generator) packet(r *run, i uint64) encode.Packet {
	p := encode.Packet{
		Src: r.src, Dst: r.dst, SrcPort: r.sport, DstPort: r.dport, Protocol: r.proto, TCPFlags: r.flags(i, i), TOS: r.tos,
		ICMPType: r.icmpType, ICMPCode: r.icmpCode, In: uint32(r.path.in), Out: uint32(r.path.out),
		VLAN: vlanOf[r.path.in], OutVLAN: vlanOf[r.path.out],
		TTL: ttlOf(r.src, r.path.in), ID: uint16(mix(r.salt + i)), Sequence: uint32(mix(r.salt)) + uint32(r.bytesUpTo(i)), Length: r.packetLength(i),
		SrcMAC: macOf(r.src, r.path.in), DstMAC: [6]byte{0x02, 0, 0x5e, 1, r.path.device, r.path.in},
	}
	p.SrcAS, p.SrcMask = g.origin(r.src, r.path.in)
	p.DstAS, p.DstMask = g.origin(r.dst, r.path.out)
	if r.path.out == ifUplink {
		p.NextHop = netip.AddrFrom4([4]byte{198, 51, 100, 254})
	}
	return p
}

// macOf is who sent a frame: the router of the provider, or the host itself.
func macOf(src netip.Addr, in uint8) [6]byte {
	if in == ifUplink {
		return [6]byte{0x02, 0, 0x5e, 2, 0, 1}
	}
	mac := [6]byte{0x02, 0x01}
	b := src.AsSlice()
	copy(mac[2:], b[len(b)-4:])
	return mac
}

// ttlOf is the time to live of packets of a host: hosts inside are one hop away, others as many as their address says.
func ttlOf(src netip.Addr, in uint8) uint8 {
	if in != ifUplink {
		return 64
	}
	b := src.AsSlice()
	h := mix(uint64(binary.BigEndian.Uint32(b[len(b)-4:])))
	if h&3 == 0 {
		return 128 - uint8(h>>8%20)
	}
	return 64 - uint8(h>>8%20)
}
