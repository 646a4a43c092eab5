package flow_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestGreatestNumbers holds Max to what records can hold: the setters refuse what would be cut.
func TestGreatestNumbers(t *testing.T) {
	bounded := 0
	for _, f := range flow.NewRegistry().Fields() {
		switch {
		case f.Max == 0:
			continue
		case f.Kind != flow.KindUint:
			t.Errorf("%s is no number", f.Name)
		case f.Set == nil && !strings.HasSuffix(f.Name, ".port"):
			t.Errorf("%s has a greatest number that nothing bounds", f.Name)
		}
		bounded++
		if f.Set == nil {
			continue
		}
		for v, fits := range map[uint64]bool{f.Max: true, f.Max + 1: false} {
			b := flow.NewBatch(1, flow.NewSymbols())
			if r := b.Grow(); f.Set(b, r, flow.Uint(v)) != fits {
				t.Errorf("%s: a record takes %d: %v", f.Name, v, !fits)
			}
		}
	}
	for _, f := range flow.NewRegistry().Fields() {
		if f.Kind != flow.KindUint || f.Max != 0 || f.Set == nil || strings.HasPrefix(f.Name, "weir.clock.") {
			continue
		}
		b := flow.NewBatch(1, flow.NewSymbols())
		if r := b.Grow(); !f.Set(b, r, flow.Uint(1<<64-1)) {
			t.Errorf("%s: a record does not take all 64 bits: Max is missing", f.Name)
		}
	}
	if bounded < 15 {
		t.Errorf("only %d fields are bounded", bounded)
	}
}
