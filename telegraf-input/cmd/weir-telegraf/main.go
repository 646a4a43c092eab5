// Command weir-telegraf receives flow exports and writes metrics for Telegraf's inputs.execd.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/weirflow/weir/telegraf-input/execd"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a Telegraf that is gone is an error to handle, not the end
	os.Exit(execd.Run(os.Args[1:], execd.Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Signals: signals}))
}
