package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/policy"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// external is the network of the group "External Servers" of generated traffic.
var external = netip.MustParsePrefix("172.16.20.0/24")

// uploads are policies on the external servers: what the name says, in bytes from them to outside in one session.
var uploads = map[string]uint64{"10MB": 10_000_000, "100KB": 100_000}

func policed(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Inside = []netip.Prefix{netip.MustParsePrefix("10.16.0.0/12"), external}
	cfg.Groups = []config.Group{{Name: "External Servers", CIDRs: []netip.Prefix{external}}}
	for _, name := range slices.Sorted(maps.Keys(uploads)) {
		limit, err := policy.ParseCondition("bytes_out > " + name)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Policies = append(cfg.Policies, policy.Policy{
			Name: name, Filter: `weir.source.group : "External Servers" and network.direction : outbound`, Limit: limit, Severity: 60,
		})
	}
	return cfg
}

// talk is a conversation of an external server with an outside host, from the server's side.
type talk struct {
	inside, outside netip.AddrPort
	protocol        uint8
}

// part is one record of it.
type part struct {
	exporter flow.Addr
	start    int64
	end      int64
	out      uint64
}

// ledger keeps the records of external servers with outside hosts as they are, and the alerts of policies.
type ledger struct {
	memory
	parts map[talk][]part
}

func newLedger() *ledger {
	return &ledger{memory: memory{alerts: map[string]flow.Alert{}}, parts: map[talk][]part{}}
}

func (l *ledger) WriteBatch(_ context.Context, b *flow.Batch) error {
	for i := range b.Records {
		l.note(&b.Records[i])
	}
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Commit()
	return nil
}

func (l *ledger) note(r *flow.Record) {
	if r.Invalid != flow.ReasonNone || r.Present&flow.HasSourcePort == 0 {
		return
	}
	src := netip.AddrPortFrom(r.Source.IP.Netip(), r.Source.Port)
	dst := netip.AddrPortFrom(r.Destination.IP.Netip(), r.Destination.Port)
	switch from, to := external.Contains(src.Addr()), external.Contains(dst.Addr()); {
	case from && !isInside(dst.Addr()):
		k := talk{src, dst, r.IPProtocol}
		l.parts[k] = append(l.parts[k], part{r.Exporter, r.Start, r.End, r.Bytes})
	case to && !isInside(src.Addr()):
		k := talk{dst, src, r.IPProtocol}
		l.parts[k] = append(l.parts[k], part{r.Exporter, r.Start, r.End, 0})
	}
}

func isInside(a netip.Addr) bool {
	return external.Contains(a) || netip.MustParsePrefix("10.16.0.0/12").Contains(a)
}

// over lists the sessions with more bytes out than a limit: of one 5-tuple, either direction, all records with no more than five
// minutes between them. Every exporter sees the whole of a session, so that the one with the most has it.
func (l *ledger) over(limit uint64) []string {
	var found []string
	for k, parts := range l.parts {
		if k.outside.Port() >= k.inside.Port() { // the outside host is the client
			continue
		}
		slices.SortFunc(parts, func(a, b part) int { return int(a.start - b.start) })
		sums, last := map[flow.Addr]uint64{}, parts[0].end
		close := func() {
			most := uint64(0)
			for _, sum := range sums {
				most = max(most, sum)
			}
			if most > limit {
				found = append(found, fmt.Sprintf("%s to %s: %d", k.inside.Addr(), k.outside, most))
			}
		}
		for _, p := range parts {
			if p.start > last+int64(5*time.Minute) {
				close()
				clear(sums)
			}
			last = max(last, p.end)
			sums[p.exporter] += p.out
		}
		close()
	}
	slices.Sort(found)
	return found
}

// alerted lists the alerts of a policy in the same form.
func (l *ledger) alerted(name string) []string {
	var found []string
	for _, a := range l.alerts {
		if a.Detector == "policy.violation" && strings.HasPrefix(a.Key, name+"|") {
			found = append(found, fmt.Sprintf("%s to %s: %.0f", a.Actors[0], netip.AddrPortFrom(netip.MustParseAddr(a.Victims[0]), a.Service.Port), a.Measured.Value))
		}
	}
	slices.Sort(found)
	return found
}

// cut counts the records that sessions from the inside have from an exporter beyond the first.
func (l *ledger) cut() (n int) {
	for k, parts := range l.parts {
		of := map[flow.Addr]int{}
		for _, p := range parts {
			if k.outside.Port() < k.inside.Port() && p.out > 0 {
				if of[p.exporter]++; of[p.exporter] > 1 {
					n++
				}
			}
		}
	}
	return n
}

// check holds the alerts of every policy against the sum of the records, and returns their ids with their titles.
func (l *ledger) check(t *testing.T, least int) map[string]string {
	t.Helper()
	for name, limit := range uploads {
		want := l.over(limit)
		if diff := cmp.Diff(want, l.alerted(name)); diff != "" || len(want) < least {
			t.Errorf("%d sessions over %s; the policy says else:\n%s", len(want), name, diff)
		}
	}
	ids := map[string]string{}
	for id, a := range l.alerts {
		if a.Detector == "policy.violation" {
			ids[id] = a.Title
		}
	}
	return ids
}

// watch plays traffic into a pipeline with the policies.
func watch(t *testing.T, cfg traffic.Config) *ledger {
	t.Helper()
	l := newLedger()
	core, err := pipeline.Assemble(policed(t), discard())
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(replaying(), pipeline.Sinks{Records: l, Alerts: []sink.Alerts{l}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if _, err := traffic.Generate(t.Context(), cfg, traffic.SinkFunc(func(d traffic.Datagram) error {
		p.Handle(0, []listen.Datagram{{Payload: d.Payload, Source: d.Exporter, Received: d.Time.UnixNano()}})
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestPolicyExactly: "more than 10 MB outbound in a single session from group External Servers" reports the sessions, and the
// bytes, that adding up the records of each 5-tuple gives, cut into pieces or not, on one exporter or two, and the alerts are the
// same ones.
func TestPolicyExactly(t *testing.T) {
	cases := []struct {
		scenario string
		active   time.Duration
		twice    bool
		least    int // sessions over 10 MB
		cut      int // pieces
	}{
		{"mixed", 5 * time.Second, true, 12, 600}, {"mixed", time.Minute, false, 12, 0}, {"mixed", 12 * time.Hour, true, 12, 0},
		{"walkthrough", time.Minute, true, 1, 3}, {"walkthrough", 12 * time.Hour, false, 1, 0},
	}
	if raceEnabled {
		cases = cases[len(cases)-1:]
	}
	first := map[string]map[string]string{}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s, active timeout %v, two exporters %v", c.scenario, c.active, c.twice), func(t *testing.T) {
			cfg := scenario(c.scenario, 5, encode.IPFIX)
			cfg.Hosts, cfg.Active, cfg.Inactive, cfg.Effects.Duplicates = 2, c.active, min(c.active, 15*time.Second), c.twice
			if c.scenario == "walkthrough" {
				cfg.Hosts, cfg.Scale = 20, 0.02
			}
			l := watch(t, cfg)
			ids := l.check(t, c.least)
			if l.cut() < c.cut {
				t.Errorf("sessions are cut %d times", l.cut())
			}
			if first[c.scenario] == nil {
				first[c.scenario] = ids
			}
			if diff := cmp.Diff(first[c.scenario], ids); diff != "" {
				t.Errorf("other alerts than before:\n%s", diff)
			}
		})
	}
}
