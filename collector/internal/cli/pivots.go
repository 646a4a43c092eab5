package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/settings"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

type pivotFlags struct {
	source
	configFlag
	format
	at, window string
	actions    bool
}

func newPivots(std command.Streams) *cobra.Command {
	var f pivotFlags
	cmd := &cobra.Command{
		Use:   "pivots [IP|PORT|AS|ALERT-ID]",
		Short: "List links into other tools: the same host and minutes there",
		Long: `Lists the links into other tools that there are for an address, a port (443, tcp/443), an AS (AS64500) or an alert, with the minutes
around --at filled in; an alert has its own. Which tools there are is said by pivots in weir.yaml: that of the collector while one answers, else the one
given, or the one beside the data folder. See docs/pivots.md.

With --workflow-actions it prints what the other way takes: a workflow_actions.conf for the folder local of the app weir in Splunk, by which any event with an
address leads to the same host and minutes, also on the pages of this collector and in Grafana, whose addresses weir.yaml has. See docs/splunk.md.`,
		Example: "  weir pivots 203.0.113.7 --at 2026-03-02T08:15:00Z\n  weir pivots tcp/3389\n  weir pivots 5f1c2a0b9d3e4f60718293a4b5c6d7e8 --format json | jq -r '.[].url'\n  weir pivots --workflow-actions --config weir.yaml > workflow_actions.conf",
		Args: func(cmd *cobra.Command, args []string) error {
			if f.actions {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.actions {
				return f.workflowActions(std)
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd.Context(), args[0], std)
		},
	}
	f.source.add(cmd)
	f.configFlag.add(cmd)
	f.format.add(cmd)
	cmd.Flags().StringVar(&f.at, "at", "", "moment in the middle of the time: RFC 3339 or now-1h (default: the time until now, the newest record of a stopped store)")
	cmd.Flags().BoolVar(&f.actions, "workflow-actions", false, "print a workflow_actions.conf for Splunk, by the configuration here")
	cmd.Flags().StringVar(&f.window, "window", "30m", "how long the time is")
	return cmd
}

// workflowActions prints Splunk's side of the links.
func (f *pivotFlags) workflowActions(std command.Streams) error {
	cfg, err := f.load(f.data)
	if err != nil {
		return err
	}
	text, err := pivot.WorkflowActions(cfg.Pivots)
	if err != nil {
		return err
	}
	fmt.Fprint(std.Out, text)
	return nil
}

func (f *pivotFlags) run(ctx context.Context, subject string, std command.Streams) error {
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	reader, err := f.links(engine, f.data)
	if err != nil {
		return err
	}
	q := query.PivotQuestion{Subject: strings.TrimSpace(subject)}
	if _, ok := pivot.ParseSubject(q.Subject); ok {
		if q.From, q.To, err = f.around(ctx, engine); err != nil {
			return err
		}
	}
	list, err := reader.Pivots(ctx, q)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(std.Out, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(std.Out, "no links: pivots in weir.yaml says which tools there are")
		return nil
	}
	t := table{header: []string{"title", "url"}}
	for _, l := range list {
		t.add(l.Title, l.URL)
	}
	return t.write(std.Out)
}

// around returns the time around --at.
func (f *pivotFlags) around(ctx context.Context, engine answers) (from, to time.Time, err error) {
	window, err := time.ParseDuration(f.window)
	if err != nil || window <= 0 {
		return from, to, command.Usagef("--window %s: write a time such as 30m or 12h", f.window)
	}
	at, err := parseTime("--at", f.at, now(ctx, engine, false))
	switch {
	case err != nil:
		return from, to, err
	case f.at == "":
		to = now(ctx, engine, false)
	default:
		to = at.Add(window / 2)
	}
	return to.Add(-window), to, nil
}

// linker answers with links into other tools.
type linker interface {
	query.AlertReader
	query.PivotReader
}

// links returns who makes links: the collector that answers, by its own configuration, or one by the configuration here.
func (f *configFlag) links(engine answers, data string) (linker, error) {
	if c, ok := engine.(*query.Client); ok {
		return c, nil
	}
	cfg, err := f.load(data)
	if err != nil {
		return nil, err
	}
	kept, err := settings.Open(settings.Config{Dir: data, File: cfg}, settings.Deps{Now: time.Now}) // what was changed through the API
	if err != nil {
		return nil, err
	}
	set, err := pipeline.Pivots(kept.Effective(), nil)
	if err != nil {
		return nil, err
	}
	return link.NewReader(set, engine), nil
}
