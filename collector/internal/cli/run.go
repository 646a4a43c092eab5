package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
)

// configFlag is the --config flag. Without it the weir.yaml beside an input file counts, where there is one.
type configFlag struct{ path string }

func (f *configFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "config", "", "weir.yaml (default: none, or the one beside the input file)")
}

// load reads the file given, or the weir.yaml beside one of the inputs, or gives the defaults.
func (f *configFlag) load(inputs ...string) (config.Config, error) {
	if f.path != "" {
		return config.Load(f.path)
	}
	for _, in := range inputs {
		beside := filepath.Join(filepath.Dir(in), "weir.yaml")
		if _, err := os.Stat(beside); err == nil {
			return config.Load(beside)
		}
	}
	return config.Default(), nil
}

func newRun(std command.Streams) *cobra.Command {
	var conf configFlag
	var data, clock string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the collector",
		Long: `Receives flow exports, stores every record and watches for attacks, until it is told to stop. Without a configuration it listens on
UDP 2055, 4739 and 6343 on all addresses (any protocol on any port), keeps its data in ./weir-data, and answers questions and metrics on
127.0.0.1:8474. Other commands ask it through the socket in its data folder.`,
		Example: "  weir run\n  weir run --config /etc/weir/weir.yaml --data /var/lib/weir",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := conf.load()
			if err != nil {
				return err
			}
			if data != "" {
				cfg.Data = data
			}
			c, err := parseClock(clock)
			if err != nil {
				return err
			}
			return runDaemon(cmd.Context(), daemon.Config{Config: cfg, Clock: c}, command.Logger(std.Err, cfg.Log.Level, cfg.Log.Format))
		},
	}
	conf.add(cmd)
	cmd.Flags().StringVar(&data, "data", "", "data folder (default: the configuration's, else ./weir-data)")
	cmd.Flags().StringVar(&clock, "clock", "wall", "processing time: wall, or export for the datagrams' export times (laboratory)")
	return cmd
}

func parseClock(name string) (pipeline.Clock, error) {
	switch name {
	case "wall":
		return pipeline.WallClock, nil
	case "export":
		return pipeline.ExportClock, nil
	}
	return 0, command.Usagef("--clock %s: use wall or export", name)
}

func runDaemon(ctx context.Context, cfg daemon.Config, log *slog.Logger) error {
	d, err := daemon.New(cfg, daemon.Deps{Log: log})
	if err != nil {
		return err
	}
	if err := d.Start(ctx); err != nil {
		return err
	}
	log.Info("weir is up", "data", cfg.Data)
	<-ctx.Done()
	log.Info("stopping")
	if err := d.Stop(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
