package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

type alertFlags struct {
	source
	configFlag
	span
	format
	id    string
	host  string
	limit int
}

func newAlerts(std command.Streams) *cobra.Command {
	var f alertFlags
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "List what the detectors found",
		Long: "Lists alerts by (start, id): each with its victim, service, rates, and the filter that returns the flows behind it.\n" +
			"As JSON they have their links into other tools, too: those of the collector while one answers, else by --config or the weir.yaml beside the data folder.",
		Example: "  weir alerts --from now-24h\n  weir alerts --host 10.1.2.3\n  weir alerts --format json | jq '.[].title'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd.Context(), std)
		},
	}
	f.source.add(cmd)
	f.configFlag.add(cmd)
	f.span.add(cmd)
	f.format.add(cmd)
	cmd.Flags().StringVar(&f.id, "id", "", "only the alert of this id")
	cmd.Flags().StringVar(&f.host, "host", "", "only alerts that list this address as actor or victim")
	cmd.Flags().IntVar(&f.limit, "limit", 0, "at most this many (default: all)")
	return cmd
}

func (f *alertFlags) run(ctx context.Context, std command.Streams) error {
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	q := query.AlertQuestion{ID: f.id, Host: f.host, Limit: f.limit}
	if q.From, q.To, err = f.times(ctx, engine); err != nil {
		return err
	}
	reader := query.AlertReader(engine)
	q.Bare = f.format != "json" // the list for people has no room for links
	if !q.Bare {
		if reader, err = f.links(engine, f.data); err != nil {
			return err
		}
	}
	alerts, err := reader.Alerts(ctx, q)
	if err != nil {
		return err
	}
	if alerts == nil {
		alerts = []flow.Alert{}
	}
	if f.format == "json" {
		return writeJSON(std.Out, alerts)
	}
	if len(alerts) == 0 {
		fmt.Fprintln(std.Out, "no alerts")
	}
	for i := range alerts {
		showAlert(std.Out, &alerts[i])
	}
	return nil
}

// few names some of many.
func few(list []string, total uint64) string {
	const shown = 6
	if len(list) <= shown+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), max(total, uint64(len(list)))-shown)
}

// showAlert prints an alert for a reader who is in a hurry: what, whom, since when, how hard, and how to see the flows.
func showAlert(w io.Writer, a *flow.Alert) {
	end := "still " + string(a.State)
	if a.End != nil {
		end = "ended " + clock(*a.End)
	}
	fmt.Fprintf(w, "%s %d  %s\n", strings.ToUpper(a.SeverityLabel), a.Severity, a.Title)
	fmt.Fprintf(w, "    %s, since %s, %s, detected %s, confidence %.2f\n", a.Detector, clock(a.Start), end, clock(a.DetectedAt), a.Confidence)
	if len(a.Victims) == 0 {
		fmt.Fprintf(w, "    exporter %s", few(a.Exporters, 0))
	} else {
		fmt.Fprintf(w, "    victim %s", few(a.Victims, a.VictimsTotal))
	}
	if a.Service != nil {
		fmt.Fprintf(w, ", service %s/%d", a.Service.Transport, a.Service.Port)
	}
	fmt.Fprintf(w, ", %s %s (threshold %s)", a.Measured.Name, human(a.Measured.Value, a.Measured.Unit), human(a.Threshold, a.Measured.Unit))
	if a.DoS != nil {
		fmt.Fprintf(w, ", peak %s, %s, %d sources", human(a.DoS.PeakBPS, "bit/s"), human(a.DoS.PeakPPS, "packets/s"), a.DoS.SourcesTotal)
	}
	fmt.Fprintln(w)
	if a.Sampling != "" {
		fmt.Fprintf(w, "    sampling: %s\n", a.Sampling)
	}
	fmt.Fprintf(w, "    flows: weir query '%s' --from %s --to %s --records\n", a.Evidence.Filter,
		flow.AppendTime(nil, a.Evidence.From.UnixNano()), flow.AppendTime(nil, a.Evidence.To.UnixNano()))
}
