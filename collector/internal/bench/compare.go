package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/query"
)

// CompareConfig says what Weir's store and nfdump are asked about.
type CompareConfig struct {
	History history.Config
	Weir    string // path of the weir binary, for what starting it costs
	Rounds  int
}

// DefaultCompareConfig is the run that docs/benchmarks.md reports: 20 million records of a day.
func DefaultCompareConfig() CompareConfig {
	c := CompareConfig{History: history.DefaultConfig(".bench/compare"), Weir: "bin/weir", Rounds: 5}
	c.History.Records, c.History.Days = 20_000_000, 1
	return c
}

func compareCommand(ctx context.Context, args []string, std Streams) error {
	cfg := DefaultCompareConfig()
	fs := newFlags("weir-bench compare", std)
	fs.StringVar(&cfg.History.Dir, "dir", cfg.History.Dir, "folder of the records")
	fs.Uint64Var(&cfg.History.Records, "records", cfg.History.Records, "records")
	fs.IntVar(&cfg.History.Days, "days", cfg.History.Days, "days that they are spread over")
	fs.Uint64Var(&cfg.History.Seed, "seed", cfg.History.Seed, "seed of all draws")
	fs.StringVar(&cfg.Weir, "weir", cfg.Weir, "weir binary")
	fs.IntVar(&cfg.Rounds, "rounds", cfg.Rounds, "how often each is asked")
	if err := parse(fs, args); err != nil {
		return err
	}
	return Compare(ctx, cfg, std)
}

// Compare asks the embedded store and nfdump the same about the same records, and writes the report as Markdown.
func Compare(ctx context.Context, cfg CompareConfig, std Streams) error {
	m, err := cfg.records(ctx, std)
	if err != nil {
		return err
	}
	nfcapd := filepath.Join(cfg.History.Dir, "nfdump")
	if err := nfdumpFiles(ctx, nfcapd, m, std.Log); err != nil {
		return err
	}
	c := &comparison{cfg: cfg, log: std.Log, marker: m, files: filepath.Join(nfcapd, "files"), data: history.DataDir(cfg.History.Dir)}
	rows, err := c.run(ctx)
	if err != nil {
		return err
	}
	start, err := c.start(ctx)
	if err != nil {
		return err
	}
	return c.report(std.Out, rows, start)
}

// records makes the records, unless they are there: those of nfdump must stay the same.
func (c *CompareConfig) records(ctx context.Context, std Streams) (history.Marker, error) {
	c.History.Until = time.Now()
	if m, err := history.ReadMarker(c.History.Dir); err == nil {
		c.History.Until = m.End()
	}
	return history.Generate(ctx, c.History, history.Deps{Log: std.Log, Terminal: std.Terminal})
}

// comparison is one run.
type comparison struct {
	cfg         CompareConfig
	log         io.Writer
	marker      history.Marker
	files, data string
	store       *duckdb.Store
}

// row is a line of the report.
type row struct {
	name             string
	wanted           float64 // the ratio
	theirs, ours     []expense
	exactness, check string
}

// run asks everything, the store being open as in a collector.
func (c *comparison) run(ctx context.Context) (rows []row, err error) {
	// What is lost a collector knows by itself.
	c.store, err = duckdb.Open(ctx, store.DefaultConfig(c.data), store.Deps{Loss: func() query.Loss { return query.Loss{} }})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	if err := awaitIdle(ctx, c.log, func() (time.Duration, error) { return processor(), nil }); err != nil {
		return nil, err
	}
	h, err := chooseHosts(ctx, c.store, c.marker)
	if err != nil {
		return nil, err
	}
	for _, q := range contests(h) {
		r, err := c.contest(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		rows = append(rows, r)
	}
	r, err := c.drawn(ctx)
	if err != nil {
		return nil, fmt.Errorf("hosts drawn at random: %w", err)
	}
	return append(rows, r), nil
}

// contest asks both sides in turn; a first round, in which files come into memory, does not count.
func (c *comparison) contest(ctx context.Context, q contest) (row, error) {
	fmt.Fprintf(c.log, "bench: %s\n", q.name)
	r := row{name: q.name, wanted: q.wanted}
	for round := range c.cfg.Rounds + 1 {
		t, err := c.turn(ctx, q)
		if err != nil {
			return r, err
		}
		if round == 0 {
			r.exactness, r.check = t.exactness, t.check
			continue
		}
		r.theirs, r.ours = append(r.theirs, t.theirs), append(r.ours, t.ours)
	}
	return r, nil
}

// turn is what one question took both sides.
type turn struct {
	theirs, ours     expense
	exactness, check string
}

func (c *comparison) turn(ctx context.Context, q contest) (t turn, err error) {
	out, theirs, err := nfdump(ctx, c.files, q.args...)
	if err != nil {
		return t, err
	}
	used, begun := processor(), time.Now()
	a, err := q.ask(ctx, c.store)
	t.theirs, t.ours = theirs, expense{time.Since(begun), processor() - used}
	if err != nil {
		return t, err
	}
	t.exactness = string(a.exactness)
	t.check, err = q.check(out, a)
	return t, err
}

// start is what a command takes that opens the folder by itself, beside the same question to an open one.
func (c *comparison) start(ctx context.Context) (times, error) {
	var list times
	for range c.cfg.Rounds {
		begun := time.Now()
		out, err := exec.CommandContext(ctx, absolute(c.cfg.Weir), "query", "--data", c.data, "--by", "source.ip").CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("weir query: %w: %s", err, out)
		}
		list = append(list, time.Since(begun))
	}
	return list, nil
}

func (c *comparison) report(w io.Writer, rows []row, start times) error {
	ours, err := perRecord(c.data, c.marker.Stored)
	if err != nil {
		return err
	}
	theirs, err := folderSize(c.files)
	if err != nil {
		return err
	}
	n := float64(c.marker.Stored)
	fmt.Fprintf(w, "## Questions beside nfdump\n\n%.1f million records of %d days: in Weir's folder %s, in nfcapd's LZ4 files %.1f. All files are in memory; medians of %d rounds. Weir answers in a process that has the folder open, as a collector has; `weir query --by source.ip` that opens it by itself takes %s in all.\n\n",
		n/1e6, c.marker.Days, ours, float64(theirs)/n, c.cfg.Rounds, show(start.median()))
	fmt.Fprintln(w, "| question | nfdump | CPU | Weir | CPU | ratio | of CPU | wanted | Weir's answer | both answers |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		t, o := middle(r.theirs), middle(r.ours)
		wanted := "-"
		if r.wanted > 0 {
			wanted = fmt.Sprintf("%.0fx: %s", r.wanted, met(ratio(t.wall, o.wall) >= r.wanted))
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %.1fx | %.1fx | %s | %s | %s |\n", r.name, show(t.wall), show(t.cpu), show(o.wall), show(o.cpu),
			ratio(t.wall, o.wall), ratio(t.cpu, o.cpu), wanted, r.exactness, r.check)
	}
	_, err = fmt.Fprintln(w)
	return err
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

// middle takes the medians of both times.
func middle(list []expense) expense {
	var wall, cpu times
	for _, e := range list {
		wall, cpu = append(wall, e.wall), append(cpu, e.cpu)
	}
	return expense{wall.median(), cpu.median()}
}
