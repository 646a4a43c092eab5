package oracle

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// netflow1 holds two NetFlow v1 records of 48 bytes, as tshark and nfdump say too; expected.csv counts by 52 bytes.
const netflow1 = "109-python-netflow-packet-v1-bin"

// TestNetFlowCaptures compares NetFlow v5, v9 and IPFIX with goflow2, and the numbers of records with expected.csv.
func TestNetFlowCaptures(t *testing.T) {
	for _, c := range captures(t) {
		if c.sflowFlows+c.sflowCounters > 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			list := c.datagrams(t)
			oracle := newGoflow()
			for i, d := range list {
				oracle.feed(i, d)
			}
			got, account := weir(t, list)
			if c.name == netflow1 { // goflow2 does not read v1
				if len(got) != 2 {
					t.Errorf("%d records, want 2", len(got))
				}
				return
			}
			compare(t, got, oracle.result(), joined(oracle.options))
			if len(got) != c.dataRecords {
				t.Errorf("%d records, expected.csv has %d", len(got), c.dataRecords)
			}
			options := total(account, func(s *flow.Stream) uint64 { return s.OptionsRecords.Load() })
			if options != oracle.options || options != c.optionsRecords {
				t.Errorf("%d options records, the oracle has %d, expected.csv %d", options, oracle.options, c.optionsRecords)
			}
		})
	}
}

// joined: what options data told beside the record's own fields, and the flags of YAF, which goflow2 leaves as elements.
func joined(options int) excuse {
	return func(name, got, want string, theirs row) bool {
		switch name {
		case kFlags:
			return want == "" && theirs[elementName(6871, 14)] != ""
		case kSampling, kInName, kOutName, kApplication:
			return options > 0 && want == ""
		}
		return false
	}
}

// TestSamplingIsJoined: intervals that only options data tell, read off the bytes of the captures: elements 34 (008, 099), 305
// and 306 (010, 060, 061).
func TestSamplingIsJoined(t *testing.T) {
	want := map[string]string{
		"008-logstash-netflow-9-invalid-01": "100", "099-graylog-plugin-netflow-netflow9-pcap": "100",
		"010-logstash-ipfix": "1", "060-python-netflow-ipfix": "1", "061-python-netflow-ipfix-ether": "1",
	}
	for _, c := range captures(t) {
		if want[c.name] == "" {
			continue
		}
		got, _ := weir(t, c.datagrams(t))
		for i, g := range got {
			if g.row[kSampling] != want[c.name] {
				t.Errorf("%s: record %d: interval %q, want %s", c.name, i, g.row[kSampling], want[c.name])
			}
		}
	}
}
