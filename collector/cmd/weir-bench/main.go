// Command weir-bench measures Weir beside goflow2, nfdump and pmacct on this machine, and with long histories, and prints reports: make
// bench and make bench-history.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/weirflow/weir/collector/internal/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench.Main(ctx, os.Args[1:], bench.Streams{Out: os.Stdout, Log: os.Stderr, Terminal: bench.IsTerminal(os.Stderr)}); err != nil {
		fmt.Fprintln(os.Stderr, "weir-bench:", err)
		os.Exit(1)
	}
}
