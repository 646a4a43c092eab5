package flowinput

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestMadeUpExporters: whoever sends datagrams from made-up addresses makes no series, and what was refused is counted.
func TestMadeUpExporters(t *testing.T) {
	account := flow.NewAccount()
	for i := range uint32(5000) {
		account.Refuse(flow.AddrFrom4(i), 100, flow.RefusedVersion)
	}
	for i := range uint32(100) {
		s := account.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(0x0a000000 + i), Protocol: flow.NetFlow9})
		s.Datagrams.Add(2)
		s.Decoded.Add(2)
	}
	g := newGatherer(5)
	for range 2 {
		var lines []string
		g.exporters(account.Streams(), base, func(p *point) { lines = append(lines, string(appendLine(nil, p))) })
		if len(lines) != 5*streamsAnExporter+1 {
			t.Fatalf("%d series", len(lines))
		}
		last := lines[len(lines)-1]
		for _, want := range []string{"weir_exporter,exporter=other datagrams=5160i,", ",refused=5000i,", ",refused_version=5000i"} {
			if !strings.Contains(last, want) {
				t.Errorf("%s lacks %s", last, want)
			}
		}
	}
}
