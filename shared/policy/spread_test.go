package policy_test

import (
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// TestRates: a session of 48 Mbit/s is one in every window, told each minute more or less or once at its end.
func TestRates(t *testing.T) {
	const each = 6_000_000 // bytes a second
	for name, tellings := range map[string][]int{"each minute": {60, 121, 179, 240, 299, 361, 420, 480, 541}, "at its end": {540}, "as it doubles": {1, 2, 4, 8, 16, 32, 92, 152, 540}} {
		t.Run(name, func(t *testing.T) {
			symbols := flow.NewSymbols()
			s := compile(t, symbols, policy.Config{},
				policy.Policy{Name: "slow", By: policy.ByGroup, Window: time.Minute, Limit: condition(t, "bps > 40M")},
				policy.Policy{Name: "fast", By: policy.ByGroup, Window: time.Minute, Limit: condition(t, "bps > 50M")},
				policy.Policy{Name: "large", By: policy.ByGroup, Window: 5 * time.Minute, Limit: condition(t, "bytes > 1.81GB")},
			)
			found := map[string]int{}
			for i, at := range tellings {
				x := session(symbols, 1, noon)
				x.End, x.Open = x.Start+int64(at)*1e9, i < len(tellings)-1
				x.Client.Groups, x.Client.Bytes, x.Server.Bytes = symbols.Intern("all"), uint64(at)*each, 0
				for _, f := range s.Observe(&x) {
					if f.New {
						found[f.Policy.Name]++
						if f.First < x.End-int64(f.Policy.Window) || f.First < x.Start {
							t.Errorf("traffic begins at %v", time.Unix(0, f.First).UTC())
						}
					}
				}
			}
			if found["slow"] == 0 || found["fast"] != 0 || found["large"] != 0 {
				t.Errorf("found %v", found)
			}
		})
	}
}
