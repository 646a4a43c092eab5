package pipeline_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/policy"
)

// TestTrial: what is told of the past is what the detectors told when it came, with symbols of any table, by session and by window.
func TestTrial(t *testing.T) {
	cfg := policed(t)
	limit, err := policy.ParseCondition("bytes_out > 60MB")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Policies = append(cfg.Policies, policy.Policy{Name: "hour", By: policy.BySource, Window: time.Hour, Limit: limit, Filter: "network.direction : outbound", Severity: 20})
	trial, err := pipeline.NewTrial(cfg, cfg.Policies)
	if err != nil {
		t.Fatal(err)
	}
	core, err := pipeline.Assemble(cfg, discard())
	if err != nil {
		t.Fatal(err)
	}
	var records []flow.Record
	list := uploadsOf(rand.New(rand.NewPCG(3, 3)), 400)
	for i := range list {
		for _, out := range []bool{true, false} {
			for _, r := range list[i].exported(flow.AddrFrom4(1), time.Minute, out) {
				r.Created = r.End
				records = append(records, r)
			}
		}
	}
	slices.SortStableFunc(records, func(a, b flow.Record) int { return int(a.End - b.End) })
	l := newLedger()
	l.feedTo(t, core, records)
	for part := range slices.Chunk(records, 300) {
		symbols := flow.NewSymbols()
		b := flow.NewBatch(len(part), symbols)
		for i := range part {
			r := b.Grow()
			*r = part[i]
			r.Source.Groups, r.Service = symbols.Intern("of old"), symbols.Intern("a service")
		}
		trial.Observe(b)
	}
	trial.Finish()
	alerts := map[string]int{}
	for _, a := range l.alerts {
		if a.Detector == "policy.violation" {
			alerts[a.Key[:4]]++
		}
	}
	for _, r := range trial.Results() {
		hosts := 0
		for _, h := range r.Hosts() {
			hosts += h.Reported
		}
		n := alerts[(r.Policy.Name + "|")[:4]]
		if r.Reported != n || n < 10 || len(r.Findings) != n || hosts != n {
			t.Errorf("%s: %d reported, %d listed, %d of hosts, and there were %d alerts", r.Policy.Name, r.Reported, len(r.Findings), hosts, n)
		}
	}
}
