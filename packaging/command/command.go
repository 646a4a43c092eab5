// Package command is what the commands of the packagings have in common: standard streams, exit codes, what wrong use is, and the log. Results
// go to standard output, errors and the log to standard error.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Streams are the standard streams that a command uses.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	OK       = 0
	Failed   = 1
	WrongUse = 2
)

// usageError marks an error of wrong use.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// Usage makes an error one of wrong use.
func Usage(err error) error { return usageError{err} }

// Usagef returns an error of wrong use.
func Usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// ErrSaid is the error of a command that has failed and has said why.
var ErrSaid = errors.New("something is wrong")

// Run runs the command line args of a program, says on standard error what was wrong, and returns the exit code. Unknown flags and wrong numbers
// of arguments are wrong use.
func Run(ctx context.Context, root *cobra.Command, args []string, std Streams) int {
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	for _, c := range root.Commands() {
		asUsage(c)
	}
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return OK
	case errors.Is(err, ErrSaid):
		return Failed
	case errors.As(err, &usage):
		fmt.Fprintf(std.Err, "%s: %v\nSee '%s --help'.\n", root.Name(), err, cmd.CommandPath())
		return WrongUse
	}
	fmt.Fprintf(std.Err, "%s: %v\n", root.Name(), err)
	return Failed
}

// asUsage makes wrong numbers of arguments errors of use, for a command and those below it.
func asUsage(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		asUsage(sub)
	}
}

// Main runs a program on this process's arguments and streams, until it ends or is told to stop by SIGINT or SIGTERM, and returns its exit code.
func Main(run func(ctx context.Context, args []string, std Streams) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}
