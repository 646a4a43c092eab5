// Command weir is the collector: it receives flow exports, stores them, finds attacks and answers questions about both.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/weirflow/weir/collector/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
