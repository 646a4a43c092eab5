package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/shared/traffic"
)

// Config says what is measured.
type Config struct {
	Weir    string // path of the weir binary
	GoFlow2 string // path of the goflow2 binary
	Rate    int    // records a second
	Warmup  time.Duration
	Measure time.Duration
	Only    string // one target's name; "" is all
	Keep    string // keep the working folders here; "" removes them
	// SkipDecode leaves the decoding benchmark out.
	SkipDecode bool
}

// DefaultConfig is the run that docs/benchmarks.md reports. Weir makes sessions half a minute behind the records: the warm-up is longer, so
// that what is measured has as many sessions to make and to store as records.
func DefaultConfig() Config {
	return Config{Weir: "bin/weir", GoFlow2: ".tools/bin/goflow2", Rate: 100_000, Warmup: 40 * time.Second, Measure: 60 * time.Second}
}

// figure is the outcome of a target.
type figure struct {
	name, what     string
	sent, received uint64 // records, warm-up included
	measured       uint64 // records sent in the measured minute
	counted        bool
	cpu            time.Duration // per record of the measured minute
	finish         time.Duration // per record of the measured minute, of what is done at the end of an hour
	rss            int64
	bytes          float64 // per record on disk; 0: not measured
}

// Run measures and writes the report as Markdown to w, progress to log.
func Run(ctx context.Context, cfg Config, w, log io.Writer) error {
	fmt.Fprintf(w, "%s\n\n", machine())
	if !cfg.SkipDecode {
		if err := reportDecode(w, log); err != nil {
			return err
		}
	}
	var figures []figure
	for _, t := range targets(absolute(cfg.Weir), absolute(cfg.GoFlow2)) {
		if cfg.Only != "" && cfg.Only != t.name {
			continue
		}
		fmt.Fprintf(log, "bench: %s at %d records/s for %s\n", t.name, cfg.Rate, cfg.Warmup+cfg.Measure)
		f, err := measure(ctx, cfg, t)
		if err != nil {
			fmt.Fprintf(log, "bench: %s left out: %v\n", t.name, err)
			continue
		}
		figures = append(figures, f)
	}
	return report(w, cfg, figures)
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func measure(ctx context.Context, cfg Config, t target) (f figure, err error) {
	f = figure{name: t.name, what: t.what}
	dir, err := os.MkdirTemp(cfg.Keep, "weir-bench-")
	if err != nil {
		return f, fmt.Errorf("working folder: %w", err)
	}
	if cfg.Keep == "" {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	load, err := NewLoad(traffic.DefaultBenchConfig(), netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), t.port))
	if err != nil {
		return f, err
	}
	defer load.Close()
	p, err := t.start(ctx, dir, t.port)
	if err != nil {
		return f, err
	}
	time.Sleep(3 * time.Second) // collectors other than ours do not say when they are ready
	err = f.run(ctx, cfg, &t, load, p)
	if stopErr := p.stop(); err == nil {
		err = stopErr
	}
	if err != nil {
		return f, err
	}
	return f, f.count(ctx, t, dir)
}

// run sends warm-up and load, and takes the CPU time of the load and of one second after it.
func (f *figure) run(ctx context.Context, cfg Config, t *target, load *Load, p *process) error {
	warm, err := load.Run(ctx, cfg.Rate, cfg.Warmup)
	if err != nil {
		return err
	}
	more, err := t.settled(ctx, cfg, load, p.cmd.Dir)
	if err != nil {
		return err
	}
	before, err := p.usage()
	if err != nil {
		return err
	}
	sent, err := load.Run(ctx, cfg.Rate, cfg.Measure)
	if err != nil {
		return err
	}
	time.Sleep(time.Second)
	after, err := p.usage()
	if err != nil {
		return err
	}
	f.sent, f.measured = warm+more+sent, sent
	f.cpu = (after.cpu - before.cpu) / time.Duration(max(sent, 1)) // ns resolution is enough: 60 s over 6 M records
	f.rss = after.rss
	return nil
}

func (f *figure) count(ctx context.Context, t target, dir string) (err error) {
	if t.received != nil {
		if f.received, err = t.received(ctx, dir); err != nil {
			return err
		}
		f.counted = true
	}
	if t.finish != nil && f.received > 0 {
		used, err := t.finish(ctx, dir)
		if err != nil {
			return err
		}
		f.finish = used / time.Duration(max(f.measured, 1))
	}
	if t.stored != nil && f.received > 0 {
		size, err := t.stored(ctx, dir)
		if err != nil {
			return err
		}
		f.bytes = float64(size) / float64(f.received)
	}
	return nil
}

func report(w io.Writer, cfg Config, figures []figure) error {
	fmt.Fprintf(w, "## Ingest\n\n%d records/s for %s after %s of warm-up; the sender runs on the same machine. %s\n\n", cfg.Rate, cfg.Measure, cfg.Warmup, mixLine())
	fmt.Fprintln(w, "| collector | does | CPU/record | of it sealing | of Weir's | records sent | lost | peak RSS | bytes/record on disk |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	var weir time.Duration
	for _, f := range figures {
		if f.name == "weir" {
			weir = f.cpu + f.finish
		}
	}
	for _, f := range figures {
		lost, disk, ratio, finish := "not counted", "-", "-", "-"
		if f.counted {
			lost = fmt.Sprintf("%.2f %%", 100*(1-float64(f.received)/float64(f.sent)))
		}
		if f.bytes > 0 {
			disk = fmt.Sprintf("%.1f", f.bytes)
		}
		if weir > 0 {
			ratio = fmt.Sprintf("%.2fx", float64(f.cpu+f.finish)/float64(weir))
		}
		if f.finish > 0 {
			finish = fmt.Sprintf("%.2f µs", float64(f.finish)/1e3)
		}
		fmt.Fprintf(w, "| %s | %s | %.2f µs | %s | %s | %d | %s | %d MiB | %s |\n", f.name, f.what, float64(f.cpu+f.finish)/1e3, finish, ratio, f.sent, lost, f.rss>>20, disk)
	}
	_, err := fmt.Fprintln(w)
	return err
}

func mixLine() string {
	mix, err := traffic.NewBenchMix(traffic.DefaultBenchConfig())
	if err != nil {
		return ""
	}
	return "The mix: " + mix.String() + "."
}

// machine names processor and tools.
func machine() string {
	out, _ := exec.Command("sh", "-c", `grep -m1 'model name' /proc/cpuinfo | cut -d: -f2; nproc; uname -sr; nfcapd -V 2>&1 | head -1; nfacctd -V 2>&1 | head -1`).Output()
	return "Machine:\n\n```\n" + string(out) + "```"
}
