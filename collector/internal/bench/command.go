package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
)

// Streams are where a command writes: the report as Markdown to Out, progress to Log.
type Streams struct {
	Out, Log io.Writer
	Terminal bool // Log is a terminal
}

// usage names the commands.
const usageText = `weir-bench measures Weir on this machine and prints a report as Markdown.

  weir-bench            the ingest path beside goflow2, nfcapd and pmacct
  weir-bench history    makes a history of many records over days, or what is missing of it up to now
  weir-bench latency    asks a running collector with that history what a dashboard asks, while it receives
  weir-bench compare    asks the embedded store and nfdump about the same records
  weir-bench telegraf   weir-telegraf beside Telegraf's built-in input

Each takes -help.
`

// Main runs the command that args name.
func Main(ctx context.Context, args []string, std Streams) error {
	commands := map[string]func(context.Context, []string, Streams) error{
		"history": historyCommand, "latency": latencyCommand, "compare": compareCommand,
		"telegraf": telegrafCommand,
	}
	if len(args) > 0 {
		if f := commands[args[0]]; f != nil {
			return ended(f(ctx, args[1:], std))
		}
	}
	return ended(ingestCommand(ctx, args, std))
}

// ended makes no error of a help that was asked for.
func ended(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}

func newFlags(name string, std Streams) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(std.Log)
	return fs
}

// parse reads flags alone: a word is a mistake.
func parse(fs *flag.FlagSet, args []string) error {
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("no command or flag %q\n\n%s", fs.Arg(0), usageText)
	}
	return nil
}

func ingestCommand(ctx context.Context, args []string, std Streams) error {
	cfg := DefaultConfig()
	fs := newFlags("weir-bench", std)
	fs.Usage = func() {
		fmt.Fprint(std.Log, usageText+"\nThe ingest path:\n")
		fs.PrintDefaults()
	}
	fs.StringVar(&cfg.Weir, "weir", cfg.Weir, "weir binary")
	fs.StringVar(&cfg.GoFlow2, "goflow2", cfg.GoFlow2, "goflow2 binary")
	fs.IntVar(&cfg.Rate, "rate", cfg.Rate, "records a second")
	fs.DurationVar(&cfg.Warmup, "warmup", cfg.Warmup, "warm-up")
	fs.DurationVar(&cfg.Measure, "measure", cfg.Measure, "measured time")
	fs.StringVar(&cfg.Only, "only", "", "measure one collector: weir, nfcapd, goflow2 or pmacct")
	fs.StringVar(&cfg.Keep, "keep", "", "keep working folders below this folder")
	fs.BoolVar(&cfg.SkipDecode, "skip-decode", false, "leave the decoding benchmark out")
	if err := parse(fs, args); err != nil {
		return err
	}
	return Run(ctx, cfg, std.Out, std.Log)
}

func historyCommand(ctx context.Context, args []string, std Streams) error {
	cfg := history.DefaultConfig(".bench/history")
	cfg.Until = time.Now()
	fs := newFlags("weir-bench history", std)
	fs.StringVar(&cfg.Dir, "dir", cfg.Dir, "folder of the history")
	fs.Uint64Var(&cfg.Records, "records", cfg.Records, "records")
	fs.IntVar(&cfg.Days, "days", cfg.Days, "days that they are spread over")
	fs.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of all draws")
	if err := parse(fs, args); err != nil {
		return err
	}
	begun := time.Now()
	m, err := history.Generate(ctx, cfg, history.Deps{Log: std.Log, Terminal: std.Terminal})
	if err != nil {
		return err
	}
	if err := settle(ctx, history.DataDir(cfg.Dir), std.Log); err != nil {
		return err
	}
	size, err := perRecord(history.DataDir(cfg.Dir), m.Stored)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.Log, "history: %d records and %d sessions from %s to %s in %s, %s; this run took %s\n", m.Stored, m.Sessions,
		m.Start.Format(time.RFC3339), m.End().Format(time.RFC3339), cfg.Dir, size, time.Since(begun).Round(time.Second))
	return nil
}

// settle opens a data folder and waits until its files have all that this version of the store makes of them.
func settle(ctx context.Context, data string, log io.Writer) error {
	s, err := duckdb.Open(ctx, store.DefaultConfig(data), store.Deps{})
	if err != nil {
		return err
	}
	err = awaitIdle(ctx, log, func() (time.Duration, error) { return processor(), nil })
	return errors.Join(err, s.Close())
}

// IsTerminal tells whether a file is one.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
