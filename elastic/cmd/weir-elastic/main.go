// Command weir-elastic sets Elasticsearch and OpenSearch up for flows, sessions and alerts, and sends them there.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/weirflow/weir/elastic/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
