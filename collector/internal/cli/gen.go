package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// sflowSampling is the interval of sFlow where none is given: at 1:1 every packet would be a sample.
const sflowSampling = 512

type genFlags struct {
	out, protocol, start, effects string
	active, inactive              int
	cfg                           traffic.Config
}

func newGen(std command.Streams) *cobra.Command {
	f := genFlags{cfg: traffic.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "gen SCENARIO --seed N --out DIR",
		Short: "Generate traffic of known truth: traffic.pcap, truth.jsonl, weir.yaml",
		Long: "Generates the export datagrams of a scenario with known truth. The same seed gives the same bytes.\n\nScenarios:\n" +
			scenarioList(),
		Example: "  weir gen flood --seed 5 --out /tmp/flood\n  weir replay /tmp/flood/traffic.pcap --data /tmp/flood/data",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0], std) },
	}
	fs := cmd.Flags()
	fs.Uint64Var(&f.cfg.Seed, "seed", 1, "seed of everything random")
	fs.StringVar(&f.out, "out", "", "folder to write to (required)")
	fs.StringVar(&f.protocol, "protocol", "netflow9", "netflow5, netflow9, ipfix or sflow")
	fs.Uint32Var(&f.cfg.Sampling, "sampling", f.cfg.Sampling, fmt.Sprintf("sampling interval N of 1:N (sflow: %d where not given)", sflowSampling))
	fs.IntVar(&f.active, "active", 60, "active timeout of the exporters, seconds")
	fs.IntVar(&f.inactive, "inactive", 15, "inactive timeout of the exporters, seconds")
	fs.IntVar(&f.cfg.Hosts, "hosts", f.cfg.Hosts, "inside hosts")
	fs.IntVar(&f.cfg.Days, "days", 0, "days, for scenarios without a length of their own (0: one)")
	fs.StringVar(&f.start, "start", f.cfg.Start.Format(time.RFC3339), "time of the first packet")
	fs.StringVar(&f.effects, "effects", "", "faults of exporters and network, a list of "+strings.Join(traffic.EffectNames(), ", "))
	fs.Float64Var(&f.cfg.Scale, "scale", 1, "multiplies hosts, targets and numbers of attempts")
	return cmd
}

func scenarioList() string {
	var b strings.Builder
	for _, s := range traffic.Scenarios() {
		fmt.Fprintf(&b, "  %-12s %s\n", s.Name, s.Doc)
	}
	return b.String()
}

func (f *genFlags) run(cmd *cobra.Command, scenario string, std command.Streams) error {
	if f.out == "" {
		return command.Usagef("--out DIR is required")
	}
	cfg := f.cfg
	cfg.Scenario = scenario
	cfg.Active, cfg.Inactive = time.Duration(f.active)*time.Second, time.Duration(f.inactive)*time.Second
	var err error
	if cfg.Start, err = time.Parse(time.RFC3339, f.start); err != nil {
		return command.Usagef("--start %q: want a time such as 2026-03-02T00:00:00Z", f.start)
	}
	if cfg.Effects, err = traffic.ParseEffects(f.effects); err != nil {
		return command.Usage(err)
	}
	if cfg.Protocol, err = encode.ParseProtocol(f.protocol); err != nil {
		return command.Usage(err)
	}
	if cfg.Protocol == encode.SFlow5 && !cmd.Flags().Changed("sampling") {
		cfg.Sampling = sflowSampling
	}
	if err := cfg.Validate(); err != nil {
		return command.Usage(err)
	}
	bar := newProgress(std.Err, "generating")
	cfg.Progress = bar.show
	result, err := traffic.WriteDir(cmd.Context(), cfg, f.out)
	bar.done()
	if err != nil {
		return fmt.Errorf("generate %s: %w", scenario, err)
	}
	fmt.Fprintf(std.Out, "%s: %d records, %d entries of truth\n", f.out, result.Records, len(result.Truth))
	return nil
}
