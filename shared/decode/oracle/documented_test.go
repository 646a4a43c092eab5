package oracle

import (
	"os"
	"strings"
	"testing"
)

// TestDifferencesAreExplained: docs/decoding.md has a row for each capture of which tshark or nfdump find another number of
// records, and for no other.
func TestDifferencesAreExplained(t *testing.T) {
	page, err := os.ReadFile("../../../docs/decoding.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range captures(t) {
		if c.name == netflow1 {
			c.dataRecords = 2
			if !strings.Contains(string(page), c.name) {
				t.Errorf("%s is not explained", c.name)
			}
		}
		tshark := c.tsharkFlows >= 0 && c.tsharkFlows != c.dataRecords+c.optionsRecords && c.sflowFlows+c.sflowCounters == 0
		nfdump := c.nfdumpFlows >= 0 && c.nfdumpFlows != c.dataRecords
		if got := c.name == netflow1 != strings.Contains(string(page), "\n| "+c.name+" |"); got != (tshark || nfdump) {
			t.Errorf("%s: explained is %v, tshark differs: %v, nfdump differs: %v", c.name, got, tshark, nfdump)
		}
		if c.sflowFlows == 0 && tshark != (tsharkStops[c.name] != "") {
			t.Errorf("%s: tshark differs: %v, in the test's table: %q", c.name, tshark, tsharkStops[c.name])
		}
	}
}
