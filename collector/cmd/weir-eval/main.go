// Command weir-eval plays generated traffic of known truth and writes the page about how well the detectors do: make eval.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/weirflow/weir/collector/internal/quality"
)

func main() {
	var cfg quality.PageConfig
	flag.StringVar(&cfg.Out, "out", "docs/detection-quality.md", "page to write")
	flag.IntVar(&cfg.Days, "days", 7, "days of quiet traffic")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := quality.WritePage(ctx, cfg, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "weir-eval:", err)
		os.Exit(1)
	}
}
