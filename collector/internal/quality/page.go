package quality

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/score"
	"github.com/weirflow/weir/shared/traffic"
)

// TuningSeeds are the seeds up to it: detectors are tuned on those only, so that the page is about
// traffic that nobody has looked at.
const TuningSeeds = 99

// ReportSeeds returns the seeds of the page.
func ReportSeeds() []uint64 { return []uint64{101, 102, 103} }

// intervals are the sampling intervals of the page.
var intervals = []uint32{1, 10, 100, 1000}

// PageConfig says where the page goes, and how much is played.
type PageConfig struct {
	Out   string   // file
	Seeds []uint64 // nil: ReportSeeds
	Days  int      // of quiet traffic; 0: a week
}

// WritePage plays everything and writes the page.
func WritePage(ctx context.Context, cfg PageConfig, log io.Writer) error {
	if cfg.Seeds == nil {
		cfg.Seeds = ReportSeeds()
	}
	if cfg.Days == 0 {
		cfg.Days = 7
	}
	var b strings.Builder
	b.WriteString(pageHead)
	fmt.Fprintf(&b, pageSeeds, TuningSeeds, joinSeeds(cfg.Seeds))
	for _, n := range intervals {
		tally, err := playAll(ctx, "mixed", cfg.Seeds, func(c *traffic.Config) { c.Sampling = n }, log)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n## 1:%d\n\n", n)
		writeTable(&b, tally.Score())
	}
	for _, part := range []struct {
		title, scenario string
		change          func(*traffic.Config)
	}{
		{"The walk-through", "walkthrough", func(*traffic.Config) {}},
		{fmt.Sprintf("%d quiet days of 200 hosts", cfg.Days), "quiet-day", func(c *traffic.Config) { c.Days = cfg.Days }},
	} {
		tally, err := playAll(ctx, part.scenario, cfg.Seeds[:1], part.change, log)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n## %s\n\n", part.title)
		writeTable(&b, tally.Score())
	}
	b.WriteString(pageTail)
	if err := os.WriteFile(cfg.Out, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func joinSeeds(seeds []uint64) string {
	texts := make([]string, len(seeds))
	for i, s := range seeds {
		texts[i] = fmt.Sprint(s)
	}
	return strings.Join(texts, ", ")
}

// playAll generates a scenario for every seed and scores them as one.
func playAll(ctx context.Context, scenario string, seeds []uint64, change func(*traffic.Config), log io.Writer) (score.Tally, error) {
	var sum score.Tally
	for _, seed := range seeds {
		dir, err := os.MkdirTemp("", "weir-eval-")
		if err != nil {
			return sum, fmt.Errorf("working folder: %w", err)
		}
		tally, err := playOne(ctx, scenario, seed, dir, change)
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(log, "weir-eval:", err)
		}
		if err != nil {
			return sum, err
		}
		o := tally.Score().Overall
		fmt.Fprintf(log, "%s, seed %d: %d of %d found, %d false\n", scenario, seed, o.Found, o.Truth, o.False)
		sum.Add(&tally)
	}
	return sum, nil
}

func playOne(ctx context.Context, scenario string, seed uint64, dir string, change func(*traffic.Config)) (score.Tally, error) {
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed = scenario, seed
	change(&cfg)
	if _, err := traffic.WriteDir(ctx, cfg, filepath.Join(dir, "set")); err != nil {
		return score.Tally{}, fmt.Errorf("generate %s: %w", scenario, err)
	}
	return Play(ctx, filepath.Join(dir, "set"), Deps{Log: slog.New(slog.DiscardHandler)})
}

func writeTable(b *strings.Builder, s score.Score) {
	b.WriteString("| detector | truth | found | false | precision | recall | time to detect p50 | p95 |\n|---|---|---|---|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(s.Detectors)) {
		writeRow(b, "`"+name+"`", s.Detectors[name])
	}
	writeRow(b, "overall", s.Overall)
	fmt.Fprintf(b, "\n%d records, %.1f days: %.2f false alarms a day, %.2f of them above low.\n", s.Records, s.Days, s.FalsePerDay, s.LoudPerDay)
}

func writeRow(b *strings.Builder, name string, r score.Row) {
	number := func(v *float64, form string) string {
		if v == nil {
			return "-"
		}
		return fmt.Sprintf(form, *v)
	}
	fmt.Fprintf(b, "| %s | %d | %d | %d | %.3f | %s | %s | %s |\n", name, r.Truth, r.Found, r.False, r.Precision,
		number(r.Recall, "%.3f"), number(r.Time.P50, "%.0f s"), number(r.Time.P95, "%.0f s"))
}
