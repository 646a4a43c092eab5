package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/quality"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/score"
)

func newEval(std command.Streams) *cobra.Command {
	var as format
	var verbose bool
	cmd := &cobra.Command{
		Use:   "eval DIR...",
		Short: "Play labeled traffic and score what is reported",
		Long: `Plays each folder (traffic.pcap or traffic.jsonl, weir.yaml, truth.jsonl, as weir gen makes them) through the whole pipeline without storing
anything, and compares the alerts with the truth: recall, precision, time to detect and false alarms a day, for each detector and
overall. Several folders are scored as one. Any set can be scored that is given as canonical JSON lines with its truth: see
docs/detection-quality.md.`,
		Example: "  weir gen mixed --seed 101 --out mixed && weir eval mixed\n  weir eval sets/* --format json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := as.check(); err != nil {
				return err
			}
			return runEval(cmd.Context(), args, as, verbose, std)
		},
	}
	as.add(cmd)
	cmd.Flags().BoolVar(&verbose, "verbose", false, "list what was missed, and what was reported without cause")
	return cmd
}

func runEval(ctx context.Context, dirs []string, as format, verbose bool, std command.Streams) error {
	var sum score.Tally
	folders := make([]evalFolder, 0, len(dirs))
	for _, dir := range dirs {
		bar := newProgress(std.Err, "playing "+dir)
		tally, err := quality.Play(ctx, dir, quality.Deps{
			Log: command.Logger(std.Err, "warn", "text"), Progress: bar.show, Trouble: func(err error) { fmt.Fprintln(std.Err, "weir:", err) },
		})
		bar.done()
		if err != nil {
			return err
		}
		folders = append(folders, evalFolder{dir, tally.Score()})
		sum.Add(&tally)
	}
	if as == "json" {
		return writeJSON(std.Out, evalJSON{sum.Score(), folders})
	}
	if err := showScore(std.Out, sum.Score()); err != nil {
		return err
	}
	if verbose {
		showCases(std.Out, &sum)
	}
	return nil
}

// evalJSON is the score of all folders, with that of each.
type evalJSON struct {
	score.Score
	Folders []evalFolder `json:"folders"`
}

type evalFolder struct {
	Dir string `json:"dir"`
	score.Score
}

func showScore(w io.Writer, s score.Score) error {
	t := table{header: []string{"DETECTOR", "TRUTH", "FOUND", "MISSED", "ALERTS", "RELATED", "FALSE", "PRECISION", "RECALL", "P50", "P95", "LATE"}}
	add := func(name string, r score.Row) {
		t.add(name, strconv.Itoa(r.Truth), strconv.Itoa(r.Found), strconv.Itoa(r.Missed), strconv.Itoa(r.Alerts), strconv.Itoa(r.Related), strconv.Itoa(r.False),
			ratio(&r.Precision), ratio(r.Recall), seconds(r.Time.P50), seconds(r.Time.P95), strconv.Itoa(r.Late))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Detectors)) {
		add(name, s.Detectors[name])
	}
	add("overall", s.Overall)
	if err := t.write(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d records, %.2f days: %.2f false alarms a day, %.2f of them above low\n", s.Records, s.Days, s.FalsePerDay, s.LoudPerDay)
	return nil
}

func ratio(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', 3, 64)
}

func seconds(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', 0, 64) + " s"
}

func showCases(w io.Writer, t *score.Tally) {
	fmt.Fprintln(w, "\nMISSED")
	for _, m := range t.Missed {
		fmt.Fprintf(w, "  %-22s %s to %s  %s: %s -> %s\n", m.Detector, clock(m.Start), clock(m.End), m.ID, brief(m.Actors), brief(m.Victims))
	}
	fmt.Fprintln(w, "\nFALSE")
	for i := range t.Cases {
		if c := &t.Cases[i]; c.Verdict == score.False {
			fmt.Fprintf(w, "  %-22s %s  %s %d  %s\n", c.Alert.Detector, clock(c.Alert.Start), c.Alert.SeverityLabel, c.Alert.Severity, c.Alert.Title)
		}
	}
}

func brief(list []string) string {
	const shown = 3
	if len(list) <= shown {
		return strings.Join(list, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], " "), len(list)-shown)
}
