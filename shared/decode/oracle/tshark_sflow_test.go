package oracle

import (
	"encoding/binary"
	"maps"
	"strings"
	"testing"
)

// sflowFields are the fields of flow samples that are compared. Of a sampled packet the first value counts: the outer header.
var sflowFields = map[string]reading{
	"sflow.flow_sample.sampling_rate":   {kSampling, decimal, true, 0},
	"sflow_245.header.frame_length":     {kBytes, decimal, false, 0},
	"sflow_245.nexthop":                 {kNextHop, address, true, 0},
	"sflow.flow_sample.input_interface": {kIn, ifIndex, true, 0}, "sflow.flow_sample.input_interface_value": {kIn, ifIndexExpanded, true, 0},
	"sflow.flow_sample.output_interface": {kOut, ifIndex, true, 0}, "sflow.flow_sample.output_interface_value": {kOut, ifIndexExpanded, true, 0},
	"sflow_245.vlan.in": {kVLAN, decimal, true, 0}, "sflow_245.vlan.out": {elementName(0, 59), lowHex, true, 0},
	"sflow_245.srcAS": {kSrcAS, decimal, true, 0}, "sflow_245.dstAS": {kDstAS, decimal, true, lastCounts},
	"ip.dsfield": {kToS, decimal, false, 0}, "ipv6.tclass": {kToS, decimal, false, 0}, "tcp.flags": {kFlags, decimal, false, 0}, "vlan.id": {kVLAN, decimal, true, 0},
	"eth.src": {kSrcMAC, mac, true, 0}, "eth.dst": {kDstMAC, mac, true, 0},
	"ip.src": {kSrc, address, false, 0}, "ip.dst": {kDst, address, false, 0}, "ipv6.src": {kSrc, address, false, 0}, "ipv6.dst": {kDst, address, false, 0},
	"ip.ttl": {kTTL, decimal, false, 0}, "ipv6.hlim": {kTTL, decimal, false, 0}, "ip.proto": {kProtocol, decimal, false, 0},
	"tcp.srcport": {kSrcPort, decimal, false, 0}, "tcp.dstport": {kDstPort, decimal, false, 0},
	"udp.srcport": {kSrcPort, decimal, false, 0}, "udp.dstport": {kDstPort, decimal, false, 0},
	"icmp.type": {kICMPType, decimal, false, 0}, "icmp.code": {kICMPCode, decimal, false, 0},
}

// absent marks what a field says is none.
const absent = "absent"

// lastCounts is the rank of fields of which the last value counts: the end of an AS path.
const lastCounts = 1

// ifIndex is a number below a format of two bits; that of one interface is 0. The value for none is the exporter itself.
func ifIndex(b []byte) string {
	switch v := uintOf(b); {
	case v>>30 != 0:
		return ""
	case v == 0x3fffffff:
		return "0"
	default:
		return number(v)
	}
}

func ifIndexExpanded(b []byte) string {
	if v := uintOf(b); v != 0xffffffff && v != 0x3fffffff {
		return number(v)
	}
	return "0"
}

// lowHex is the lower half of 4 bytes.
func lowHex(b []byte) string { return hexBytes(b[len(b)-2:]) }

// TestSFlowTshark compares flow samples with what tshark shows of them.
func TestSFlowTshark(t *testing.T) {
	for _, c := range captures(t) {
		if c.sflowFlows == 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of the time is tshark's start
			var got, want []keyed
			for n, p := range pdml(t, c.path) {
				for _, proto := range p.Protos {
					want = append(want, sampleRows(n, proto)...)
				}
			}
			for n, d := range c.datagrams(t) {
				if binary.BigEndian.Uint32(d.payload) == 5 {
					rows, _ := weirSFlow(t, n, d.payload)
					got = append(got, rows...)
				}
			}
			compare(t, onlyShown(got, want), want, func(name, got, want string, _ row) bool {
				switch name {
				case kNextHop: // the sample's length is 4 bytes short of its only record; tshark reads on regardless
					return c.name == "094-gopacket-sflowtestpacket5-bin" && got == "" && want == "192.168.1.33"
				}
				return false
			})
		})
	}
}

func sampleRows(n int, proto node) (rows []keyed) {
	if proto.Name != "sflow" {
		return nil
	}
	for _, group := range proto.Fields {
		if !strings.HasPrefix(group.Show, "Flow sample") && !strings.HasPrefix(group.Show, "Expanded flow sample") {
			continue
		}
		out, communities := row{}, false
		group.walk(func(f node) {
			// tshark gives communities the name of the AS path.
			communities = communities && f.Name != "sflow_245.localpref" || f.Name == "sflow_245.communityEntries"
			if communities {
				return
			}
			r, ok := sflowFields[f.Name]
			if !ok || f.Value == "" {
				return
			}
			if _, taken := out[r.name]; taken && r.rank != lastCounts || r.zero && uintOf(f.bytes()) == 0 {
				return
			}
			if text := r.text(f.bytes()); text != "" {
				out[r.name] = text
			} else {
				out[r.name] = absent
			}
		})
		maps.DeleteFunc(out, func(_, v string) bool { return v == absent })
		rows = append(rows, keyed{n, out})
	}
	return rows
}

// onlyShown drops the fields of our rows that are not compared, or that tshark does not show for the record.
func onlyShown(got, want []keyed) []keyed {
	out := make([]keyed, len(got))
	for i, g := range got {
		out[i] = keyed{g.datagram, row{}}
		for name, v := range g.row {
			if i >= len(want) || want[i].row[name] != "" {
				out[i].row[name] = v
			}
		}
	}
	return out
}
