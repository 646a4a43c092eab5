package behavior

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// TestSetPolicies: a policy that comes fires for sessions told of from then on; findings of one that goes or judges otherwise end, those of
// one with another title go on.
func TestSetPolicies(t *testing.T) {
	limit, err := policy.ParseCondition("bytes_out > 1MB")
	if err != nil {
		t.Fatal(err)
	}
	other, err := policy.ParseCondition("bytes_out > 2MB")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, Config{})
	set := func(list ...policy.Policy) string {
		ready, err := NewPolicies(list, e.deps.Symbols)
		if err != nil {
			t.Fatal(err)
		}
		e.SetPolicies(ready)
		return states(violated(e.Changes()))
	}
	at := func(n int, list ...flow.Session) string { return states(tellings(t, e, list)) }
	if got := at(0, upload(t, 0, 3_000_000, 10, false)); got != "" {
		t.Fatalf("without a policy: %s", got)
	}
	rule := policy.Policy{Name: "rule", Limit: limit, Severity: 40}
	if got := set(rule); got != "" {
		t.Errorf("a policy comes: %s", got)
	}
	if got := at(1, upload(t, 1, 3_000_000, 20, true)); got != "active 3000000; " {
		t.Errorf("it fires: %s", got)
	}
	rule.Title = "more than it should"
	if got := set(policy.Policy{Name: "before it", Limit: other}, rule); got != "" || len(e.findings) != 1 {
		t.Errorf("another title: %s, %d findings", got, len(e.findings))
	}
	rule.Limit = other
	if got := set(rule); got != "ended 3000000; " || len(e.findings) != 0 || e.policies.open != 0 {
		t.Errorf("another limit: %s, %d findings", got, len(e.findings))
	}
	if got := at(2, upload(t, 2, 4_000_000, 30, true)); got != "active 4000000; " {
		t.Errorf("it fires again: %s", got)
	}
	if got := set(); got != "ended 4000000; " || len(e.findings) != 0 {
		t.Errorf("it goes: %s", got)
	}
	if got := at(3, upload(t, 3, 5_000_000, 40, false)); got != "" {
		t.Errorf("gone: %s", got)
	}
}
