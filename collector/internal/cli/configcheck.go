package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
)

func newConfig(std command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Check and show configurations", Args: cobra.NoArgs,
		Example: "  weir config check weir.yaml\n  weir config example > weir.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return command.Usagef("say what: %s check FILE or %s example", cmd.CommandPath(), cmd.CommandPath())
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:     "check FILE",
		Short:   "Report every error of a weir.yaml with line and column",
		Long:    `Reports every error of a weir.yaml with line and column, and whether what was changed through the API (in its data folder) still fits it.`,
		Example: "  weir config check /etc/weir/weir.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := config.Load(args[0])
			if err != nil {
				return err
			}
			if err := checkWhole(cfg, std); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := pipeline.CheckFiles(cfg); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			fmt.Fprintln(std.Out, args[0]+": no errors")
			return nil
		},
	}, &cobra.Command{
		Use:     "example",
		Short:   "Print a weir.yaml with every key and its default",
		Example: "  weir config example > weir.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(std.Out, config.Example)
			return err
		},
	})
	return cmd
}

// checkWhole builds a collector of a configuration, with the settings in its data folder where they can be read.
func checkWhole(cfg config.Config, std command.Streams) error {
	log := command.Logger(std.Err, "warn", "text")
	_, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{Log: log})
	if errors.Is(err, fs.ErrPermission) {
		log.Warn("what was changed through the API cannot be read by this user, and is not checked", "data", cfg.Data)
		_, err = daemon.New(daemon.Config{Config: cfg, FileAlone: true}, daemon.Deps{})
	}
	return err
}
