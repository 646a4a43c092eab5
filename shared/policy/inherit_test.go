package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// TestInherit: where policies come, go and change places, those that stay go on with what they have counted, and others begin anew.
func TestInherit(t *testing.T) {
	symbols := flow.NewSymbols()
	rule := func(name, limit string) policy.Policy {
		return policy.Policy{Name: name, By: policy.BySource, Window: time.Hour, Limit: condition(t, limit)}
	}
	single := policy.Policy{Name: "single", Limit: condition(t, "bytes > 1KB")}
	s := compile(t, symbols, policy.Config{}, rule("gone", "sessions > 5"), rule("stays", "sessions > 2"), rule("changes", "sessions > 2"), single)
	observe := func(s *policy.Set, n int, open bool) string {
		x := session(symbols, n, noon.Add(time.Duration(n)*time.Second))
		x.Open = open
		return told(s.Observe(&x))
	}
	open := observe(s, 1, true)
	if open != "single new 1500" || observe(s, 2, false) != "single new over 1500" {
		t.Fatalf("before: %q", open)
	}
	next := compile(t, symbols, policy.Config{}, single, rule("new", "sessions > 0"), rule("changes", "sessions > 3"), rule("stays", "sessions > 2"))
	next.Inherit(s)
	got := []string{observe(next, 1, false), observe(next, 3, false), observe(next, 4, false)}
	// The open session goes on in "single" without a new finding; with the third session "stays" passes its 2, "changes" has seen only
	// what came after, the first session's end included.
	want := []string{"single over 1500, new new 1", "single new over 1500, stays new 3", "single new over 1500"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	if st := next.Stats(); st.Sessions != 5 || st.Open != 0 {
		t.Errorf("%+v", st)
	}
}
