package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

type queryFlags struct {
	source
	span
	format
	over
	derivedFlags
	by, measure                string
	limit                      int
	records, sessions          bool
	allCopies, aside, measured bool
	exporterTimes, exact       bool
}

func newQuery(std command.Streams) *cobra.Command {
	var f queryFlags
	cmd := &cobra.Command{
		Use:   "query [FILTER]",
		Short: "Ask for totals, top lists, series, records or sessions",
		Long: `Asks for one total, a top list (--by), a series (--interval, of the top groups with --by), records (--records) or sessions (--sessions,
as weir sessions does), the values of a field (--values) or who talks to whom (--graph). FILTER is a subset of KQL over the canonical field names; see docs/filter.md and docs/fields.md. With --measure
sessions or --sessions, FILTER and --by take the fields of sessions. docs/questions.md explains every way to ask.`,
		Example: `  weir query --by source.ip --from now-15m
  weir query 'destination.ip : 10.0.0.0/8 and not network.transport : tcp' --by source.ip,destination.port --measure packets
  weir query 'related.ip : 203.0.113.7' --records --limit 20 --format json
  weir query 'weir.tcp.state : S0' --measure sessions --by client.ip,server.port --from now-1h
  weir query 'client.ip : 10.1.2.3 and server.bytes > 1000000' --sessions
  weir query --interval 5m --by network.protocol --limit 5 --measure bps --from now-6h
  weir query --by source.ip --from now-1d --compare 1w
  weir query --values network.application --prefix ms --from now-1d
  weir query 'source.ip : 10.0.0.0/8' --graph --limit 20 --from now-1h
  weir query 'source.ip : 198.51.100.0/24' --both --measure bps --interval 5m --percentile 95 --from 2026-03-01 --to 2026-04-01`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			f.measured = cmd.Flags().Changed("measure")
			if err := f.checkDerived(); err != nil {
				return err
			}
			if f.values != "" || f.graph {
				return f.runDerived(cmd.Context(), strings.Join(args, " "), std)
			}
			return f.run(cmd.Context(), strings.Join(args, " "), std)
		},
	}
	f.source.add(cmd)
	f.span.add(cmd)
	f.format.add(cmd)
	f.over.add(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.by, "by", "", "group by these fields, comma-separated: a top list")
	fs.StringVar(&f.measure, "measure", "bytes", "bytes, packets, flows, sessions, bps, pps or distinct(FIELD); several of the same records with commas between")
	fs.IntVar(&f.limit, "limit", 0, "rows (default 10; records 100; sessions 1000)")
	fs.BoolVar(&f.records, "records", false, "show records instead of sums")
	fs.BoolVar(&f.sessions, "sessions", false, "show sessions instead of sums")
	fs.StringVar(&f.values, "values", "", "the values of this field, most frequent first")
	fs.StringVar(&f.prefix, "prefix", "", "with --values: only those that begin so, in any case")
	fs.BoolVar(&f.graph, "graph", false, "who talks to whom: pairs of addresses, or of what --by names (source.as.number, ...)")
	fs.BoolVar(&f.allCopies, "all-copies", false, "count other exporters' copies of a flow too")
	fs.BoolVar(&f.aside, "invalid", false, "only records that were set aside as impossible")
	fs.BoolVar(&f.exact, "exact", false, "read every record where the answer would be approximate otherwise")
	fs.BoolVar(&f.exporterTimes, "exporter-times", false, "with --records: show the times that the exporters told, uncorrected")
	return cmd
}

func (f *queryFlags) run(ctx context.Context, filter string, std command.Streams) error {
	q, err := f.question(filter)
	if err != nil {
		return err
	}
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	if q.From, q.To, err = f.times(ctx, engine); err != nil {
		return err
	}
	switch {
	case f.sessions:
		return listSessions(ctx, engine, q, f.format, std)
	case f.records:
		return f.showRecords(ctx, engine, q, std)
	}
	res, err := engine.Aggregate(ctx, q)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(std.Out, res)
	}
	return errors.Join(showResult(std.Out, res), showMaxError(std.Out, q, res))
}

// question checks what can be checked before anything is opened, so that wrong use is exit code 2.
func (f *queryFlags) question(filter string) (query.Question, error) {
	q := query.Question{Filter: filter, Limit: f.limit, AllCopies: f.allCopies, Invalid: f.aside, Exact: f.exact}
	if f.by != "" {
		for name := range strings.SplitSeq(f.by, ",") {
			q.By = append(q.By, strings.TrimSpace(name))
		}
	}
	if f.exporterTimes && !f.records {
		return q, command.Usagef("--exporter-times is for --records: sessions and sums are of corrected times")
	}
	if f.sessions {
		return f.sessionQuestion(q)
	}
	var err error
	if err = parseMeasures(f.measure, &q); err != nil {
		return q, command.Usage(err)
	}
	if err = f.apply(&q, &f.span); err != nil {
		return q, err
	}
	if f.records && q.Measure == query.Sessions {
		return q, command.Usagef("--records shows records: use --sessions")
	}
	if f.records && f.over != (over{}) {
		return q, command.Usagef("--records lists records: leave out what makes series of them")
	}
	if _, err := f.bounded(q).Prepare(flow.NewRegistry()); err != nil {
		return q, command.Usage(err)
	}
	return q, nil
}

// sessionQuestion checks a question for a list of sessions.
func (f *queryFlags) sessionQuestion(q query.Question) (query.Question, error) {
	switch {
	case f.records:
		return q, command.Usagef("--sessions and --records exclude each other")
	case f.over != (over{}):
		return q, command.Usagef("--sessions lists sessions: for a series of them, use --measure sessions --interval")
	case f.by != "":
		return q, command.Usagef("--sessions lists sessions: to count them by %s, use --measure sessions --by %s", f.by, f.by)
	case f.measured && strings.TrimSpace(f.measure) != string(query.Sessions):
		return q, command.Usagef("--sessions lists sessions: leave --measure %s out", f.measure)
	}
	if q.Limit == 0 {
		q.Limit = defaultSessions
	}
	return q, checkSessions(q)
}

func (f *queryFlags) showRecords(ctx context.Context, e query.Engine, q query.Question, std command.Streams) error {
	b, err := e.Records(ctx, q)
	if err != nil {
		return err
	}
	if f.exporterTimes {
		for i := range b.Records {
			r := &b.Records[i]
			r.Start, r.End = r.ExporterTimes()
		}
	}
	return buffered(std.Out, func(w *bufio.Writer) error {
		if f.format == "json" {
			return recordsJSON(w, b)
		}
		return recordsTable(w, b)
	})
}

func recordsJSON(w io.Writer, b *flow.Batch) error {
	registry := flow.NewRegistry()
	return listJSON(w, len(b.Records), func(dst []byte, i int) []byte { return flow.AppendJSON(dst, registry, b, &b.Records[i]) })
}

func recordsTable(w io.Writer, b *flow.Batch) error {
	t := table{header: []string{"END", "DURATION", "PROTOCOL", "SOURCE", "DESTINATION", "FLAGS", "PACKETS", "BYTES", "SAMPLING", "EXPORTER"}}
	for i := range b.Records {
		r := &b.Records[i]
		t.add(string(flow.AppendTime(nil, r.End/1e6*1e6)), fmt.Sprintf("%.3f s", float64(r.End-r.Start)/1e9), transport(r),
			side(r, &r.Source, flow.HasSourceIP, flow.HasSourcePort), side(r, &r.Destination, flow.HasDestinationIP, flow.HasDestinationPort),
			flags(r), strconv.FormatUint(r.Packets, 10), strconv.FormatUint(r.Bytes, 10),
			strconv.FormatFloat(r.SamplingInterval, 'g', -1, 64)+" "+r.SamplingSource.String(), r.Exporter.String())
	}
	return t.write(w)
}

func transport(r *flow.Record) string {
	if r.Present&flow.HasProtocol == 0 {
		return "-"
	}
	if r.Present&flow.HasICMP != 0 {
		return fmt.Sprintf("%s %d/%d", flow.TransportName(r.IPProtocol), r.ICMPType, r.ICMPCode)
	}
	return flow.TransportName(r.IPProtocol)
}

func side(r *flow.Record, e *flow.Endpoint, ip, port flow.Presence) string {
	s := "-"
	if r.Present&ip != 0 {
		s = e.IP.String()
	}
	if r.Present&port == 0 || r.Present&flow.HasICMP != 0 {
		return s
	}
	if r.Present&ip != 0 && !e.IP.Is4() {
		s = "[" + s + "]"
	}
	return s + ":" + strconv.Itoa(int(e.Port))
}

func flags(r *flow.Record) string {
	if r.Present&flow.HasTCPFlags == 0 || r.IPProtocol != 6 {
		return "-"
	}
	const letters = "FSRPAUEC"
	b := []byte("........")
	for i := range len(letters) {
		if r.TCPFlags&(1<<i) != 0 {
			b[i] = letters[i]
		}
	}
	return string(b)
}

// showResult prints a result as a table: large numbers with units, then what is known to be missing.
func showResult(w io.Writer, res query.Result) error {
	var t table
	for _, c := range res.Columns {
		t.header = append(t.header, strings.ToUpper(c.Name))
	}
	for _, row := range res.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = cell(v, res.Columns[i])
		}
		t.add(cells...)
	}
	if err := t.write(w); err != nil {
		return err
	}
	return showTrust(w, res.Exactness, res.Loss)
}

// showMaxError says how far off a top list may be that is approximate.
func showMaxError(w io.Writer, q query.Question, res query.Result) error {
	if res.MaxError == nil || len(res.Columns) <= len(q.By) {
		return nil
	}
	_, err := fmt.Fprintf(w, "a row may lack up to %s; --exact reads every record\n", human(*res.MaxError, res.Columns[len(q.By)].Unit))
	return err
}

// showTrust says what is known to be missing, and how far numbers may be trusted that are not exact.
func showTrust(w io.Writer, exactness query.Exactness, l query.Loss) error {
	if l.Gaps+l.KernelDrops+l.Dropped > 0 {
		fmt.Fprintf(w, "\nknown to be missing%s: %d by sequence gaps, %d dropped by the kernel, %d dropped here\n", inRange(l), l.Gaps, l.KernelDrops, l.Dropped)
	}
	if l.DeletedBefore != nil {
		fmt.Fprintf(w, "\nrecords of before %s have been deleted by retention\n", clock(*l.DeletedBefore))
	}
	if exactness != query.Exact {
		fmt.Fprintf(w, "\nthe numbers are %s\n", exactness)
	}
	return nil
}

// inRange says what of a loss is of the range that was asked about, where that is known.
func inRange(l query.Loss) string {
	switch r := l.InRange; {
	case r == nil:
		return ""
	case *r == query.LossInRange{}:
		return ", none of it in this range"
	default:
		return fmt.Sprintf(" in this range: %d by sequence gaps, %d dropped by the kernel, %d dropped here; in all", r.Gaps, r.KernelDrops, r.Dropped)
	}
}

func cell(v any, c query.Column) string {
	switch n := v.(type) {
	case nil:
		return "-"
	case float64:
		if c.Name == "change" {
			return fmt.Sprintf("%+.1f %%", n*100)
		}
		if c.Unit != "" {
			return human(n, c.Unit)
		}
		return strconv.FormatFloat(n, 'g', 6, 64)
	case uint64:
		if c.Unit == "bytes" {
			return strconv.FormatUint(n, 10) + " (" + human(float64(n), "B") + ")"
		}
		return strconv.FormatUint(n, 10)
	}
	return fmt.Sprint(v)
}
