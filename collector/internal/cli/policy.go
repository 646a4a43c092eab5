package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

func newPolicy(std command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy", Short: "List policies and try them out on stored flows", Args: cobra.NoArgs,
		Example: "  weir policy test --from now-30d\n  weir policy list --config weir.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return command.Usagef("say what: %s test or %s list", cmd.CommandPath(), cmd.CommandPath())
		},
	}
	cmd.AddCommand(newPolicyTest(std), newPolicyList(std))
	return cmd
}

func newPolicyList(std command.Streams) *cobra.Command {
	var conf configFlag
	var f format
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Show the policies of a configuration",
		Example: "  weir policy list --config /etc/weir/weir.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := f.check(); err != nil {
				return err
			}
			policies, _, err := loadPolicies(&conf, "", "weir.yaml")
			if err != nil {
				return err
			}
			return showPolicies(std, f, policies)
		},
	}
	conf.add(cmd)
	f.add(cmd)
	return cmd
}

// loadPolicies returns those of the configuration, or the one of a name.
func loadPolicies(conf *configFlag, name string, beside ...string) ([]policy.Policy, config.Config, error) {
	cfg, err := conf.load(beside...)
	if err != nil {
		return nil, cfg, err
	}
	if len(cfg.Policies) == 0 {
		return nil, cfg, command.Usagef("there are no policies in %s: write them below `policies`, see docs/policies.md", conf.where())
	}
	if name == "" {
		return cfg.Policies, cfg, nil
	}
	var names []string
	for _, p := range cfg.Policies {
		if p.Name == name {
			return []policy.Policy{p}, cfg, nil
		}
		names = append(names, p.Name)
	}
	return nil, cfg, command.Usagef("--policy %s: there is %s", name, strings.Join(names, ", "))
}

// where names the file in messages.
func (f *configFlag) where() string {
	if f.path != "" {
		return f.path
	}
	return "the configuration (name one by --config FILE)"
}

// policyJSON is a policy in answers.
type policyJSON struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Filter   string `json:"filter"`
	By       string `json:"by"`
	Limit    string `json:"limit"`
	Window   string `json:"window"` // "" is none
	Severity int    `json:"severity"`
}

func jsonOfPolicy(p *policy.Policy) policyJSON {
	j := policyJSON{Name: p.Name, Title: p.Title, Filter: p.Filter, By: p.By.String(), Limit: p.Limit.String(), Severity: p.Severity}
	if p.Window > 0 {
		j.Window = p.Window.String()
	}
	return j
}

func showPolicies(std command.Streams, f format, policies []policy.Policy) error {
	list := make([]policyJSON, 0, len(policies))
	for i := range policies {
		list = append(list, jsonOfPolicy(&policies[i]))
	}
	if f == "json" {
		return writeJSON(std.Out, list)
	}
	t := table{header: []string{"NAME", "SEVERITY", "BY", "WINDOW", "LIMIT", "FILTER"}}
	for _, p := range list {
		t.add(p.Name, fmt.Sprintf("%s (%d)", flow.SeverityLabel(p.Severity), p.Severity), p.By, orDash(p.Window), p.Limit, orDash(p.Filter))
	}
	return t.write(std.Out)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// times says how often: "once", "14 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
