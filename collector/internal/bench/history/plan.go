package history

import (
	"math"
	"time"
)

// plan says how many datagrams each hour has.
type plan struct {
	start     time.Time
	datagrams float64   // of the whole base range
	sums      []float64 // weights of the hours before; grows as hours are asked for
	base      float64   // weights of the base range
}

func newPlan(start time.Time, days int, records uint64) *plan {
	p := &plan{start: start, datagrams: float64(records / RecordsPerDatagram), sums: []float64{0}}
	p.base = p.before(days * 24)
	return p
}

// before returns the sum of the weights of the first n hours.
func (p *plan) before(n int) float64 {
	for len(p.sums) <= n {
		last := len(p.sums) - 1
		p.sums = append(p.sums, p.sums[last]+weight(p.start.Add(time.Duration(last)*time.Hour)))
	}
	return p.sums[n]
}

// upTo returns how many datagrams the first n hours have: rounded sums, so that the base range has exactly its number.
func (p *plan) upTo(n int) int { return int(math.Round(p.datagrams * p.before(n) / p.base)) }

// hour returns how many datagrams hour n has.
func (p *plan) hour(n int) int { return p.upTo(n+1) - p.upTo(n) }

// weight is the traffic of an hour beside others: it rises to its peak at three in the afternoon and falls to a quarter of that at
// night, and weekends have half of it.
func weight(hour time.Time) float64 {
	w := 1 + 0.6*math.Cos(float64(hour.Hour()-15)/24*2*math.Pi)
	if day := hour.Weekday(); day == time.Saturday || day == time.Sunday {
		w /= 2
	}
	return w
}
