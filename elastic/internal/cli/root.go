// Package cli is the command line of weir-elastic: one file a command. Commands print results on stdout and errors on stderr, and return 0
// on success, 1 on a failed run, 2 on wrong use.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/shared/config"
)

// Streams are the standard streams a command uses.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError marks errors of wrong use: exit code 2.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// errWrong says that a check found something, and has said so.
var errWrong = errors.New("something is wrong")

// Run runs the command line args and returns the exit code.
func Run(ctx context.Context, args []string, std Streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	cmd, err := root.ExecuteContextC(ctx)
	var (
		usage usageError
		wrong config.Errors
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errWrong):
		return exitFailed
	case errors.As(err, &wrong):
		fmt.Fprintf(std.Err, "weir-elastic: %v\n", err)
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(std.Err, "weir-elastic: %v\nSee '%s --help'.\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(std.Err, "weir-elastic: %v\n", err)
	return exitFailed
}

func newRoot(std Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "weir-elastic",
		Short: "Flows, sessions and alerts for Elasticsearch and OpenSearch",
		Long: `Flows, sessions and alerts for Elasticsearch and OpenSearch.

The cluster is named in weir.yaml below elastic, or by --node.`,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newSetup(std), newCheck(std), newRun(std), newReplay(std))
	return root
}

// noArgs refuses arguments.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown argument %q", args[0])}
	}
	return nil
}
