package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/elastic/check"
	"github.com/weirflow/weir/packaging/command"
)

func newCheck(std command.Streams) *cobra.Command {
	var at where
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what keeps documents from the server, in a sentence each",
		Long: `Say what keeps documents from the server, in a sentence each: whether it is reached and trusted, who it takes us for and what that user may
do, whether templates are of the right version, whether disks are full. The exit code is 1 where something is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, cfg, err := at.connect()
			if err != nil {
				return err
			}
			defer c.Stop()
			list, err := check.Run(cmd.Context(), c, cfg)
			if err != nil {
				return err
			}
			for _, f := range list {
				fmt.Fprintf(std.Out, "%-5s  %s\n", f.Level, f.Text)
			}
			if check.Failed(list) {
				return command.ErrSaid
			}
			return nil
		},
	}
	at.flags(cmd)
	return cmd
}
