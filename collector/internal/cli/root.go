// Package cli is weir's command line: one file a command. Commands print results on stdout and errors on stderr, and return 0
// on success, 1 on a failed run, 2 on wrong use.
package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
)

// Run runs the command line args and returns the exit code.
func Run(ctx context.Context, args []string, std command.Streams) int {
	return command.Run(ctx, newRoot(std), args, std)
}

func newRoot(std command.Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "Network flows received, stored, searched, and watched for attacks",
		Long: `weir receives NetFlow v5/v9, IPFIX and sFlow, keeps every record, and reports attacks.

  weir demo                     see it work: a scenario with a flood, played through real sockets
  weir run                      the collector: UDP 2055, 4739 and 6343, data in ./weir-data
  weir query 'destination.port : 53' --by source.ip --from now-1h
  weir sessions 'client.ip : 10.1.2.3' --from now-1h
  weir alerts                   what was found`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return command.Usagef("unknown command %q%s", args[0], suggestion(cmd.SuggestionsFor(args[0])))
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newRun(std), newDemo(std), newDecode(std), newReplay(std), newEval(std), newSend(std), newQuery(std), newSessions(std),
		newAlerts(std), newPivots(std), newPcap(std), newExporters(std), newDoctor(std), newInterfaces(std), newFilter(std), newPolicy(std), newSettings(std), newToken(std), newSeal(std), newGen(std), newConfig(std))
	return root
}

func suggestion(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(names, " or ") + "?"
}
