package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

type interfaceFlags struct {
	source
	span
	format
	exporter, name, by string
	index              uint32
	hasIndex           bool
	vlans, processors  bool
	interval           time.Duration
	limit              int
}

func newInterfaces(std command.Streams) *cobra.Command {
	var f interfaceFlags
	cmd := &cobra.Command{
		Use:   "interfaces",
		Short: "Show exporters' interfaces: names, use, errors, and flows beside counters",
		Long: `Shows each interface of the exporters, a line a direction: its rate now, on average, at its peak and the one that 95 % of the minutes
do not pass, by counters from SNMP or sFlow; what part of its speed that is; errors and discards; and what flow records say of the same
minutes, with the difference to the counters and how far sampling leaves it uncertain. With --vlans and --processors, what
exporters say of these instead, by sFlow. With --interval, a line for each bin. See docs/interfaces.md.`,
		Example: `  weir interfaces
  weir interfaces --exporter 192.0.2.1 --name 'ge-0/0/*' --from now-24h
  weir interfaces --exporter 192.0.2.1 --index 3 --interval 5m --from now-6h
  weir interfaces --processors --from now-1d
  weir interfaces --vlans --index 100 --interval 1m
  weir interfaces --from now-1d --format json | jq '.[] | select(.in.peak_share > 0.8) | .name'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			f.hasIndex = cmd.Flags().Changed("index")
			return f.run(cmd.Context(), std)
		},
	}
	f.source.add(cmd)
	f.span.add(cmd)
	f.format.add(cmd)
	fs := cmd.Flags()
	fs.Lookup("from").DefValue, f.from, f.minutes = "now-1h", "now-1h", true
	fs.BoolVar(&f.vlans, "vlans", false, "show VLANs instead of interfaces")
	fs.BoolVar(&f.processors, "processors", false, "show processors instead of interfaces")
	cmd.MarkFlagsMutuallyExclusive("vlans", "processors")
	fs.StringVar(&f.exporter, "exporter", "", "only this exporter")
	fs.Uint32Var(&f.index, "index", 0, "only the interface with this ifIndex, or VLAN or processor with this number")
	fs.StringVar(&f.name, "name", "", "only interfaces with this name or alias; * stands for any text")
	fs.StringVar(&f.by, "source", "", "whose counters: snmp or sflow (default: of both those that cover more)")
	fs.DurationVar(&f.interval, "interval", 0, "show bins of this length, whole minutes")
	fs.IntVar(&f.limit, "limit", 0, "at most this many interfaces (default: all)")
	return cmd
}

func (f *interfaceFlags) run(ctx context.Context, std command.Streams) error {
	q := query.InterfaceQuestion{
		Exporter: f.exporter, Name: f.name, Source: f.by, Interval: int(f.interval / time.Second), Points: f.interval > 0, Limit: f.limit,
	}
	switch {
	case f.vlans:
		q.Kind = interfaces.KindVLAN.String()
	case f.processors:
		q.Kind = interfaces.KindProcessor.String()
	}
	if f.hasIndex {
		q.Index = &f.index
	}
	if err := q.Check(); err != nil {
		return command.Usage(err)
	}
	if f.interval%time.Second != 0 {
		return command.Usagef("--interval %s is not a number of whole minutes", f.interval)
	}
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	if q.From, q.To, err = f.times(ctx, engine); err != nil {
		return err
	}
	list, err := engine.Interfaces(ctx, q)
	switch {
	case err != nil:
		return err
	case list == nil:
		list = []query.Interface{}
	}
	if f.format == "json" {
		return writeJSON(std.Out, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(std.Out, "no %s in this time\n", kindTexts[q.Kind])
		return err
	}
	return f.show(std.Out, list)
}

// kindTexts are names of the kinds.
var kindTexts = map[string]string{"": "interfaces", "vlan": "VLANs", "processor": "processors"}

// show prints a line or two for each, or one for each bin.
func (f *interfaceFlags) show(w io.Writer, list []query.Interface) error {
	points := f.interval > 0
	switch {
	case f.vlans:
		return showVLANs(w, list, points)
	case f.processors:
		return showProcessors(w, list, points)
	case points:
		return showPoints(w, list)
	}
	return showInterfaces(w, list)
}

// showInterfaces prints two lines an interface: in and out.
func showInterfaces(w io.Writer, list []query.Interface) error {
	t := table{header: []string{
		"EXPORTER", "INDEX", "NAME", "ALIAS", "SPEED", "STATUS", "BY", "", "NOW", "AVERAGE", "PEAK", "95 %", "USE", "ERRORS", "DISCARDS", "FLOWS", "DIFFERENCE",
	}}
	for i := range list {
		f := &list[i]
		speed := "-"
		if f.Speed != nil {
			speed = human(float64(*f.Speed), "bit/s")
		}
		t.add(append([]string{
			f.Exporter, strconv.FormatUint(uint64(f.Index), 10), cmp.Or(f.Name, "-"), cmp.Or(f.Alias, "-"), speed, statusOf(f), cmp.Or(f.Source, "flows"), "in",
		}, sideCells(&f.In, framesIn(f.Ethernet))...)...)
		t.add(append([]string{"", "", "", "", "", "", "", "out"}, sideCells(&f.Out, framesOut(f.Ethernet))...)...)
	}
	return t.write(w)
}

func statusOf(f *query.Interface) string {
	switch {
	case f.Admin == "down":
		return "off"
	case f.Oper == "":
		return "-"
	}
	return f.Oper
}

// sideCells shows a direction; errors are what Ethernet says of them.
func sideCells(s *query.InterfaceSide, errors string) []string {
	return []string{
		rateCell(s.Now), rateCell(s.Avg), rateCell(s.Peak), rateCell(s.P95), shareCell(s.PeakUse, false),
		countCell(s.Errors) + errors, countCell(s.Discards), rateCell(s.Flow.BPS), differenceCell(&s.Flow),
	}
}

func rateCell(v *float64) string {
	if v == nil {
		return "-"
	}
	return human(*v, "bit/s")
}

func countCell(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', 0, 64)
}

// shareCell shows a share in percent, with its sign where that matters.
func shareCell(v *float64, signed bool) string {
	if v == nil {
		return "-"
	}
	format := "%.1f %%"
	if signed {
		format = "%+.1f %%"
	}
	return fmt.Sprintf(format, *v*100)
}

// differenceCell shows by how much flows exceed counters, and how far that is uncertain; where that is too far, so much alone.
func differenceCell(s *query.FlowSum) string {
	switch {
	case s.Difference == nil || s.Error == nil || *s.Error < 0.0005:
		return shareCell(s.Difference, true)
	case *s.Error > interfaces.SureError:
		return fmt.Sprintf("- (too few sampled: ±%.0f %%)", *s.Error*100)
	}
	return fmt.Sprintf("%s ±%.1f %%", shareCell(s.Difference, true), *s.Error*100)
}

// showPoints prints a line a bin.
func showPoints(w io.Writer, list []query.Interface) error {
	t := table{header: []string{"EXPORTER", "INDEX", "NAME", "TIME", "IN", "USE", "FLOWS", "OUT", "USE", "FLOWS", "ERRORS", "DISCARDS"}}
	for i := range list {
		f := &list[i]
		for j := range f.Points {
			p := &f.Points[j]
			t.add(f.Exporter, strconv.FormatUint(uint64(f.Index), 10), cmp.Or(f.Name, "-"), clock(p.Time),
				rateCell(p.In.BPS), shareCell(p.In.Share, false), rateCell(p.In.FlowBPS), rateCell(p.Out.BPS), shareCell(p.Out.Share, false), rateCell(p.Out.FlowBPS),
				countCell(p.In.Errors)+"/"+countCell(p.Out.Errors), countCell(p.In.Discards)+"/"+countCell(p.Out.Discards))
		}
	}
	return t.write(w)
}
