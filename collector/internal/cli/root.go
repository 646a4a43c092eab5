// Package cli is weir's command line: one file a command. Commands print results on stdout and errors on stderr, and return 0
// on success, 1 on a failed run, 2 on wrong use.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
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

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Run runs the command line args and returns the exit code.
func Run(ctx context.Context, args []string, std Streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(std.Err, "weir: %v\nSee '%s --help'.\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(std.Err, "weir: %v\n", err)
	return exitFailed
}

func newRoot(std Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "Network flows received, stored, searched, and watched for attacks",
		Long: `weir receives NetFlow v5/v9, IPFIX and sFlow, keeps every record, and reports attacks.

  weir demo                     see it work: a scenario with a flood, played through real sockets
  weir run                      the collector: UDP 2055, 4739 and 6343, data in ./weir-data
  weir query 'destination.port : 53' --by source.ip --from now-1h
  weir sessions 'client.ip : 10.1.2.3' --from now-1h
  weir alerts                   what was found`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return usagef("unknown command %q%s", args[0], suggestion(cmd.SuggestionsFor(args[0])))
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newRun(std), newDemo(std), newDecode(std), newReplay(std), newEval(std), newSend(std), newQuery(std), newSessions(std),
		newAlerts(std), newPivots(std), newPcap(std), newExporters(std), newDoctor(std), newInterfaces(std), newFilter(std), newPolicy(std), newSettings(std), newToken(std), newSeal(std), newGen(std), newConfig(std))
	for _, c := range root.Commands() {
		asUsage(c)
	}
	return root
}

func suggestion(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(names, " or ") + "?"
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

// logger writes to stderr; level is a name of slog's, format text or json.
func logger(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
