package flowinput

import (
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// versions are what Telegraf's own input calls the protocols.
var versions = [...]string{
	flow.NetFlow5: "NetFlowV5", flow.NetFlow9: "NetFlowV9", flow.IPFIX: "IPFIX", flow.SFlow5: "sFlowV5", flow.NetFlow1: "NetFlowV1", flow.NetFlow7: "NetFlowV7",
}

// endReasons, firewallEvents and forwarding are the texts of Telegraf's own input for the values of IE 136, 233 and, in the upper two bits, 89.
var (
	endReasons     = [...]string{"reserved", "idle timeout", "active timeout", "end of flow", "forced end", "lack of resources"}
	firewallEvents = [...]string{"ignore", "flow created", "flow deleted", "flow denied", "flow alert", "flow update"}
	forwarding     = [...]string{"unknown", "forwarded", "dropped", "consumed"}
)

// netflowElements are the names that Telegraf's own input gives to elements for which Weir has no field.
var netflowElements = map[uint16]string{
	3: "flows", 9: "src_mask", 13: "dst_mask", 25: "min_packet_len", 26: "max_packet_len", 29: "src_mask", 30: "dst_mask",
	48: "flow_sampler_id", 52: "min_ttl", 53: "max_ttl", 59: "vlan_dst", 95: "app_id", 148: "flow_id",
	234: "in_vrf_id", 235: "out_vrf_id",
}

// protocols holds the names of protocols in small letters as Telegraf's own input has them where Weir's differ.
func netflowProtocol(number uint8) string {
	if number == 4 {
		return "ipv4"
	}
	return flow.TransportName(number)
}

// netflow fills in the form of Telegraf's own input: counters as exported, unsigned. Scaled ones and the sampling interval come on top.
func (t *flowTeller) netflow(p *point, b *flow.Batch, r *flow.Record) {
	p.begin(nameNetflow, t.stamp(r))
	p.tag("source", t.texts.of(r.Exporter))
	p.tag("version", nameIn(versions[:], uint8(r.Protocol)))
	if r.Present.Has(flow.HasSourceIP) {
		p.text("ip_version", ipVersion(r.Source.IP))
		p.addr("src", r.Source.IP)
	}
	if r.Present.Has(flow.HasDestinationIP) {
		p.addr("dst", r.Destination.IP)
	}
	t.netflowPorts(p, r)
	t.netflowCounters(p, r)
	t.netflowPath(p, r)
	t.netflowEvents(p, r)
	t.netflowRest(p, b, r)
}

func ipVersion(a flow.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

func (t *flowTeller) netflowPorts(p *point, r *flow.Record) {
	if r.Present.Has(flow.HasSourcePort) {
		p.unsigned("src_port", uint64(r.Source.Port))
	}
	if r.Present.Has(flow.HasDestinationPort) {
		p.unsigned("dst_port", uint64(r.Destination.Port))
	}
	if r.Present.Has(flow.HasProtocol) {
		p.text("protocol", netflowProtocol(r.IPProtocol))
	}
	if r.Present.Has(flow.HasTCPFlags) {
		p.text("tcp_flags", flagTexts[uint8(r.TCPFlags)])
	}
	if r.Present.Has(flow.HasICMP) {
		p.unsigned("icmp_type", uint64(r.ICMPType))
		p.unsigned("icmp_code", uint64(r.ICMPCode))
	}
	if r.Present.Has(flow.HasToS) {
		p.text("src_tos", hexBytes[r.ToS])
	}
}

func (t *flowTeller) netflowCounters(p *point, r *flow.Record) {
	reverse := r.Present.Has(flow.HasReverseBytes) || r.Present.Has(flow.HasReversePackets)
	if !reverse {
		p.unsigned("in_bytes", r.RawBytes)
		p.unsigned("in_packets", r.RawPackets)
	} else if n := r.SamplingInterval; n > 0 { // raw counters are kept of both directions together
		p.unsigned("in_bytes", uint64(float64(r.Source.Bytes)/n+0.5))
		p.unsigned("in_packets", uint64(float64(r.Source.Packets)/n+0.5))
		p.unsigned("rev_in_bytes", uint64(float64(r.Destination.Bytes)/n+0.5))
		p.unsigned("rev_in_packets", uint64(float64(r.Destination.Packets)/n+0.5))
	}
	p.unsigned("flow_start_ms", uint64(max(0, r.Start/millisecond)))
	p.unsigned("flow_end_ms", uint64(max(0, r.End/millisecond)))
	p.unsigned("bytes", r.Bytes)
	p.unsigned("packets", r.Packets)
	p.float("sampling", r.SamplingInterval)
}

func (t *flowTeller) netflowPath(p *point, r *flow.Record) {
	if r.Present.Has(flow.HasInIf) {
		p.unsigned("in_snmp", uint64(r.InIf))
	}
	if r.Present.Has(flow.HasOutIf) {
		p.unsigned("out_snmp", uint64(r.OutIf))
	}
	p.unsigned("bgp_src_as", uint64(r.Source.ASN))
	p.unsigned("bgp_dst_as", uint64(r.Destination.ASN))
	if !r.NextHop.IsZero() {
		p.addr("next_hop", r.NextHop)
	}
	if r.Present.Has(flow.HasVLAN) {
		p.unsigned("vlan_src", uint64(r.VLAN))
	}
	if !r.Source.MAC.IsZero() {
		p.text("in_src_mac", strings.ToLower(strings.ReplaceAll(r.Source.MAC.String(), "-", ":")))
	}
	if !r.Destination.MAC.IsZero() {
		p.text("in_dst_mac", strings.ToLower(strings.ReplaceAll(r.Destination.MAC.String(), "-", ":")))
	}
	p.text("interface", t.symbols.Text(r.InIfName))
	p.text("app_name", t.symbols.Text(r.Application))
}

func (t *flowTeller) netflowEvents(p *point, r *flow.Record) {
	if !r.Source.NAT.IsZero() {
		p.addr("xlat_src", r.Source.NAT)
	}
	if !r.Destination.NAT.IsZero() {
		p.addr("xlat_dst", r.Destination.NAT)
	}
	if r.Present.Has(flow.HasSourceNATPort) {
		p.unsigned("xlat_src_port", uint64(r.Source.NATPort))
	}
	if r.Present.Has(flow.HasDestinationNATPort) {
		p.unsigned("xlat_dst_port", uint64(r.Destination.NATPort))
	}
	if r.Present.Has(flow.HasEndReason) {
		p.text("flow_end_reason", nameIn(endReasons[:], r.EndReason))
	}
	if r.Present.Has(flow.HasFirewallEvent) {
		p.text("fw_event", nameIn(firewallEvents[:], r.FirewallEvent))
	}
	if r.Present.Has(flow.HasForwardingStatus) {
		p.text("fwd_status", forwarding[r.ForwardingStatus>>6])
	}
	if r.Present.Has(flow.HasTTL) {
		p.unsigned("ttl", uint64(r.TTL))
	}
}

// netflowRest adds elements that are in the record's side buffer. Of an element that comes twice the first counts.
func (t *flowTeller) netflowRest(p *point, b *flow.Batch, r *flow.Record) {
	first := len(p.fields)
	for list := b.ElementsOf(r); ; {
		e, rest, ok := flow.NextElement(list)
		if !ok {
			return
		}
		list = rest
		if name := netflowElements[e.ID]; e.PEN == 0 && name != "" && !p.has(first, name) {
			p.element(name, e)
		}
	}
}

// element adds an element as Telegraf's own input shows its kind.
func (p *point) element(name string, e flow.Element) {
	switch {
	case e.Kind == flow.ElementUint && len(e.Value) <= 8:
		n := uint64(0)
		for _, octet := range e.Value {
			n = n<<8 | uint64(octet)
		}
		p.unsigned(name, n)
	case e.Kind == flow.ElementAddr:
		if a, ok := netip.AddrFromSlice(e.Value); ok {
			p.addr(name, flow.AddrFromNetip(a))
		}
	case e.Kind == flow.ElementBytes:
		p.text(name, "0x"+hex.EncodeToString(e.Value))
	}
}

// has tells whether one of the fields from first on has a key.
func (p *point) has(first int, key string) bool {
	for i := range p.fields[first:] {
		if p.fields[first+i].key == key {
			return true
		}
	}
	return false
}

// nameIn returns a name by its number, "" where there is none.
func nameIn(names []string, n uint8) string {
	if int(n) < len(names) {
		return names[n]
	}
	return ""
}
