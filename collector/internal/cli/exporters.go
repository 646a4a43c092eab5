package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
)

func newExporters(std command.Streams) *cobra.Command {
	var src source
	var out format
	var wide bool
	cmd := &cobra.Command{
		Use:   "exporters",
		Short: "Show who sends, and what was lost of it",
		Long: `Shows each exporter, observation domain and protocol with its loss account: datagrams = decoded + refused, sets = decoded +
waiting + expired, records = stored + already stored + set aside + dropped + in flight; gaps are lost on the way. Shows the sampling
interval 1:N, too, and which detectors find nothing at it, and names what is wrong with an exporter. With --health it shows how well
each one exports instead: age of templates and options, flow timeouts as learned, clock, gap rate, TCP records without flags and with
SYN, connections seen both ways, other exporters' copies, flows exported twice, records a second, flows against interface counters.
docs/health.md explains the columns.`,
		Example: "  weir exporters\n  weir exporters --health\n  weir exporters --format json | jq '.[] | select(.gaps > 0)'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return runExporters(cmd.Context(), &src, out, wide, std)
		},
	}
	src.add(cmd)
	out.add(cmd)
	cmd.Flags().BoolVar(&wide, "health", false, "how well each exports, instead of its loss account (json has both)")
	return cmd
}

func runExporters(ctx context.Context, src *source, out format, wide bool, std command.Streams) error {
	engine, closer, err := src.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	list, err := engine.Exporters(ctx)
	if err != nil {
		return err
	}
	if list == nil {
		list = []query.Exporter{}
	}
	if out == "json" {
		return writeJSON(std.Out, list)
	}
	if wide {
		return showHealth(std.Out, list)
	}
	return showExporters(std.Out, list)
}

// showExporters prints the loss accounts as a table.
func showExporters(w io.Writer, list []query.Exporter) error {
	t := table{header: []string{"EXPORTER", "DOMAIN", "PROTOCOL", "LAST SEEN", "DATAGRAMS", "RECORDS", "STORED", "ASIDE", "IN FLIGHT", "GAPS", "WAITING", "TEMPLATES", "SAMPLING", "CLOCK", "TROUBLE"}}
	for i := range list {
		t.add(exporterRow(&list[i])...)
	}
	if err := t.write(w); err != nil {
		return err
	}
	return errors.Join(showBlind(w, list), showFaults(w, list))
}

// showBlind says of each exporter what cannot be seen at its sampling interval.
func showBlind(w io.Writer, list []query.Exporter) error {
	for i := range list {
		e := &list[i]
		if e.Sampling == nil || len(e.CannotSee) == 0 {
			continue
		}
		at := "at " + e.Sampling.String()
		if e.Sampling.Interval == nil {
			at = "while sampling is unknown"
		}
		if _, err := fmt.Fprintf(w, "%s domain %d %s: cannot be seen %s: %s\n", e.IP, e.Domain, e.Protocol, at, strings.Join(e.CannotSee, ", ")); err != nil {
			return err
		}
	}
	return nil
}

func exporterRow(e *query.Exporter) []string {
	seen := "-"
	if e.LastSeen != nil {
		seen = clock(*e.LastSeen)
	}
	protocol := e.Protocol
	if protocol == "" {
		protocol = "-"
	}
	var aside uint64
	for _, n := range e.SetAside {
		aside += n
	}
	u := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return []string{
		exporterName(e), u(uint64(e.Domain)), protocol, seen, u(e.Datagrams), u(e.Records), u(e.Stored), u(aside),
		strconv.FormatInt(e.InFlight, 10), u(e.Gaps), strconv.FormatInt(e.Waiting, 10), strconv.FormatInt(e.Templates, 10), samplingText(e.Sampling), clockState(e.Clock), trouble(e),
	}
}

// exporterName returns the address, with what else tells the device apart: "10.0.0.1 from 192.0.2.1:40001".
func exporterName(e *query.Exporter) string {
	from := e.Source
	if e.Port != 0 {
		from = net.JoinHostPort(cmp.Or(from, e.IP), strconv.Itoa(int(e.Port)))
	}
	switch {
	case from == "":
		return e.IP
	case e.Source == "":
		return from
	}
	return e.IP + " from " + from
}

func samplingText(s *query.Sampling) string {
	if s == nil {
		return "-"
	}
	return s.String() + " " + s.Source
}

// clockState is "good", "good 37.2 s ahead ±0.05 s, 80 ppm, corrected", "bad (unsteady)".
func clockState(c *query.Clock) string {
	if c == nil {
		return "-"
	}
	text := c.Status
	if c.Reason != "" {
		text += " (" + c.Reason + ")"
	}
	if c.OffsetMs == nil {
		return text
	}
	ms, side := *c.OffsetMs, "behind"
	if ms < 0 {
		ms, side = -ms, "ahead"
	}
	text += fmt.Sprintf(" %.3f s %s ±%.3f s", float64(ms)/1e3, side, float64(*c.UncertaintyMs)/1e3)
	if c.DriftPPM >= 1 || c.DriftPPM <= -1 {
		text += fmt.Sprintf(", %+.0f ppm", c.DriftPPM)
	}
	if c.Corrected {
		text += ", corrected"
	}
	return text
}

// trouble names everything that was refused, expired, dropped or malformed.
func trouble(e *query.Exporter) string {
	var parts []string
	for _, kind := range []struct {
		name string
		by   map[string]uint64
	}{{"refused", e.Refused}, {"expired", e.SetsExpired}, {"dropped", e.Dropped}, {"error", e.Errors}} {
		for _, reason := range slices.Sorted(maps.Keys(kind.by)) {
			parts = append(parts, fmt.Sprintf("%s(%s) %d", kind.name, reason, kind.by[reason]))
		}
	}
	if e.Restarts > 0 {
		parts = append(parts, fmt.Sprintf("restarts %d", e.Restarts))
	}
	if e.Clashes > 0 {
		parts = append(parts, fmt.Sprintf("clashes %d", e.Clashes))
	}
	if e.SampleDrops > 0 {
		parts = append(parts, fmt.Sprintf("samples dropped by the agent %d", e.SampleDrops))
	}
	if e.SampleGaps > 0 {
		parts = append(parts, fmt.Sprintf("samples missing %d", e.SampleGaps))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, ", ")
}
