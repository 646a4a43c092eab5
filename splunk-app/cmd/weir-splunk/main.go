// Command weir-splunk is Weir as a modular input of Splunk.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/weirflow/weir/splunk-app/internal/input"
	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a write that fails says it, and ends the input in order
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	parent := modinput.NewParent()
	os.Exit(input.Run(os.Args[1:], input.Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Signals: signals, Gone: parent.Gone}))
}
