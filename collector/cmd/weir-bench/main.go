// Command weir-bench measures Weir beside goflow2, nfdump and pmacct on this machine and prints a report: make bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/weirflow/weir/collector/internal/bench"
)

func main() {
	cfg := bench.DefaultConfig()
	flag.StringVar(&cfg.Weir, "weir", cfg.Weir, "weir binary")
	flag.StringVar(&cfg.GoFlow2, "goflow2", cfg.GoFlow2, "goflow2 binary")
	flag.IntVar(&cfg.Rate, "rate", cfg.Rate, "records a second")
	flag.DurationVar(&cfg.Warmup, "warmup", cfg.Warmup, "warm-up")
	flag.DurationVar(&cfg.Measure, "measure", cfg.Measure, "measured time")
	flag.StringVar(&cfg.Only, "only", "", "measure one collector: weir, nfcapd, goflow2 or pmacct")
	flag.StringVar(&cfg.Keep, "keep", "", "keep working folders below this folder")
	flag.BoolVar(&cfg.SkipDecode, "skip-decode", false, "leave the decoding benchmark out")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench.Run(ctx, cfg, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "weir-bench:", err)
		os.Exit(1)
	}
}
