package flowinput

import (
	"sync"

	"github.com/weirflow/weir/shared/flow"
)

// Forms of single flows.
const (
	formatWeir    = "weir"
	formatNetflow = "netflow"
)

// Names of the measurements of single flows.
const (
	nameFlow    = "weir_flow"
	nameNetflow = "netflow"
)

// flowTeller tells of single flows. Those that sums leave out are left out here, too.
type flowTeller struct {
	symbols *flow.Symbols
	give    func(*point)
	fill    func(*flowTeller, *point, *flow.Batch, *flow.Record)

	mu     sync.Mutex
	number int64 // of the flow
	point  point
	texts  texts
}

func newFlowTeller(format string, symbols *flow.Symbols, give func(*point)) *flowTeller {
	t := &flowTeller{symbols: symbols, give: give, fill: (*flowTeller).weir}
	if format == formatNetflow {
		t.fill = (*flowTeller).netflow
	}
	return t
}

// write tells of the flows of a batch.
func (t *flowTeller) write(b *flow.Batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range b.Records {
		r := &b.Records[i]
		if r.Invalid != flow.ReasonNone || r.Present.Has(flow.HasDuplicateOf) {
			continue
		}
		t.fill(t, &t.point, b, r)
		t.give(&t.point)
	}
}

// stamp returns the time of a flow's point: its end, in milliseconds, and behind that the flow's number. Stores keep one point of a
// series and time, and flows that end in the same millisecond are many.
func (t *flowTeller) stamp(r *flow.Record) int64 {
	n := t.number % millisecond
	t.number++
	return r.End - r.End%millisecond + n
}

// weir fills in Weir's own form.
func (t *flowTeller) weir(p *point, _ *flow.Batch, r *flow.Record) {
	p.begin(nameFlow, t.stamp(r))
	p.tag("direction", r.Direction.String())
	p.tag("export_protocol", r.Protocol.String())
	p.tag("exporter", t.texts.of(r.Exporter))
	if r.Present.Has(flow.HasProtocol) {
		p.tag("protocol", flow.TransportName(r.IPProtocol))
	}
	t.ends(p, r)
	t.counters(p, r)
	t.path(p, r)
	t.names(p, r)
}

func (t *flowTeller) ends(p *point, r *flow.Record) {
	for _, e := range [2]struct {
		ip, port, as, country, group, nat, natPort string
		hasIP, hasPort, hasNATPort                 flow.Presence
		end                                        *flow.Endpoint
	}{
		{"src", "src_port", "src_as", "src_country", "src_group", "src_nat", "src_nat_port", flow.HasSourceIP, flow.HasSourcePort, flow.HasSourceNATPort, &r.Source},
		{"dst", "dst_port", "dst_as", "dst_country", "dst_group", "dst_nat", "dst_nat_port", flow.HasDestinationIP, flow.HasDestinationPort, flow.HasDestinationNATPort, &r.Destination},
	} {
		if r.Present.Has(e.hasIP) {
			p.addr(e.ip, e.end.IP)
		}
		if r.Present.Has(e.hasPort) {
			p.count(e.port, uint64(e.end.Port))
		}
		if e.end.ASN != 0 {
			p.count(e.as, uint64(e.end.ASN))
		}
		if e.end.Country != [2]byte{} {
			p.text(e.country, countryText(e.end.Country))
		}
		p.text(e.group, t.symbols.Text(e.end.Groups))
		if !e.end.NAT.IsZero() {
			p.addr(e.nat, e.end.NAT)
		}
		if r.Present.Has(e.hasNATPort) {
			p.count(e.natPort, uint64(e.end.NATPort))
		}
	}
}

func (t *flowTeller) counters(p *point, r *flow.Record) {
	p.integer("start", r.Start)
	p.integer("end", r.End)
	p.count("bytes", r.Bytes)
	p.count("packets", r.Packets)
	p.count("raw_bytes", r.RawBytes)
	p.count("raw_packets", r.RawPackets)
	if r.Present.Has(flow.HasReverseBytes) {
		p.count("reverse_bytes", r.Destination.Bytes)
	}
	if r.Present.Has(flow.HasReversePackets) {
		p.count("reverse_packets", r.Destination.Packets)
	}
	p.float("sampling_interval", r.SamplingInterval)
	if r.Present.Has(flow.HasTCPFlags) {
		p.count("tcp_flags", uint64(r.TCPFlags))
	}
	if r.Present.Has(flow.HasICMP) {
		p.count("icmp_type", uint64(r.ICMPType))
		p.count("icmp_code", uint64(r.ICMPCode))
	}
	if r.Present.Has(flow.HasToS) {
		p.count("tos", uint64(r.ToS))
	}
}

func (t *flowTeller) path(p *point, r *flow.Record) {
	p.count("domain", uint64(r.Domain))
	if r.Present.Has(flow.HasInIf) {
		p.count("in_if", uint64(r.InIf))
	}
	if r.Present.Has(flow.HasOutIf) {
		p.count("out_if", uint64(r.OutIf))
	}
	p.text("in_interface", t.symbols.Text(r.InIfName))
	p.text("out_interface", t.symbols.Text(r.OutIfName))
	if r.Present.Has(flow.HasVLAN) {
		p.count("vlan", uint64(r.VLAN))
	}
	if !r.NextHop.IsUnspecified() {
		p.addr("next_hop", r.NextHop)
	}
	if r.Present.Has(flow.HasFirewallEvent) {
		p.count("firewall_event", uint64(r.FirewallEvent))
	}
	if r.Present.Has(flow.HasForwardingStatus) {
		p.count("forwarding_status", uint64(r.ForwardingStatus))
	}
}

func (t *flowTeller) names(p *point, r *flow.Record) {
	p.text("service", t.symbols.Text(r.Service))
	p.text("application", t.symbols.Text(r.Application))
}
