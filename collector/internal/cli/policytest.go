package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/policy"
)

type policyTestFlags struct {
	source
	span
	format
	configFlag
	policy string
}

func newPolicyTest(std command.Streams) *cobra.Command {
	var f policyTestFlags
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Say what policies would have reported on stored flows",
		Long: `Replays stored flows through the policies of a configuration and says how often each would have reported, and which hosts. Inside
networks and groups are those of this configuration, not those at the time. Nothing is stored or reported. Sessions that began before
--from count from then on.`,
		Example: "  weir policy test --config new.yaml --from now-30d\n  weir policy test --policy large-upload --format json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd.Context(), std)
		},
	}
	f.source.add(cmd)
	f.span.add(cmd)
	f.format.add(cmd)
	f.configFlag.add(cmd)
	cmd.Flags().StringVar(&f.policy, "policy", "", "only the policy of this name (default: all)")
	return cmd
}

func (f *policyTestFlags) run(ctx context.Context, std command.Streams) error {
	policies, cfg, err := loadPolicies(&f.configFlag, f.policy, f.data)
	if err != nil {
		return err
	}
	trial, err := pipeline.NewTrial(cfg, policies)
	if err != nil {
		return err
	}
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	p := pages{engine: engine}
	if p.from, p.to, err = f.times(ctx, engine); err != nil {
		return err
	}
	bar := newProgress(std.Err, "replaying")
	err = p.each(ctx, trial.Observe, bar.show)
	bar.done()
	if err != nil {
		return err
	}
	trial.Finish()
	if lost := trial.Stats(); lost.NoRoom+lost.Untold > 0 {
		fmt.Fprintf(std.Err, "weir: %d sessions and %d peers, ports and countries found no room in windows and were not counted\n", lost.NoRoom, lost.Untold)
	}
	if f.format == "json" {
		return writeJSON(std.Out, trialJSON(trial, p.from, p.to))
	}
	for _, r := range trial.Results() {
		showTrial(std.Out, r, p.from, p.to)
	}
	return nil
}

// Most hosts and findings shown to people.
const (
	trialHosts    = 10
	trialFindings = 10
)

// showTrial says what a policy would have reported.
func showTrial(w io.Writer, r *pipeline.TrialResult, from, to time.Time) {
	during := fmt.Sprintf("from %s to %s", clock(from), clock(to))
	if r.Reported == 0 {
		fmt.Fprintf(w, "policy %s would have reported nothing %s\n", r.Policy.Name, during)
		return
	}
	hosts := r.Hosts()
	var names []string
	for _, h := range hosts[:min(trialHosts, len(hosts))] {
		names = append(names, fmt.Sprintf("%s (%d)", h.IP, h.Reported))
	}
	if more := len(hosts) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	fmt.Fprintf(w, "policy %s would have reported %s %s, by these hosts: %s\n", r.Policy.Name, times(r.Reported), during, strings.Join(names, ", "))
	for i := range r.Findings[:min(trialFindings, len(r.Findings))] {
		x := &r.Findings[i]
		fmt.Fprintf(w, "  %s  %s, %s\n", clock(x.Start), about(&r.Policy, x), measuredText(x))
	}
	if more := r.Reported - min(trialFindings, len(r.Findings)); more > 0 {
		fmt.Fprintf(w, "  and %d more: --format json lists up to %d\n", more, pipeline.MaxTrialFindings)
	}
}

// about says whose traffic it was.
func about(p *policy.Policy, x *pipeline.TrialFinding) string {
	switch p.By {
	case policy.BySource:
		return x.Key.Source.String()
	case policy.ByDestination:
		return "to " + x.Key.Destination.String()
	case policy.ByPair:
		return x.Key.Source.String() + " to " + x.Key.Destination.String()
	case policy.ByGroup:
		return "group " + x.Key.Group
	}
	s := x.Clients[0].String() + " to " + x.Servers[0].String()
	if x.ServerPort != 0 {
		s += " port " + strconv.Itoa(int(x.ServerPort))
	}
	return s
}

func measuredText(x *pipeline.TrialFinding) string {
	var parts []string
	for _, m := range x.Measured {
		if !m.Passed {
			continue
		}
		text := m.Limit.Measure.String() + " "
		switch unit := m.Limit.Measure.Unit(); unit {
		case "ns":
			text += time.Duration(m.Value).Round(time.Second).String()
		case "bytes":
			text += human(m.Value, "B")
		default:
			text += human(m.Value, unit)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// trialResultJSON is the answer for a policy.
type trialResultJSON struct {
	Policy     policyJSON         `json:"policy"`
	From       time.Time          `json:"from"`
	To         time.Time          `json:"to"`
	Reported   int                `json:"reported"`
	Hosts      []trialHostJSON    `json:"hosts"` // with the most first, at most 100
	HostsTotal int                `json:"hosts_total"`
	Findings   []trialFindingJSON `json:"findings"`
	Truncated  bool               `json:"truncated"` // there were more findings than are listed
}

type trialHostJSON struct {
	IP       string `json:"ip"`
	Reported int    `json:"reported"`
}

type trialFindingJSON struct {
	Start    time.Time      `json:"start"`
	Last     time.Time      `json:"last"`
	About    string         `json:"about"`
	Actors   []string       `json:"actors"`
	Victims  []string       `json:"victims"`
	Measured []flow.Measure `json:"measured"`
}

func trialJSON(t *pipeline.Trial, from, to time.Time) []trialResultJSON {
	list := []trialResultJSON{}
	for _, r := range t.Results() {
		hosts := r.Hosts()
		j := trialResultJSON{
			Policy: jsonOfPolicy(&r.Policy), From: from, To: to, Reported: r.Reported, Hosts: []trialHostJSON{}, HostsTotal: len(hosts),
			Findings: []trialFindingJSON{}, Truncated: r.Reported > len(r.Findings),
		}
		for _, h := range hosts[:min(flow.MaxAlertEntities, len(hosts))] {
			j.Hosts = append(j.Hosts, trialHostJSON{h.IP.String(), h.Reported})
		}
		for i := range r.Findings {
			x := &r.Findings[i]
			f := trialFindingJSON{Start: x.Start, Last: x.Last, About: about(&r.Policy, x), Actors: addresses(x.Clients), Victims: addresses(x.Servers), Measured: []flow.Measure{}}
			for _, m := range x.Measured {
				f.Measured = append(f.Measured, flow.Measure{Name: m.Limit.Measure.String(), Value: m.Value, Unit: m.Limit.Measure.Unit()})
			}
			j.Findings = append(j.Findings, f)
		}
		list = append(list, j)
	}
	return list
}

func addresses(list []flow.Addr) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}
