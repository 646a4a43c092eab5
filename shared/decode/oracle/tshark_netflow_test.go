package oracle

import "testing"

// tsharkStops are the captures of which tshark shows fewer or more data records than there are, and why. docs/decoding.md
// explains the same.
var tsharkStops = map[string]string{
	"008-logstash-netflow-9-invalid-01":                 "stops when it has seen as many sets as the header counts records",
	"099-graylog-plugin-netflow-netflow9-pcap":          "stops when it has seen as many sets as the header counts records",
	"016-logstash-netflow-9-h3c":                        "gives up at an address element of 2 bytes",
	"102-graylog-plugin-netflow-nprobe-netflow9-4-pcap": "does not keep sets until their template comes",
	"111-python-netflow-packet-v9-template-mixed-bin":   "does not keep sets until their template comes",
	"115-vflow-ipfix-multimessage-58-bin":               "gives up at an options template that is cut short",
}

// TestNetFlowTshark compares the records of all NetFlow and IPFIX captures with what tshark shows: their number, and the fields
// that everyone knows.
func TestNetFlowTshark(t *testing.T) {
	for _, c := range captures(t) {
		if c.sflowFlows+c.sflowCounters > 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of the time is tshark's start
			want, options := cflowRows(pdml(t, c))
			got, _ := weir(t, c.datagrams(t))
			if reason := tsharkStops[c.name]; reason != "" {
				t.Logf("tshark %s: %d of %d records", reason, len(want), len(got))
				return
			}
			if options != c.optionsRecords {
				t.Errorf("tshark shows %d options records, expected.csv has %d", options, c.optionsRecords)
			}
			compare(t, onlyShown(got, want), want, noExcuse)
		})
	}
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
