package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

func newFilter(std command.Streams) *cobra.Command {
	var to string
	var sessions bool
	cmd := &cobra.Command{
		Use:   "filter FILTER --to sql|elastic|spl|kql",
		Short: "Translate a filter for other tools",
		Long: `Translates FILTER, which is that of docs/filter.md, and prints it. It selects the same records in all of them.

  sql      a condition over the store's columns, with a ? for each value; then the values in order, a line each
  elastic  query DSL of Elasticsearch and OpenSearch: what stands below "query" in a search
  spl      Splunk: search terms with CIM names, and a where command for what those cannot say
  kql      KQL as Kibana reads it: the filter in its canonical form`,
		Example: "  weir filter 'source.ip : 10.0.0.0/8 and destination.port : (22 or 3389)' --to spl\n" +
			"  weir filter 'related.ip : 203.0.113.7' --to elastic\n" +
			"  weir filter 'client.ip : 10.1.2.3 and weir.tcp.state : S0' --sessions --to sql",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			write, ok := filterWriters[to]
			if !ok {
				return command.Usagef("--to %s: one of sql, elastic, spl, kql", to)
			}
			parse := filter.Parse
			if sessions {
				parse = filter.ParseSession
			}
			n, err := parse(args[0], flow.NewRegistry())
			if err != nil {
				return command.Usage(err)
			}
			return write(std.Out, n, sessions)
		},
	}
	cmd.Flags().StringVar(&to, "to", "kql", "what to translate to: sql, elastic, spl or kql")
	cmd.Flags().BoolVar(&sessions, "sessions", false, "FILTER is one on sessions")
	return cmd
}

// filterWriters print a filter in the languages that it can be translated to.
var filterWriters = map[string]func(w io.Writer, n filter.Node, sessions bool) error{
	"sql":     writeFilterSQL,
	"elastic": writeFilterElastic,
	"spl":     func(w io.Writer, n filter.Node, _ bool) error { return writeLine(w, filter.SPL(n)) },
	"kql":     func(w io.Writer, n filter.Node, _ bool) error { return writeLine(w, n.String()) },
}

func writeLine(w io.Writer, s string) error {
	_, err := fmt.Fprintln(w, s)
	return err
}

// writeFilterSQL prints the condition and then its parameters as JSON values, a line each.
func writeFilterSQL(w io.Writer, n filter.Node, sessions bool) error {
	text, args, err := duckdb.FilterSQL(n, sessions)
	if err != nil {
		return err
	}
	if err := writeLine(w, text); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, arg := range args {
		if err := enc.Encode(arg); err != nil {
			return err
		}
	}
	return nil
}

func writeFilterElastic(w io.Writer, n filter.Node, _ bool) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(filter.Elastic(n))
}
