//go:build cgo

package duckdb

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestNoTextReachesSQL: what a question's texts and bounds say is in the parameters, never in the statements.
func TestNoTextReachesSQL(t *testing.T) {
	from := time.Date(2026, 3, 2, 8, 7, 11, 0, time.UTC)
	base := query.Question{
		Filter: `network.application : "canary'); DROP TABLE flows; --" or source.ip : 203.0.113.77 or destination.port : 48879`,
		From:   from, To: from.Add(time.Hour), Limit: 4321, Offset: 1234,
	}
	for name, change := range map[string]func(*query.Question){
		"total":      func(q *query.Question) { q.Limit, q.Offset = 1, 0 },
		"top":        func(q *query.Question) { q.By = []string{"source.ip"} },
		"series":     func(q *query.Question) { q.By, q.Interval = []string{"source.ip"}, "5m" },
		"spread":     func(q *query.Question) { q.Interval, q.Zone, q.Spread = "1d", "Europe/Berlin", true },
		"comparison": func(q *query.Question) { q.Compare = "1w" },
		"both":       func(q *query.Question) { q.Direction = query.DirectionBoth },
		"percentile": func(q *query.Question) { q.By, q.Interval, q.Percentile = []string{"source.ip"}, "5m", 95 },
		"sessions":   func(q *query.Question) { q.Measure, q.Interval = query.Sessions, "1h" },
	} {
		t.Run(name, func(t *testing.T) {
			q := base
			change(&q)
			p, err := q.Prepare(flow.NewRegistry())
			if err != nil {
				t.Fatal(err)
			}
			st, err := newStatement(&p)
			if err != nil {
				t.Fatal(err)
			}
			from := make([]string, len(st.views))
			texts := []string{st.topText(from), st.boundsText(from)}
			if p.Series() {
				texts = append(texts, st.cellsText(from))
			}
			if p.Spread {
				texts = append(texts, st.piecesText(from))
			}
			for _, text := range texts {
				for _, secret := range []string{"canary", "DROP", "203.0.113", "3405803853", "48879", "4321", "1234", "Berlin", "2026", "08:07"} {
					if strings.Contains(text, secret) {
						t.Errorf("%q stands in %s", secret, text)
					}
				}
			}
		})
	}
}
