package decode_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/decode"
)

// wide is a template of n 1-byte elements and at last a counter; values are its bytes.
func wide(n int) (pairs []uint16, values []byte) {
	for i := range n {
		pairs, values = append(pairs, uint16(1000+i), 1), append(values, byte(i))
	}
	return append(pairs, 1, 2), append(values, 5, 220)
}

// TestWildTemplates: layouts that exporters may send though few do.
func TestWildTemplates(t *testing.T) {
	long := bytes.Repeat([]byte{'x'}, 300)
	manyFields, manyValues := wide(2000)
	checkQuirks(t, []quirk{
		{"a field of 1 byte each", oneV9(fields(7, 1, 11, 1, 10, 1, 14, 1, 16, 1, 58, 1, 6, 1), []byte{21, 53, 3, 4, 9, 100, 0x12}), map[string]string{
			"source.port": "21", "destination.port": "53", "observer.ingress.interface.id": "3", "observer.egress.interface.id": "4",
			"source.as.number": "9", "network.vlan.id": "100", "weir.tcp.flags_bits": "18",
		}},
		{"fields wider than they need be", oneIPFIX(fields(4, 2, 7, 4, 10, 8), uint16(6), uint32(443), uint64(7)), map[string]string{
			"network.iana_number": "6", "source.port": "443", "observer.ingress.interface.id": "7", "0/7": "000001bb",
		}},
		{"a counter of 16 bytes is kept as bytes", oneIPFIX(fields(1, 16, 4, 1), make([]byte, 16), uint8(6)), map[string]string{
			"source.bytes": "", "0/1": strings.Repeat("00", 16), "network.iana_number": "6",
		}},
		{"ports of UDP and TCP alone", oneV9(fields(4, 1, 180, 2, 181, 2, 182, 2, 183, 2), uint8(6), uint16(0), uint16(0), uint16(40000), uint16(443)), map[string]string{
			"source.port": "40000", "destination.port": "443", "0/182": "",
		}},
		{"ports of UDP beside ports", oneV9(fields(7, 2, 11, 2, 180, 2, 181, 2), uint16(1), uint16(2), uint16(3), uint16(4)), map[string]string{
			"source.port": "1", "destination.port": "2", "0/180": "0003", "0/181": "0004",
		}},
		{"neither UDP nor TCP", oneV9(fields(4, 1, 181, 2, 183, 2), uint8(1), uint16(0), uint16(0)), map[string]string{"destination.port": "", "weir.icmp.type": ""}},
		{"a field without bytes", oneV9(fields(8, 4, 61, 0, 12, 4), ip("10.0.0.1"), ip("10.0.0.2")), map[string]string{
			"source.ip": "10.0.0.1", "destination.ip": "10.0.0.2", "0/61": "",
		}},
		{"the highest bit of an id is no enterprise bit in v9", oneV9(fields(0x8001, 4, 57590, 2, 8, 4), uint32(5), uint16(77), ip("10.0.0.1")), map[string]string{
			"source.bytes": "", "0/32769": "00000005", "0/57590": "004d", "source.ip": "10.0.0.1",
		}},
		{"an enterprise's element with a number of IANA's", [][]byte{ipfix(1, set(2, put(uint16(256), uint16(2)), fieldSpec(8, 4, 9), fieldSpec(8, 4)),
			set(256, uint32(1), ip("10.0.0.1")))}, map[string]string{"source.ip": "10.0.0.1", "9/8": "00000001"}},
		{"enterprise 0 is IANA", [][]byte{ipfix(1, set(2, put(uint16(256), uint16(1)), fieldSpec(8, 4, 0)), set(256, ip("10.0.0.1")))}, map[string]string{"source.ip": "10.0.0.1"}},
		{"two thousand fields", oneIPFIX(manyFields, manyValues), map[string]string{"source.bytes": "1500", "0/1000": "00", "0/2999": "cf"}},
		{"a field of 40,000 bytes", oneIPFIX(fields(500, 40000, 1, 2), make([]byte, 40000), uint16(1500)), map[string]string{"source.bytes": "1500"}},
		{"a string with a length of 3 bytes", oneIPFIX(fields(500, 65535, 1, 2), uint8(255), uint16(300), long, uint16(1500)), map[string]string{
			"0/500": hexOf(long), "source.bytes": "1500",
		}},
		{"a short string with a length of 3 bytes", oneIPFIX(fields(96, 65535, 1, 2), uint8(255), uint16(3), "dns", uint16(1500)), map[string]string{
			"network.application": "dns", "source.bytes": "1500",
		}},
		{"an empty string", oneIPFIX(fields(96, 65535, 1, 2), uint8(0), uint16(1500)), map[string]string{"network.application": "", "source.bytes": "1500"}},
		{"a counter of variable length", oneIPFIX(fields(1, 65535, 4, 65535), uint8(3), []byte{1, 0, 0}, uint8(1), uint8(17)), map[string]string{
			"source.bytes": "65536", "network.iana_number": "17", "0/4": "",
		}},
		{"variable length in v9, as some probes do", oneV9(fields(57590, 65535, 1, 2), uint8(2), "ab", uint16(1500)), map[string]string{"0/57590": "6162", "source.bytes": "1500"}},
		{"a translated port that is 0 in the low bytes of a wide field", oneIPFIX(fields(227, 4, 58, 4, 1, 2), uint32(1<<16), uint32(1<<16), uint16(1500)), map[string]string{
			"source.nat.port": "", "network.vlan.id": "", "source.bytes": "1500",
		}},
		{"times that no clock shows", oneIPFIX(fields(152, 8, 153, 8, 1, 2), uint64(1)<<63, uint64(1)<<62, uint16(1500)), map[string]string{
			"event.start": "", "event.end": "", "source.bytes": "1500",
		}},
		{"padding elements", oneIPFIX(fields(210, 3, 1, 2, 210, 65535, 4, 1), make([]byte, 3), uint16(1500), uint8(2), make([]byte, 2), uint8(6)), map[string]string{
			"source.bytes": "1500", "network.iana_number": "6", "0/210": "",
		}},
	})
}

// TestStructuredData: the lists of RFC 6313 are passed over by their length and kept as bytes.
func TestStructuredData(t *testing.T) {
	basic := put(uint8(3), uint16(7), uint16(2), uint16(80), uint16(443))                   // semantic, field, element length, values
	basicOf := put(uint8(255), uint16(7|0x8000), uint16(65535), uint32(9), uint8(1), "a")   // of an enterprise, values of variable length
	sub := put(uint8(4), uint16(300), uint32(1), uint32(2))                                 // semantic, template, records
	multi := put(uint8(4), uint16(300), uint16(8), uint32(1), uint16(301), uint16(4))       // semantic, then template, length, records
	nested := put(uint8(3), uint16(291), uint16(65535), uint8(len(basic)), basic, uint8(0)) // lists in a list
	listed := func(b []byte) [][]byte {
		return [][]byte{ipfix(1, set(2, definition(256, 8, 4, 291, 65535, 292, 65535, 293, 65535, 1, 4)),
			set(256, ip("10.0.0.1"), uint8(len(b)), b, uint8(255), uint16(len(sub)), sub, uint8(len(multi)), multi, uint32(1500)))}
	}
	after := func(b []byte) map[string]string {
		return map[string]string{"source.ip": "10.0.0.1", "0/291": hexOf(b), "0/292": hexOf(sub), "0/293": hexOf(multi), "source.bytes": "1500"}
	}
	checkQuirks(t, []quirk{
		{"a list of ports", listed(basic), after(basic)},
		{"a list of an enterprise's strings", listed(basicOf), after(basicOf)},
		{"lists in a list", listed(nested), after(nested)},
	})
}

// TestWildDatagrams: how sets may be put together.
func TestWildDatagrams(t *testing.T) {
	counter := definition(256, 1, 4)
	want := map[string]string{"source.bytes": "1500"}
	options := put(uint16(300), uint16(3), uint16(2), fieldSpec(149, 4), fieldSpec(302, 8), fieldSpec(34, 4))
	checkQuirks(t, []quirk{
		{"v9: data before its template", [][]byte{v9(1, set(256, uint32(1500)), set(0, counter))}, want},
		{"IPFIX: data before its template", [][]byte{ipfix(1, set(256, uint32(1500)), set(2, counter))}, want},
		{"templates and options templates between data", [][]byte{ipfix(1, set(2, definition(257, 2, 4)), set(257, uint32(1)), set(3, options),
			set(300, uint32(7), uint64(1), uint32(100)), set(2, counter), set(256, uint32(1500)))}, want},
		{"two templates in a set, with padding", [][]byte{v9(1, set(0, definition(257, 2, 4), counter, make([]byte, 4)), set(256, uint32(1500)))}, want},
		{"padding that is no record", [][]byte{v9(1, set(0, definition(256, 1, 4, 2, 4)), set(256, uint32(1500), uint32(1), make([]byte, 3)))}, want},
		{"padding to eight bytes", [][]byte{ipfix(1, set(2, definition(256, 1, 4, 2, 4)), set(256, uint32(1500), uint32(1), make([]byte, 7)))}, want},
		{"an empty set", [][]byte{ipfix(1, set(2, counter), set(256), set(256, uint32(1500)))}, want},
		{"a set of a reserved id", [][]byte{ipfix(1, set(2, counter), set(100, uint32(1)), set(256, uint32(1500)))}, want},
		{"a template that changes between sets", [][]byte{ipfix(1, set(2, definition(256, 1, 2)), set(256, uint16(1)), set(2, counter), set(256, uint32(1500)))}, want},
		{"a template that comes again", [][]byte{ipfix(1, set(2, counter, counter), set(2, counter), set(256, uint32(1500)))}, want},
		{"withdrawn and defined again", [][]byte{ipfix(1, set(2, definition(256, 1, 2)), set(2, uint16(256), uint16(0)), set(2, counter), set(256, uint32(1500)))}, want},
	})
}

// TestWildOptions: scopes of several fields, of variable length, without bytes.
func TestWildOptions(t *testing.T) {
	flow := definition(256, 48, 2, 1, 4)
	sampled := map[string]string{"weir.sampling.interval": "100", "weir.sampling.source": "options"}
	ipfixOptions := func(scope int, specs ...[]byte) []byte {
		return set(3, put(uint16(300), uint16(len(specs)), uint16(scope)), slices.Concat(specs...))
	}
	checkQuirks(t, []quirk{
		{"a scope of several fields", [][]byte{ipfix(1, ipfixOptions(3, fieldSpec(149, 4), fieldSpec(144, 4), fieldSpec(302, 8), fieldSpec(34, 4)),
			set(300, uint32(7), uint32(1), uint64(5), uint32(100)), set(2, flow), set(256, uint16(5), uint32(1500)))}, sampled},
		{"a scope of variable length", [][]byte{ipfix(1, ipfixOptions(2, fieldSpec(82, 65535), fieldSpec(302, 8), fieldSpec(34, 4)),
			set(300, uint8(3), "ge0", uint64(5), uint32(100)), set(2, flow), set(256, uint16(5), uint32(1500)))}, sampled},
		{"a scope of an enterprise", [][]byte{ipfix(1, ipfixOptions(1, fieldSpec(7, 2, 9), fieldSpec(302, 2), fieldSpec(34, 4)),
			set(300, uint16(1), uint16(5), uint32(100)), set(2, flow), set(256, uint16(5), uint32(1500)))}, sampled},
		{"v9: a scope without bytes", [][]byte{v9(1, set(1, uint16(300), uint16(4), uint16(8), uint16(1), uint16(0), uint16(48), uint16(2), uint16(50), uint16(4)),
			set(300, uint16(5), uint32(100)), set(0, flow), set(256, uint16(5), uint32(1500)))}, sampled},
		{"v9: no scope at all", [][]byte{v9(1, set(1, uint16(300), uint16(0), uint16(8), uint16(48), uint16(2), uint16(50), uint16(4)),
			set(300, uint16(5), uint32(100)), set(0, flow), set(256, uint16(5), uint32(1500)))}, sampled},
		{"options before their template", [][]byte{v9(1, set(300, uint32(7), uint16(5), uint32(100)),
			set(1, uint16(300), uint16(4), uint16(8), uint16(1), uint16(4), uint16(48), uint16(2), uint16(50), uint16(4), uint16(0)),
			set(0, flow), set(256, uint16(5), uint32(1500)))}, sampled},
	})
}

// TestUnusableVoids: a template that is defined anew in a way that cannot be used is not read by the old definition.
func TestUnusableVoids(t *testing.T) {
	l := newLab(decode.Config{})
	_ = l.give(v9(1, set(0, definition(256, 1, 4)), set(256, uint32(1))), v9(2, set(0, definition(256, 1, 65000, 2, 1000))), v9(3, set(256, uint32(2))))
	if n := len(l.batch.Records); n != 1 {
		t.Errorf("%d records, want the one before", n)
	}
	checkIdentities(t, l.account)
}
