package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
)

func newReplay(std command.Streams) *cobra.Command {
	var conf configFlag
	var data, speed string
	var outputs bool
	cmd := &cobra.Command{
		Use:   "replay FILE... --data DIR",
		Short: "Run captures through the whole pipeline on their own clock",
		Long: `Runs captures (pcap, pcapng), IPFIX files and canonical records (.jsonl) through decoding, detection and the store, merged by time, on a virtual
clock: the same input gives the same output. Records that are in DIR already are not added again. With --outputs the outputs of weir.yaml are told of
what is found, all of it again if it was told before, and the command ends when they have taken it.`,
		Example: "  weir replay monday.pcap tuesday.pcap --data /tmp/replayed\n  weir alerts --data /tmp/replayed",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			cfg, err := conf.load(files...)
			if err != nil {
				return err
			}
			cfg.Data = data
			factor, err := parseSpeed(speed)
			if err != nil {
				return err
			}
			return runReplay(cmd.Context(), cfg, replayConfig{files, factor, outputs}, std)
		},
	}
	conf.add(cmd)
	cmd.Flags().StringVar(&data, "data", "weir-data", "data folder")
	cmd.Flags().StringVar(&speed, "speed", "max", "max, or a multiple of the capture's own speed")
	cmd.Flags().BoolVar(&outputs, "outputs", false, "tell the outputs of weir.yaml of what is found")
	return cmd
}

// parseSpeed reads max (0) or a positive factor.
func parseSpeed(text string) (float64, error) {
	if text == "max" || text == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0) || v > 1e9 {
		return 0, command.Usagef("--speed %s: use max or a number over 0", text)
	}
	return v, nil
}

// replayConfig says what is replayed.
type replayConfig struct {
	files   []string
	speed   float64 // 0: as fast as it goes
	outputs bool    // are told
}

func runReplay(ctx context.Context, cfg config.Config, what replayConfig, std command.Streams) (err error) {
	log := command.Logger(std.Err, cfg.Log.Level, cfg.Log.Format)
	core, err := pipeline.Assemble(cfg, log)
	if err != nil {
		return err
	}
	st, err := duckdb.Open(ctx, duckdb.Config{Dir: cfg.Data, MemoryLimit: cfg.Store.MemoryLimit, SealRows: cfg.Store.SealRows},
		duckdb.Deps{Log: log, Symbols: core.Symbols, Account: core.Account, Health: core.Detectors.Health.Report})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	core.Detectors.Interfaces.SetRun(pipeline.RunOf(what.files))
	outputs, err := replayOutputs(cfg, what.outputs, what.files, core, log)
	if err != nil {
		return err
	}
	if err := outputs.Start(nil); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outputs.Stop()) }()
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: replayed{outputs, st}, Sessions: replayed{outputs, st}, Alerts: []sink.Alerts{st, outputs}, Minutes: st}, time.Now)
	if err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	defer p.Stop()
	bar := newProgress(std.Err, "replaying")
	err = p.Replay(ctx, what.files, pipeline.ReplayConfig{Speed: what.speed, Progress: bar.show, Trouble: func(err error) { fmt.Fprintln(std.Err, "weir:", err) }})
	bar.done()
	if err := errors.Join(err, p.Finish(ctx), st.Flush(ctx)); err != nil {
		return err
	}
	if err := outputs.Drain(ctx); err != nil {
		return err
	}
	return replaySummary(std.Out, core, st)
}

func replaySummary(w io.Writer, core *pipeline.Core, st *duckdb.Store) error {
	var datagrams, records, stored, already, aside uint64
	for _, s := range core.Account.Streams() {
		datagrams += s.Datagrams.Load()
		records += s.Records.Load()
		stored += s.Stored.Load()
		already += s.AlreadyStored.Load()
		aside += s.SetAside.Sum()
	}
	_, err := fmt.Fprintf(w, "%d datagrams, %d records: %d stored, %d stored before, %d set aside\n", datagrams, records, stored, already, aside)
	return err
}
