package oracle

import (
	"strings"
	"testing"
)

// tsharkStops are the captures of which tshark shows fewer or more data records than there are, and why. docs/decoding.md
// explains the same.
var tsharkStops = map[string]string{
	"008-logstash-netflow-9-invalid-01":                 stopsAtCount,
	"099-graylog-plugin-netflow-netflow9-pcap":          stopsAtCount,
	"016-logstash-netflow-9-h3c":                        "gives up at an address element of 2 bytes",
	"102-graylog-plugin-netflow-nprobe-netflow9-4-pcap": doesNotWait,
	"111-python-netflow-packet-v9-template-mixed-bin":   doesNotWait,
	"115-vflow-ipfix-multimessage-58-bin":               "gives up at an options template that is cut short",
}

const (
	stopsAtCount = "stops when it has seen as many sets as the header counts records"
	doesNotWait  = "does not keep sets until their template comes"
)

// difference is one that is known: in which captures ("" for all), in which field, when, and why.
type difference struct {
	capture, field, reason string
	is                     func(got, want string) bool
}

// tsharkDiffers lists all differences between our records and tshark's.
var tsharkDiffers = []difference{
	{"", kFirst, "tshark shows no uptime of 0", is("0", "")},
	{"", kLast, "tshark shows no uptime of 0", is("0", "")},
	{"048-", kFlags, "tshark does not know that YAF's elements 6871/14 and 6871/15 are flags: c2 of the first packet, 11 of the others", is("211", "")},
}

func is(got, want string) func(string, string) bool {
	return func(g, w string) bool { return g == got && w == want }
}

// excuseOf is the excuse for what the list says of a capture.
func excuseOf(list []difference, capture string) excuse {
	return func(name, got, want string, _ row) bool {
		for _, d := range list {
			if strings.HasPrefix(capture, d.capture) && d.field == name && d.is(got, want) {
				return true
			}
		}
		return false
	}
}

// TestNetFlowTshark compares the records of all NetFlow and IPFIX captures with what tshark shows: their number, all fields and all
// elements, and the headers' versions, domains and times.
func TestNetFlowTshark(t *testing.T) {
	for _, c := range captures(t) {
		if c.sflowFlows+c.sflowCounters > 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of the time is tshark's start
			list, packets := c.datagrams(t), pdml(t, c.path)
			compareHeaders(t, weirHeaders(list), headersShown(t, packets))
			if tsharkStops[c.name] != "" {
				tsharkHelped(t, c, list)
				return
			}
			want := dissect(t, packets)
			got, _ := weir(t, list)
			if want.options != c.optionsRecords {
				t.Errorf("tshark shows %d options records, expected.csv has %d", want.options, c.optionsRecords)
			}
			compare(t, withoutEnterprise(got), want.rows, excuseOf(tsharkDiffers, c.name))
		})
	}
}

// tsharkHelped compares captures that tshark does not read whole as they are. Two things help it: a count in the header that is
// large enough, and all templates in front (the capture is played twice, and the second time counts).
func tsharkHelped(t *testing.T, c capture, list []datagram) {
	reason := tsharkStops[c.name]
	if reason != stopsAtCount && reason != doesNotWait {
		t.Logf("tshark %s: compared with goflow2 only", reason)
		return
	}
	got, _ := weir(t, list)
	var twice []datagram
	for range 2 {
		for _, d := range list {
			d.payload = enlargeCount(d.payload)
			twice = append(twice, d)
		}
	}
	var want []keyed
	for _, k := range dissect(t, pdml(t, writeCapture(t, twice))).rows {
		if k.datagram -= len(list); k.datagram >= 0 {
			want = append(want, k)
		}
	}
	compare(t, withoutEnterprise(got), want, excuseOf(tsharkDiffers, c.name))
}
