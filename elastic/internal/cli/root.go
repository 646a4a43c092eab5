// Package cli is the command line of weir-elastic: one file a command. Commands print results on stdout and errors on stderr, and return 0
// on success, 1 on a failed run, 2 on wrong use.
package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
)

// Run runs the command line args and returns the exit code.
func Run(ctx context.Context, args []string, std command.Streams) int {
	return command.Run(ctx, newRoot(std), args, std)
}

func newRoot(std command.Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "weir-elastic",
		Short: "Flows, sessions and alerts for Elasticsearch and OpenSearch",
		Long: `Flows, sessions and alerts for Elasticsearch and OpenSearch.

The cluster is named in weir.yaml below elastic, or by --node.`,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newSetup(std), newCheck(std), newRun(std), newReplay(std))
	return root
}
