package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
)

func newDoctor(std command.Streams) *cobra.Command {
	var src source
	var out format
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with exporters and collector, and what mends it",
		Long: `Says for each exporter what is wrong with its export, why that matters, and the command of its vendor that mends it; then what troubles
the collector itself: datagrams dropped by the kernel, full queues, a disk that is almost full. The vendor is guessed by what the
exporter sends; where nothing shows it, the commands of the most common ones are given. Of a stopped collector it says what was wrong
when it stopped. docs/health.md explains each line.`,
		Example: "  weir doctor\n  weir doctor --format json | jq '.[] | select(.level == \"critical\")'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return runDoctor(cmd.Context(), &src, out, std)
		},
	}
	src.add(cmd)
	out.add(cmd)
	return cmd
}

func runDoctor(ctx context.Context, src *source, out format, std command.Streams) error {
	engine, closer, err := src.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	exporters, err := engine.Exporters(ctx)
	if err != nil {
		return err
	}
	findings := diagnose(exporters)
	var state query.Collector
	reader, running := engine.(query.CollectorReader)
	if running {
		if state, err = reader.Collector(ctx); err != nil {
			return err
		}
	} else {
		state.Disk = diskOf(src.data)
	}
	findings = append(findings, diagnoseCollector(&state, time.Now())...)
	if out == "json" {
		return writeJSON(std.Out, findings)
	}
	return errors.Join(showIntro(std.Out, exporters, running), showFindings(std.Out, findings))
}

// showIntro says how old what follows is, where it is not of now.
func showIntro(w io.Writer, exporters []query.Exporter, running bool) error {
	var latest time.Time
	known := false
	for i := range exporters {
		if h := exporters[i].Health; h != nil {
			known = true
			if h.AsOf.After(latest) {
				latest = h.AsOf
			}
		}
	}
	var err error
	switch {
	case len(exporters) == 0:
		_, err = fmt.Fprintln(w, "no exporter has sent anything yet")
	case !known:
		_, err = fmt.Fprintln(w, "no exporter has been watched yet")
	case !running:
		_, err = fmt.Fprintf(w, "the collector is stopped: as of %s\n", clock(latest))
	}
	return err
}

// showFindings prints findings below the exporter that they are of.
func showFindings(w io.Writer, findings []finding) error {
	if len(findings) == 0 {
		_, err := fmt.Fprintln(w, "nothing wrong")
		return err
	}
	var b strings.Builder
	last := ""
	for i := range findings {
		f := &findings[i]
		if head := f.head(); head != last {
			if last = head; b.Len() > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintln(&b, head)
		}
		fmt.Fprintf(&b, "  %-8s  %s: %s", f.Level, f.Text, f.Why)
		for n, c := range f.Commands {
			if n == 0 {
				fmt.Fprintf(&b, "; on %s: %s", c.Vendor, c.Command)
			} else {
				fmt.Fprintf(&b, "\n            on %s: %s", c.Vendor, c.Command)
			}
		}
		if f.Mend != "" {
			fmt.Fprintf(&b, "\n            %s", f.Mend)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// head names the exporter of a finding.
func (f *finding) head() string {
	if f.Exporter == "" {
		return "this collector"
	}
	name := f.name
	if f.Protocol != "" {
		name += " " + f.Protocol
	}
	switch n := len(f.Domains); {
	case n == 1:
		name += fmt.Sprintf(" domain %d", f.Domains[0])
	case n > 1:
		name += fmt.Sprintf(" domain %d and %d more", f.Domains[0], n-1)
	}
	if f.Vendor != "" {
		name += " (" + f.Vendor + ", as it seems)"
	}
	return name
}
