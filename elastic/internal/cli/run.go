package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/elastic/internal/daemon"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
)

// shipping are the flags of the commands that send documents.
type shipping struct {
	where
	data  string
	flows string
}

func (s *shipping) flags(cmd *cobra.Command) {
	s.where.flags(cmd)
	cmd.Flags().StringVar(&s.data, "data", "", "folder for what waits on disk (default: the configuration's, else ./weir-elastic-data)")
	cmd.Flags().StringVar(&s.flows, "flows", "", "what is sent of flows: all, sessions, aggregated or none (default: the configuration's, else all)")
}

// load returns the configuration with what flags say.
func (s *shipping) load() (config.Config, error) {
	c := config.Default()
	if s.config != "" {
		var err error
		if c, err = config.Load(s.config); err != nil {
			return c, err
		}
	}
	var err error
	if c.Elastic, err = s.section(); err != nil {
		return c, err
	}
	if c.Data == config.Default().Data {
		c.Data = "weir-elastic-data"
	}
	c.Data, c.Elastic.Flows = cmp.Or(s.data, c.Data), cmp.Or(s.flows, c.Elastic.Flows)
	switch c.Elastic.Flows {
	case "all", "sessions", "aggregated", "none":
		return c, nil
	}
	return c, command.Usagef("--flows %s: use all, sessions, aggregated or none", s.flows)
}

// make returns a daemon, and what ends its connections.
func (s *shipping) make(c daemon.Config, std command.Streams) (*daemon.Daemon, func(), error) {
	server, err := sink.Connect(c.Elastic)
	if err != nil {
		return nil, nil, err
	}
	d, err := daemon.New(c, daemon.Deps{Server: server, Log: command.Logger(std.Err, c.Log.Level, c.Log.Format)})
	return d, server.Stop, err
}

func newRun(std command.Streams) *cobra.Command {
	var s shipping
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Receive flow exports, watch for attacks, and send all that is found",
		Long: `Receives NetFlow, IPFIX and sFlow as weir.yaml says (UDP 2055, 4739 and 6343 without it), makes sessions, watches for attacks, and sends
documents to the cluster, until it is told to stop. What the cluster does not take waits on disk, to a limit, and is sent when it is back,
also by the next run. Nothing is sent before the templates are there: weir-elastic setup.`,
		Example: "  weir-elastic run --config /etc/weir/weir.yaml --data /var/lib/weir-elastic\n  weir-elastic run --node http://127.0.0.1:9200",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := s.load()
			if err != nil {
				return err
			}
			return run(cmd.Context(), &s, daemon.Config{Config: c}, std)
		},
	}
	s.flags(cmd)
	return cmd
}

// tellEvery is how often the counters are logged.
const tellEvery = time.Minute

func run(ctx context.Context, s *shipping, c daemon.Config, std command.Streams) error {
	d, closed, err := s.make(c, std)
	if err != nil {
		return err
	}
	defer closed()
	if err := d.Start(ctx); err != nil {
		return err
	}
	log := command.Logger(std.Err, c.Log.Level, c.Log.Format)
	log.Info("weir-elastic is up", "data", c.Data, "nodes", c.Elastic.Nodes, "flows", c.Elastic.Flows)
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			log.Info("shipped", counters(d)...)
		}
	}
	log.Info("stopping")
	if err := d.Stop(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	log.Info("stopped", counters(d)...)
	return nil
}

// counters are those that are logged.
func counters(d *daemon.Daemon) []any {
	st := d.Stats()
	var received, dropped, gaps uint64
	for _, s := range d.Account().Streams() {
		received, dropped, gaps = received+s.Records.Load(), dropped+s.Dropped.Sum(), gaps+s.Gaps.Load()
	}
	return []any{
		"records", received, "dropped_records", dropped, "gaps", gaps, "delivered", st.Delivered, "already_there", st.Already, "refused", st.Refused,
		"waiting", st.Waiting, "dropped", st.Dropped, "failures", st.Failures,
	}
}

func newReplay(std command.Streams) *cobra.Command {
	var s shipping
	var speed string
	cmd := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Send what captures hold, as if it were received",
		Long: `Runs captures (pcap, pcapng), IPFIX files and canonical records (.jsonl) through the pipeline, merged by time, on their own clock, and sends what
is found; it ends when the cluster has taken everything. What is there already is not added again. It keeps what waits in a folder of its own, replay
below the data folder, so that it goes beside weir-elastic run.`,
		Example: "  weir-elastic replay monday.pcap --node http://127.0.0.1:9200",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return command.Usagef("which files?")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			c, err := s.load()
			if err != nil {
				return err
			}
			factor := 0.0
			if speed != "max" {
				if factor, err = strconv.ParseFloat(speed, 64); err != nil || !(factor > 0) {
					return command.Usagef("--speed %s: use max or a number over 0", speed)
				}
			}
			if s.data == "" { // beside a process that receives
				c.Data = filepath.Join(c.Data, "replay")
			}
			return replay(cmd.Context(), &s, daemon.Config{Config: c, Clock: pipeline.ReceiveClock, Run: pipeline.RunOf(files)}, replayed{files, factor}, std)
		},
	}
	s.flags(cmd)
	cmd.Flags().StringVar(&speed, "speed", "max", "max, or a multiple of the capture's own speed")
	return cmd
}

// replayed is what is replayed, and how fast; 0 is as fast as it goes.
type replayed struct {
	files []string
	speed float64
}

func replay(ctx context.Context, s *shipping, c daemon.Config, r replayed, std command.Streams) error {
	d, closed, err := s.make(c, std)
	if err != nil {
		return err
	}
	defer closed()
	err = d.Replay(ctx, r.files, pipeline.ReplayConfig{Speed: r.speed, Trouble: func(err error) { fmt.Fprintln(std.Err, "weir-elastic:", err) }})
	if err := errors.Join(err, d.Stop()); err != nil {
		return err
	}
	st := d.Stats()
	_, err = fmt.Fprintf(std.Out, "%d records, %d sessions, %d changes of alerts: %d documents sent, %d there already, %d refused\n",
		st.Made["flow"], st.Made["session"], st.Made["alert-event"], st.Delivered, st.Already, st.Refused)
	return err
}
