package sflow_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

func TestInterfaces(t *testing.T) {
	const none = 0x3fffffff
	const known = flow.HasInIf | flow.HasOutIf
	for _, c := range []struct {
		name    string
		in, out int
		want    flow.Record
	}{
		{"ifIndex", 3, 4, flow.Record{Present: known, InIf: 3, OutIf: 4}},
		{"0 is unknown", 0, 0, flow.Record{}},
		{"from the exporter itself", none, 4, flow.Record{Present: known, OutIf: 4}},
		{"to the exporter itself", 3, none, flow.Record{Present: known, InIf: 3}},
		{"several outputs", 3, 2<<30 | 7, flow.Record{Present: flow.HasInIf, InIf: 3}},
		{"discarded by an ACL", 3, 1<<30 | 258, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 129}},
		{"discarded: TTL exceeded", 3, 1<<30 | 257, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 137}},
		{"discarded: network unreachable", 3, 1 << 30, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 131}},
		{"discarded: needs fragmentation", 3, 1<<30 | 4, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 133}},
		{"discarded: policed", 3, 1<<30 | 261, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 138}},
		{"discarded: random early", 3, 1<<30 | 260, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 139}},
		{"discarded: unknown reason", 3, 1<<30 | 256, flow.Record{Present: known | flow.HasForwardingStatus, InIf: 3, ForwardingStatus: 128}},
	} {
		expanded := block(3, 1, 0, 3, 512, 0, 0, c.in>>30, c.in&none, c.out>>30, c.out&none, 0)
		for form, sample := range map[string][]byte{"normal": flowSampleOn(c.in, c.out), "expanded": expanded} {
			res := decode(datagram(sample))
			r := res.batch.Records[0]
			got := flow.Record{Present: r.Present & (known | flow.HasForwardingStatus), InIf: r.InIf, OutIf: r.OutIf, ForwardingStatus: r.ForwardingStatus}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s, %s (-want +got):\n%s", c.name, form, d)
			}
		}
	}
}

// sampledIPv4 is a record of TCP from 192.0.2.1:50123 to 198.51.100.2:443 with 1,500 bytes.
func sampledIPv4() []byte {
	return block(3, 1500, 6, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.2"), 50123, 443, 0x12, 0xb8)
}

func TestSampledIP(t *testing.T) {
	v6 := block(4, 1400, 17, hop6, netip.MustParseAddr("2001:db8::1"), 53, 33000, 0, 0x28)
	icmp := block(3, 84, 1, hop4, hop4, 8, 0, 0, 0)
	padded := block(2, 1518, []byte{2, 0, 0, 0, 0, 1}, []byte{2, 0, 0, 0, 0, 2}, 0x0800)
	compact := block(2, 1518, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, 0x0800)
	res := decode(datagram(flowSample(sampledIPv4()), flowSample(v6), flowSample(icmp), flowSample(sampledIPv4(), padded), flowSample(compact, sampledIPv4())))
	res.check(t, 5, 0, nil)
	a, b, c := res.batch.Records[0], res.batch.Records[1], res.batch.Records[2]
	if a.Source.IP.String() != "192.0.2.1" || a.Source.Port != 50123 || a.Destination.Port != 443 || a.TCPFlags != flow.SYN|flow.ACK || a.ToS != 0xb8 || a.Source.Bytes != 1500 {
		t.Errorf("IPv4: %+v", a)
	}
	if b.Source.IP != flow.AddrFromNetip(hop6) || b.Destination.Port != 33000 || b.ToS != 0x28 || b.Source.Bytes != 1400 || b.Present.Has(flow.HasTCPFlags) {
		t.Errorf("IPv6: %+v", b)
	}
	if c.IPProtocol != 1 || c.Present.Has(flow.HasSourcePort) {
		t.Errorf("ICMP: %+v", c)
	}
	for _, d := range res.batch.Records[3:] {
		if d.Source.Bytes != 1518 || d.Source.MAC != (flow.MAC{2, 0, 0, 0, 0, 1}) || d.Destination.MAC != (flow.MAC{2, 0, 0, 0, 0, 2}) || d.Destination.Port != 443 {
			t.Errorf("Ethernet and IPv4: %+v", d)
		}
	}
}

// TestLengths: the sampled header's frame length wins, whatever the order of the records.
func TestLengths(t *testing.T) {
	eth := block(2, 999, []byte{2, 0, 0, 0, 0, 1}, []byte{2, 0, 0, 0, 0, 2}, 0x0800)
	raw := rawHeader(1, frame(0))
	res := decode(datagram(flowSample(raw, eth, sampledIPv4()), flowSample(sampledIPv4(), eth, raw), flowSample(eth, sampledIPv4()), flowSample(raw, raw)))
	for i, want := range []uint64{1518, 1518, 999, 1518} {
		if got := res.batch.Records[i].Source.Bytes; got != want {
			t.Errorf("sample %d: %d bytes, want %d", i, got, want)
		}
	}
}

func TestVLANs(t *testing.T) {
	sw := func(in, out int) []byte { return block(1001, in, 0, out, 0) }
	raw := rawHeader(1, frame(100))
	post := map[uint16][]byte{59: {0, 30}}
	for _, c := range []struct {
		name     string
		records  [][]byte
		want     uint16
		elements map[uint16][]byte
	}{
		{"tag in the header only", [][]byte{raw}, 100, nil},
		{"the switch's word wins", [][]byte{raw, sw(20, 30)}, 20, post},
		{"the switch's word wins when it comes first", [][]byte{sw(20, 30), raw}, 20, post},
		{"unknown to the switch", [][]byte{sw(0, 0xffffffff), raw}, 100, nil},
		{"no header", [][]byte{sw(20, 30)}, 20, post},
	} {
		res := decode(datagram(flowSample(c.records...)))
		r := res.batch.Records[0]
		if r.VLAN != c.want || !r.Present.Has(flow.HasVLAN) {
			t.Errorf("%s: VLAN %d, want %d", c.name, r.VLAN, c.want)
		}
		if d := cmp.Diff(c.elements, res.elements(0)); d != "" && len(c.elements)+len(res.elements(0)) > 0 {
			t.Errorf("%s: elements (-want +got):\n%s", c.name, d)
		}
	}
}

func TestRouter(t *testing.T) {
	raw := rawHeader(1, frame(0))
	masks := map[uint16][]byte{9: {24}, 13: {16}}
	for _, c := range []struct {
		name     string
		records  [][]byte
		hop      flow.Addr
		elements map[uint16][]byte
	}{
		{"after the header", [][]byte{raw, block(1002, 1, hop4, 24, 16)}, flow.AddrFromNetip(hop4), masks},
		{"before the header", [][]byte{block(1002, 1, hop4, 24, 16), raw}, flow.AddrFromNetip(hop4), masks},
		{"IPv6 next hop of IPv4 (RFC 8950)", [][]byte{raw, block(1002, 2, hop6, 24, 16)}, flow.AddrFromNetip(hop6), masks},
		{"unknown next hop", [][]byte{raw, block(1002, 0, 24, 16)}, flow.Addr{}, masks},
		{"unspecified next hop", [][]byte{raw, block(1002, 1, 0, 24, 16)}, flow.Addr{}, masks},
		{"prefix lengths that none are", [][]byte{raw, block(1002, 1, hop4, 24, 0xffffffff)}, flow.AddrFromNetip(hop4), map[uint16][]byte{}},
	} {
		res := decode(datagram(flowSample(c.records...)))
		res.check(t, 1, 0, nil)
		if got := res.batch.Records[0].NextHop; got != c.hop {
			t.Errorf("%s: next hop %s, want %s", c.name, got, c.hop)
		}
		if d := cmp.Diff(c.elements, res.elements(0)); d != "" {
			t.Errorf("%s: elements (-want +got):\n%s", c.name, d)
		}
	}
}

func TestGateway(t *testing.T) {
	router := block(1002, 1, 0x0a000001, 24, 16) // a next hop of its own, so that BGP's is kept beside it
	for _, c := range []struct {
		name     string
		body     []any
		src, dst uint32
		elements map[uint16][]byte
	}{
		{"path", []any{1, hop4, 64500, 64510, 64511, 1, 2, 3, 64520, 64521, 64522, 0, 100}, 64510, 64522,
			map[uint16][]byte{18: hop4.AsSlice(), 128: {0, 0, 0xfc, 8}, 129: {0, 0, 0xfb, 0xff}}},
		{"several segments", []any{1, hop4, 64500, 64510, 0, 2, 2, 1, 64520, 1, 2, 64530, 64531, 0, 100}, 64510, 64531,
			map[uint16][]byte{18: hop4.AsSlice(), 128: {0, 0, 0xfc, 8}}},
		{"destination in the router's own AS", []any{2, hop6, 64500, 64510, 0, 0, 0, 100}, 64510, 64500, map[uint16][]byte{63: hop6.AsSlice()}},
		{"source in the router's own AS", []any{0, 64500, 0, 0, 1, 2, 1, 64520, 0, 100}, 64500, 64520, map[uint16][]byte{128: {0, 0, 0xfc, 8}}},
		{"an empty segment", []any{0, 64500, 0, 0, 1, 2, 0, 0, 100}, 64500, 64500, map[uint16][]byte{}},
	} {
		res := decode(datagram(flowSample(block(1003, c.body...), router)))
		res.check(t, 1, 0, nil)
		r := res.batch.Records[0]
		if r.Source.ASN != c.src || r.Destination.ASN != c.dst {
			t.Errorf("%s: AS %d to %d, want %d to %d", c.name, r.Source.ASN, r.Destination.ASN, c.src, c.dst)
		}
		if d := cmp.Diff(c.elements, res.elements(0)); d != "" {
			t.Errorf("%s: elements (-want +got):\n%s", c.name, d)
		}
	}
}

func TestBGPNextHopWithoutRouter(t *testing.T) {
	res := decode(datagram(flowSample(block(1003, 1, hop4, 64500, 0, 0, 0, 0, 100))))
	if got := res.batch.Records[0].NextHop; got != flow.AddrFromNetip(hop4) || len(res.elements(0)) != 0 {
		t.Errorf("next hop %s, elements %v", got, res.elements(0))
	}
}

func TestGatewayCutShort(t *testing.T) {
	for _, body := range [][]any{
		{1, hop4, 64500},
		{1, hop4, 64500, 64510, 0, 1 << 31},
		{1, hop4, 64500, 64510, 0, 1, 2, 0xffffffff, 1},
		{7, 64500, 64510, 0, 0, 0, 0},
	} {
		res := decode(datagram(flowSample(block(1003, body...))))
		res.check(t, 1, 0, map[string]uint64{"sample": 1})
		if r := res.batch.Records[0]; r.Source.ASN != 0 {
			t.Errorf("%v: AS %d", body, r.Source.ASN)
		}
	}
}

func TestNAT(t *testing.T) {
	res := decode(datagram(flowSample(sampledIPv4(), block(1007, 1, hop4, 2, hop6)), flowSample(block(1007, 1, hop4))))
	res.check(t, 2, 0, map[string]uint64{"sample": 1})
	r := res.batch.Records[0]
	if r.Source.NAT != flow.AddrFromNetip(hop4) || r.Destination.NAT != flow.AddrFromNetip(hop6) {
		t.Errorf("NAT %s, %s", r.Source.NAT, r.Destination.NAT)
	}
}
