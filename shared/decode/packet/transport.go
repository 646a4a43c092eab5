package packet

import "github.com/weirflow/weir/shared/flow"

// IP protocol numbers (IANA) whose headers are read.
const (
	protocolICMP    = 1
	protocolIPIP    = 4
	protocolTCP     = 6
	protocolUDP     = 17
	protocolDCCP    = 33
	protocolIPv6    = 41
	protocolGRE     = 47
	protocolICMPv6  = 58
	protocolSCTP    = 132
	protocolUDPLite = 136
)

// transport reads ports, flags and ICMP type; all may be cut off, which is no fault of the packet.
func (p *parser) transport(protocol uint8) {
	r := p.r
	switch protocol {
	case protocolTCP:
		p.ports()
		p.cur.Skip(9) // sequence and acknowledgment number, data offset
		r.TCPFlags = uint16(p.cur.U8())
		p.mark(flow.HasTCPFlags)
	case protocolUDP:
		p.ports()
		p.cur.Skip(4) // length, checksum
		p.tunnel = udpTunnel(r.Destination.Port)
	case protocolDCCP, protocolSCTP, protocolUDPLite:
		p.ports()
	case protocolIPIP, protocolIPv6:
		p.tunnel = tunnelIP
	case protocolGRE:
		p.tunnel = tunnelGRE
	case protocolICMP, protocolICMPv6:
		r.ICMPType = p.cur.U8()
		r.ICMPCode = p.cur.U8()
		p.mark(flow.HasICMP)
		if !p.cur.OK() {
			r.ICMPType = 0 // a type without its code is absent, not 0
		}
	}
}

func (p *parser) ports() {
	p.r.Source.Port = p.cur.U16()
	p.mark(flow.HasSourcePort)
	p.r.Destination.Port = p.cur.U16()
	p.mark(flow.HasDestinationPort)
}
