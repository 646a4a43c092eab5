package bench

import (
	"fmt"
	"io"
	"strings"

	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/shared/query"
)

// report writes the tables of a run.
func (l *latency) report(w io.Writer, list []timing, load sending, used usage) error {
	m := l.marker
	size, err := perRecord(history.DataDir(l.cfg.Dir), m.Stored)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\n\n## Questions over %d days\n\n", machine(), m.Days)
	fmt.Fprintf(w, "%.1f million records and %.1f million sessions from %s to %s. Meanwhile %d records/s came in for %s: %s. The collector was ready %s after its start; peak RSS %d MiB. On disk %s. Each was asked %d times.\n\n",
		float64(m.Stored)/1e6, float64(m.Sessions)/1e6, m.Start.Format("2006-01-02 15:04"), m.End().Format("2006-01-02 15:04"), l.cfg.Rate,
		load.length.Round(1e9), load, show(l.ready), used.rss>>20, size, l.cfg.Rounds)
	fmt.Fprintln(w, "| asked together | questions | median | worst | wanted | answers |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, t := range list {
		fmt.Fprintf(w, "| %s | %d | %s | %s | < %s: %s | %s |\n", t.occasion.name, len(t.panels), show(t.together.median()), show(t.together.worst()),
			show(t.occasion.within), met(t.together.worst() < t.occasion.within), degrees(t.outcomes))
	}
	fmt.Fprintln(w, "\n| asked together | question | median | worst | rows | answer |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, t := range list {
		for i, p := range t.panels {
			fmt.Fprintf(w, "| %s | %s | %s | %s | %d | %s |\n", t.occasion.name, p.name, show(t.each[i].median()), show(t.each[i].worst()), t.outcomes[i].rows, t.outcomes[i])
		}
	}
	_, err = fmt.Fprintln(w)
	return err
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "**missed**"
}

// degrees counts the answers of each degree of exactness.
func degrees(list []outcome) string {
	var parts []string
	for _, degree := range []query.Exactness{query.Exact, query.Approximate, query.Spread} {
		n := 0
		for _, o := range list {
			if o.exactness == degree {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, degree))
		}
	}
	return strings.Join(parts, ", ")
}
