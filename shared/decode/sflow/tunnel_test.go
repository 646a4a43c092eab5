package sflow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

// TestTunnelRecords: what the exporter says of a tunnel is kept beside the sampled header, which is the inner one.
func TestTunnelRecords(t *testing.T) {
	raw := rawHeader(1, frame(0))
	segment := []byte{0, 0, 0, 0, 0, 0, 0, 77}
	for _, c := range []struct {
		name     string
		records  [][]byte
		elements map[uint16][]byte
	}{
		{"IPv4, where it goes out", [][]byte{raw, block(1023, 60, 47, hop4, hop4, 0, 0, 0, 0)}, map[uint16][]byte{4: {47}, 8: hop4.AsSlice(), 12: hop4.AsSlice()}},
		{"IPv6, where it came in", [][]byte{block(1026, 60, 17, hop6, hop6, 5, 4789, 0, 0), raw}, map[uint16][]byte{4: {17}, 27: hop6.AsSlice(), 28: hop6.AsSlice()}},
		{"virtual network", [][]byte{raw, block(1030, 77)}, map[uint16][]byte{351: segment}},
		{"offset of the inner header", [][]byte{raw, block(1027, 50)}, map[uint16][]byte{}},
	} {
		res := decode(datagram(flowSample(c.records...)))
		res.check(t, 1, 0, nil)
		if r := res.batch.Records[0]; r.Destination.Port != 443 || r.Source.IP.String() != "192.0.2.1" {
			t.Errorf("%s: %+v", c.name, r)
		}
		if d := cmp.Diff(c.elements, res.elements(0)); d != "" {
			t.Errorf("%s: elements (-want +got):\n%s", c.name, d)
		}
	}
}

// TestStrippedTags: tags that the switch took off are the outer ones, whether they come before the header or behind.
func TestStrippedTags(t *testing.T) {
	one, two := block(1012, 1, 0x88a80000|300), block(1012, 2, 0x88a80000|300, 0x81000000|40)
	inner := func(id byte) map[uint16][]byte { return map[uint16][]byte{245: {0, id}} }
	for _, c := range []struct {
		name     string
		records  [][]byte
		want     uint16
		elements map[uint16][]byte
	}{
		{"one, and none left", [][]byte{rawHeader(1, frame(0)), one}, 300, map[uint16][]byte{}},
		{"one, and one left", [][]byte{rawHeader(1, frame(100)), one}, 300, inner(100)},
		{"one before the header", [][]byte{one, rawHeader(1, frame(100))}, 300, inner(100)},
		{"two", [][]byte{rawHeader(1, frame(0)), two}, 300, inner(40)},
		{"the switch has a word of its own", [][]byte{rawHeader(1, frame(0)), block(1001, 20, 0, 0, 0), one}, 20, map[uint16][]byte{245: {1, 0x2c}}},
	} {
		res := decode(datagram(flowSample(c.records...)))
		res.check(t, 1, 0, nil)
		if r := res.batch.Records[0]; r.VLAN != c.want || !r.Present.Has(flow.HasVLAN) {
			t.Errorf("%s: VLAN %d, want %d", c.name, r.VLAN, c.want)
		}
		if d := cmp.Diff(c.elements, res.elements(0)); d != "" {
			t.Errorf("%s: elements (-want +got):\n%s", c.name, d)
		}
	}
	res := decode(datagram(flowSample(block(1012, 1<<30, 5))))
	res.check(t, 1, 0, map[string]uint64{"sample": 1})
}

func TestNATPorts(t *testing.T) {
	res := decode(datagram(flowSample(sampledIPv4(), block(1007, 1, hop4, 1, hop4), block(1020, 1024, 70000))))
	res.check(t, 1, 0, nil)
	r := res.batch.Records[0]
	if r.Source.NATPort != 1024 || !r.Present.Has(flow.HasSourceNATPort) || r.Present.Has(flow.HasDestinationNATPort) {
		t.Errorf("%+v", r)
	}
}

// TestEgressSampling: where the source is the output, the record says that it was metered there, so that a packet that was sampled on
// both sides of an exporter is not taken for two.
func TestEgressSampling(t *testing.T) {
	for name, c := range map[string]struct {
		source, in, out int
		egress          bool
	}{
		"input": {3, 3, 4, false}, "output": {4, 3, 4, true}, "both are one": {3, 3, 3, false}, "another entity": {2<<24 | 4, 3, 4, false},
		"several outputs": {4, 3, 2<<30 | 4, false},
	} {
		res := decode(datagram(block(1, 1, c.source, 512, 0, 0, c.in, c.out, 0)))
		if _, ok := res.elements(0)[61]; ok != c.egress {
			t.Errorf("%s: elements %v", name, res.elements(0))
		}
	}
}
