package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/weirflow/weir/shared/traffic"
)

// TelegrafConfig says what is measured of inputs of Telegraf, whose metrics are discarded.
type TelegrafConfig struct {
	Plugin   string // path of weir-telegraf
	Telegraf string // path of a Telegraf with inputs.execd, inputs.netflow, outputs.discard and outputs.file
	Rate     int    // records a second
	Low      int    // records a second that both can take, for the cost of what is not lost
	Hosts    int    // different addresses in the run that looks at memory
	Warmup   time.Duration
	Measure  time.Duration
	Only     string // one input's name; "" is both
	Keep     string // keep the working folders here; "" removes them
}

// DefaultTelegrafConfig is the run that docs/benchmarks.md reports.
func DefaultTelegrafConfig() TelegrafConfig {
	return TelegrafConfig{
		Plugin: "bin/weir-telegraf", Telegraf: ".tools/bin/telegraf", Rate: 100_000, Low: 30_000, Hosts: 1_000_000,
		Warmup: 10 * time.Second, Measure: 60 * time.Second,
	}
}

func telegrafCommand(ctx context.Context, args []string, std Streams) error {
	cfg := DefaultTelegrafConfig()
	fs := newFlags("weir-bench telegraf", std)
	fs.StringVar(&cfg.Plugin, "plugin", cfg.Plugin, "weir-telegraf binary")
	fs.StringVar(&cfg.Telegraf, "telegraf", cfg.Telegraf, "telegraf binary")
	fs.IntVar(&cfg.Rate, "rate", cfg.Rate, "records a second")
	fs.IntVar(&cfg.Low, "low", cfg.Low, "records a second in the runs without loss; 0 leaves them out")
	fs.IntVar(&cfg.Hosts, "hosts", cfg.Hosts, "different addresses in the run that looks at memory; 0 leaves it out")
	fs.DurationVar(&cfg.Warmup, "warmup", cfg.Warmup, "warm-up")
	fs.DurationVar(&cfg.Measure, "measure", cfg.Measure, "measured time")
	fs.StringVar(&cfg.Only, "only", "", "measure one input: weir-telegraf or inputs.netflow")
	fs.StringVar(&cfg.Keep, "keep", "", "keep working folders below this folder")
	if err := parse(fs, args); err != nil {
		return err
	}
	return Telegraf(ctx, cfg, std)
}

// telegrafRun is an input under a load.
type telegrafRun struct {
	input telegrafInput
	rate  int
	mix   traffic.BenchConfig
}

// telegrafFigure is the outcome of a run.
type telegrafFigure struct {
	telegrafRun
	sent, taken uint64 // records, warm-up included
	cpu         time.Duration
	own         time.Duration // Telegraf's part of cpu
	measured    uint64        // records sent in the measured time
	rss         int64         // of the plugin, or of Telegraf where there is none
	telegraf    int64         // of Telegraf
	series      string        // in use, and the cap
}

// perRecord is the CPU time per record that was taken, as far as that is known of the measured time.
func (f *telegrafFigure) perRecord() time.Duration {
	taken := float64(f.measured) * float64(f.taken) / float64(max(f.sent, 1))
	return time.Duration(float64(f.cpu) / max(taken, 1))
}

// Telegraf measures weir-telegraf, with detection, beside Telegraf's own input, and writes the report as Markdown.
func Telegraf(ctx context.Context, cfg TelegrafConfig, std Streams) error {
	cfg.Plugin, cfg.Telegraf = absolute(cfg.Plugin), absolute(cfg.Telegraf)
	weir, own := weirInput(cfg.Plugin), builtInInput()
	mix := traffic.DefaultBenchConfig()
	runs := []telegrafRun{{weir, cfg.Rate, mix}, {own, cfg.Rate, mix}}
	if cfg.Low > 0 {
		runs = append(runs, telegrafRun{weir, cfg.Low, mix}, telegrafRun{own, cfg.Low, mix})
	}
	if cfg.Hosts > 0 {
		many := mix
		many.EvenSources = cfg.Hosts
		runs = append(runs, telegrafRun{weir, cfg.Rate, many})
	}
	var figures []telegrafFigure
	for _, r := range runs {
		if cfg.Only != "" && cfg.Only != r.input.name {
			continue
		}
		fmt.Fprintf(std.Log, "bench: %s at %d records/s for %s\n", r.input.name, r.rate, cfg.Warmup+cfg.Measure)
		f, err := cfg.measure(ctx, r)
		if err != nil {
			return fmt.Errorf("%s: %w", r.input.name, err)
		}
		figures = append(figures, f)
	}
	return reportTelegraf(std.Out, cfg, figures)
}

func (cfg *TelegrafConfig) measure(ctx context.Context, r telegrafRun) (f telegrafFigure, err error) {
	f.telegrafRun = r
	dir, err := os.MkdirTemp(cfg.Keep, "weir-bench-")
	if err != nil {
		return f, fmt.Errorf("working folder: %w", err)
	}
	if cfg.Keep == "" {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	port, err := freePort("udp4")
	if err != nil {
		return f, err
	}
	load, err := NewLoad(r.mix, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)))
	if err != nil {
		return f, err
	}
	defer load.Close()
	p, err := r.input.start(ctx, cfg.Telegraf, dir, port)
	if err != nil {
		return f, err
	}
	if err := errors.Join(f.run(ctx, cfg, load, p), p.stop()); err != nil {
		return f, err
	}
	f.taken, f.series, err = r.input.taken(dir)
	return f, err
}

// run sends warm-up and load, and takes the CPU time of the load and of a second after it.
func (f *telegrafFigure) run(ctx context.Context, cfg *TelegrafConfig, load *Load, p *process) error {
	warm, err := load.Run(ctx, f.rate, cfg.Warmup)
	if err != nil {
		return err
	}
	before, err := p.parts()
	if err != nil {
		return err
	}
	if f.measured, err = load.Run(ctx, f.rate, cfg.Measure); err != nil {
		return err
	}
	time.Sleep(time.Second)
	after, err := p.parts()
	if err != nil {
		return err
	}
	f.sent = warm + f.measured
	for name, u := range after {
		used := u.cpu - before[name].cpu
		f.cpu += used
		if name == "telegraf" {
			f.own, f.telegraf = used, u.rss
		} else {
			f.rss = u.rss
		}
	}
	return nil
}

// wantedRatio is what the report holds the ratio of the costs against.
const wantedRatio = 5

// wantedMemory is what the plugin may take with a million hosts.
const wantedMemory = 400 << 20

func reportTelegraf(w io.Writer, cfg TelegrafConfig, figures []telegrafFigure) error {
	fmt.Fprintf(w, "## Inputs of Telegraf\n\n%s of load after %s of warm-up, metrics discarded; the sender runs on the same machine. %s\n\n", cfg.Measure, cfg.Warmup, mixLine())
	fmt.Fprintln(w, "| input | does | records/s | addresses | CPU/record taken | of it Telegraf | of weir-telegraf's | records sent | lost | peak RSS | Telegraf's | series |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|")
	weir := map[int]time.Duration{}
	for i := range figures {
		f := &figures[i]
		addresses, ratio, plugin, series := "Zipf", "1.0x", "-", "-"
		if f.input.plugin {
			plugin, series = fmt.Sprintf("%d MiB", f.rss>>20), f.series
		}
		switch {
		case f.mix.EvenSources > 0:
			addresses = fmt.Sprint(f.mix.EvenSources)
			plugin += ", " + met(f.rss < wantedMemory)
		case f.input.plugin:
			weir[f.rate] = f.perRecord()
		default:
			n := float64(f.perRecord()) / float64(max(weir[f.rate], 1))
			if weir[f.rate] == 0 {
				ratio = "-" // of nothing
				break
			}
			ratio = fmt.Sprintf("%.1fx (wanted %dx: %s)", n, wantedRatio, met(n >= wantedRatio))
		}
		own := time.Duration(float64(f.perRecord()) * float64(f.own) / float64(max(f.cpu, 1)))
		fmt.Fprintf(w, "| %s | %s | %d | %s | %.2f µs | %.2f µs | %s | %d | %.2f %% | %s | %d MiB | %s |\n", f.input.name, f.input.what, f.rate, addresses,
			micro(f.perRecord()), micro(own), ratio, f.sent, 100*(1-float64(f.taken)/float64(max(f.sent, 1))), plugin, f.telegraf>>20, series)
	}
	_, err := fmt.Fprintln(w)
	return err
}

func micro(d time.Duration) float64 { return float64(d) / 1e3 }
