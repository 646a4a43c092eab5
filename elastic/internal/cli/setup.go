package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/packaging/command"
)

func newSetup(std command.Streams) *cobra.Command {
	var (
		at     where
		dry    bool
		force  bool
		export string
	)
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Install or upgrade templates, lifecycles and the index of alerts",
		Long: `Install or upgrade what documents need on Elasticsearch or OpenSearch: component and index templates, policies of lifecycles as the
server has them, and the index of alerts behind its alias. What is right already is left alone: a second run changes nothing. Data
streams whose templates have changed are rolled over. Your own settings and mappings belong into the component templates weir-*@custom.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, cfg, err := at.connect()
			if err != nil {
				return err
			}
			defer c.Stop()
			cfg.Force = force
			s, err := setup.New(c, cfg)
			if err != nil {
				return err
			}
			if export != "" {
				return s.Export(cmd.Context(), export, std.Out)
			}
			return install(cmd.Context(), s, dry, std.Out)
		},
	}
	at.flags(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print the requests that would be sent, and send none that changes anything")
	cmd.Flags().BoolVar(&force, "force", false, "write everything, over what was changed by hand or by a newer version")
	cmd.Flags().StringVar(&export, "export", "", "write everything as files into this `folder`, with roles and Terraform, and send nothing that changes anything")
	cmd.AddCommand(newRoles(std))
	return cmd
}

func install(ctx context.Context, s *setup.Setup, dry bool, out io.Writer) error {
	p, err := s.Plan(ctx)
	if err != nil {
		return err
	}
	if dry {
		return console(p, out)
	}
	fmt.Fprintf(out, "%s, lifecycle: %s\n", p.Server, p.Lifecycle)
	err = s.Apply(ctx, p, func(step *setup.Step) { fmt.Fprintf(out, "%-9s %s (%s)\n", step.Action, step.What, step.Why) })
	if err != nil {
		return err
	}
	for i := range p.Steps {
		if p.Steps[i].Action == setup.Newer {
			fmt.Fprintf(out, "%-9s %s (%s)\n", p.Steps[i].Action, p.Steps[i].What, p.Steps[i].Why)
		}
	}
	if p.Changes() == 0 {
		fmt.Fprintf(out, "nothing to do: all %d are as they must be\n", len(p.Steps))
	}
	for _, n := range p.Notes {
		fmt.Fprintf(out, "note: %s\n", n)
	}
	return nil
}

// console prints requests as the consoles of Kibana and Dashboards take them.
func console(p *setup.Plan, out io.Writer) error {
	fmt.Fprintf(out, "# %s, lifecycle: %s; changes: %d\n", p.Server, p.Lifecycle, p.Changes())
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Method == "" {
			continue
		}
		fmt.Fprintf(out, "\n# %s %s: %s\n%s %s\n", step.Action, step.What, step.Why, step.Method, step.Path)
		if step.Body == nil {
			continue
		}
		text, err := json.MarshalIndent(step.Body, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", text)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(out, "# note: %s\n", n)
	}
	return nil
}
