package oracle

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

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
			compare(t, got, oracle.result(), noExcuse)
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
