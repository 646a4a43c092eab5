package conformance

import (
	"math/rand/v2"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// intervals and zones of random questions. Random records lie within minutes, so that long intervals have few buckets.
var (
	intervals = []string{"7s", "1m", "5m", "1h", "1d", "2d", "1w"}
	zones     = []string{"", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Auckland"}
	backs     = []string{"1m", "5m", "1h", "1d", "2w"}
	fills     = []query.Fill{"", query.FillZero, query.FillNull, query.FillNone}
	rates     = []query.Measure{query.Bytes, query.Packets, query.BPS, query.PPS}
)

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// asSeries makes a series, a percentile, a comparison or one of both directions of a question, as far as the draw is valid.
func asSeries(rng *rand.Rand, q query.Question, valid func(query.Question) bool) query.Question {
	for _, change := range []func(*query.Question){
		func(q *query.Question) {
			q.Interval, q.Zone, q.Fill = pick(rng, intervals), pick(rng, zones), pick(rng, fills)
		},
		func(q *query.Question) { q.Percentile = []float64{0.1, 50, 95, 100}[rng.IntN(4)] },
		func(q *query.Question) { q.Compare = pick(rng, backs) },
		func(q *query.Question) { q.Direction = query.DirectionBoth },
		func(q *query.Question) { q.Spread = true },
		func(q *query.Question) {
			order := rng.Perm(len(rates))
			q.More = []query.Measure{rates[order[0]], query.Flows, rates[order[1]]}[:1+rng.IntN(3)]
		},
	} {
		changed := q
		if change(&changed); rng.IntN(2) == 0 && valid(changed) {
			q = changed
		}
	}
	return q
}

// within bounds a question around the records of a batch, for what needs bounds.
func within(rng *rand.Rand, q query.Question, around time.Time) query.Question {
	if q.From.IsZero() && rng.IntN(2) == 0 {
		q.From = around.Add(-time.Duration(rng.IntN(7200)) * time.Second)
	}
	if q.To.IsZero() && rng.IntN(2) == 0 {
		q.To = around.Add(time.Hour + time.Duration(rng.IntN(7200))*time.Second)
	}
	return q
}
