package cli

import (
	"github.com/spf13/cobra"

	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/packaging/command"
)

func newRoles(std command.Streams) *cobra.Command {
	var at where
	cmd := &cobra.Command{
		Use:   "roles",
		Short: "Print roles with the least privileges, and how API keys are made",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := at.connect()
			if err != nil {
				return err
			}
			defer c.Stop()
			server, err := c.Probe(cmd.Context())
			if err != nil {
				return err
			}
			return setup.Roles(server, std.Out)
		},
	}
	at.flags(cmd)
	return cmd
}
