package oracle

import (
	"encoding/binary"
	"strings"
	"testing"
)

// sflowFields are the fields of flow samples that are compared. Of a sampled packet the first value counts: the outer header.
var sflowFields = map[string]reading{
	"sflow.flow_sample.sampling_rate":   {kSampling, decimal, true, 0},
	"sflow_245.header.frame_length":     {kBytes, decimal, false, 0},
	"sflow_245.nexthop":                 {kNextHop, address, true, 0},
	"sflow.flow_sample.input_interface": {kIn, decimal, true, 0}, "sflow.flow_sample.input_interface_value": {kIn, decimal, true, 0},
	"sflow_245.vlan.in": {kVLAN, decimal, true, 0},
	"eth.src":           {kSrcMAC, mac, true, 0}, "eth.dst": {kDstMAC, mac, true, 0},
	"ip.src": {kSrc, address, false, 0}, "ip.dst": {kDst, address, false, 0}, "ipv6.src": {kSrc, address, false, 0}, "ipv6.dst": {kDst, address, false, 0},
	"ip.ttl": {kTTL, decimal, false, 0}, "ipv6.hlim": {kTTL, decimal, false, 0}, "ip.proto": {kProtocol, decimal, false, 0},
	"tcp.srcport": {kSrcPort, decimal, false, 0}, "tcp.dstport": {kDstPort, decimal, false, 0},
	"udp.srcport": {kSrcPort, decimal, false, 0}, "udp.dstport": {kDstPort, decimal, false, 0},
	"icmp.type": {kICMPType, decimal, false, 0}, "icmp.code": {kICMPCode, decimal, false, 0},
}

// TestSFlowTshark compares flow samples with what tshark shows of them.
func TestSFlowTshark(t *testing.T) {
	for _, c := range captures(t) {
		if c.sflowFlows == 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of the time is tshark's start
			var got, want []keyed
			for n, p := range pdml(t, c) {
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
				case kIn: // the value for the exporter itself
					return got == "0" && want == "1073741823"
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
		out := row{}
		group.walk(func(f node) {
			r, ok := sflowFields[f.Name]
			if !ok || f.Value == "" {
				return
			}
			if _, taken := out[r.name]; taken || r.zero && uintOf(f.bytes()) == 0 {
				return
			}
			out[r.name] = r.text(f.bytes())
		})
		rows = append(rows, keyed{n, out})
	}
	return rows
}
