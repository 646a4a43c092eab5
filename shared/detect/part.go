package detect

import (
	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/flow"
)

// part is one direction of a record: what src sent to dst. Packets and bytes are scaled by the sampling interval.
type part struct {
	src, dst       flow.Addr
	sport, dport   uint16
	protocol       uint8
	flags          uint16
	bytes, packets uint64
	raw            uint64 // packets before scaling
	start, end     int64
	spread         spread
	source         uint32  // hash of src, without a key
	interval       float64 // 1:N
	unknown        bool    // the sampling interval is not known
	answered       bool    // the record itself tells that dst has sent to src, too
	fresh          bool    // may be the first record of a flow
	stream         uint16
	hasIf          bool
	inIf           uint32
	inIfName       flow.Symbol
	groups         flow.Symbol // of dst
	inbound        bool        // from outside to inside
	to, from       *places     // of dst and of src as inside hosts
}

const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

// forward fills in what the source of a record sent.
func (p *part) forward(r *flow.Record) {
	p.common(r)
	p.src, p.dst, p.sport, p.dport = r.Source.IP, r.Destination.IP, r.Source.Port, r.Destination.Port
	p.bytes, p.packets, p.groups = r.Source.Bytes, r.Source.Packets, r.Destination.Groups
	p.raw = p.packets
	switch {
	case p.interval <= 1:
	case r.Destination.Packets == 0:
		p.raw = r.RawPackets
	default:
		p.raw = uint64(float64(p.packets)/p.interval + 0.5)
	}
	p.finish()
	p.inIf, p.inIfName, p.hasIf = r.InIf, r.InIfName, r.Present.Has(flow.HasInIf)
	p.answered = r.Destination.Packets > 0 && !p.refusal()
}

// backward fills in what the destination of a biflow sent.
func (p *part) backward(r *flow.Record) {
	p.common(r)
	p.src, p.dst, p.sport, p.dport = r.Destination.IP, r.Source.IP, r.Destination.Port, r.Source.Port
	p.bytes, p.packets, p.groups = r.Destination.Bytes, r.Destination.Packets, r.Source.Groups
	p.raw = p.packets
	if p.interval > 1 {
		p.raw = uint64(float64(p.packets)/p.interval + 0.5)
	}
	p.finish()
	p.inIf, p.inIfName, p.hasIf = r.OutIf, r.OutIfName, r.Present.Has(flow.HasOutIf)
	p.answered = !p.refusal()
	p.fresh = false // the flow is counted at its forward direction
}

func (p *part) common(r *flow.Record) {
	p.protocol, p.flags = r.IPProtocol, r.TCPFlags
	p.start, p.end = r.Start, r.End
	if p.start == 0 || p.start > p.end {
		p.start = p.end
	}
	p.interval, p.unknown = max(1, r.SamplingInterval), r.SamplingSource == flow.SamplingUnknown
	p.fresh = p.protocol != protoTCP || p.flags == 0 || p.flags&flow.SYN != 0
}

// finish fills in what follows from the rest.
func (p *part) finish() {
	p.source = sketch.Public(p.src.Words())
	p.spread = newSpread(p.start, p.end, p.seed())
}

func (p *part) seed() uint32 { return p.source ^ uint32(p.start/1e6)*0x9e3779b1 ^ uint32(p.dport)<<16 }

// refusal tells whether the flags are those of a host that turns a connection down, or has only taken note of it.
func (p *part) refusal() bool {
	if p.protocol != protoTCP || p.flags == 0 {
		return false
	}
	const begun = flow.SYN | flow.ACK
	return (p.flags&flow.RST != 0 && p.packets <= 3) || p.flags&(begun|flow.PSH|flow.FIN) == begun
}

// established tells whether the flags are those of a connection that carries data.
func (p *part) established() bool {
	return p.protocol == protoTCP && p.flags&(flow.ACK|flow.PSH) == flow.ACK|flow.PSH
}

// web tells whether the part looks like what web servers send to their clients: the only sign of solicited traffic where
// sampling hides the requests.
func (p *part) web() bool {
	if p.sport != 443 && p.sport != 80 {
		return false
	}
	return p.protocol == protoUDP || (p.protocol == protoTCP && p.flags&flow.ACK != 0 && p.flags&flow.SYN == 0)
}
