package query

import (
	"fmt"
	"time"
)

// Caps of series.
const (
	MaxBuckets = MaxLimit // of a range, and rows of a series
	// MaxPieces is the most parts into which the records of a question with Spread are cut: one a record and bucket.
	MaxPieces = 20_000_000
	// MaxSpread is how much of a record's duration counts: one that is longer is laid over its last day.
	MaxSpread = 24 * time.Hour
	// MinSpread is the shortest interval with Spread.
	MinSpread = time.Minute
)

func (p *Plan) prepareMore() error {
	seen := map[Measure]bool{p.Measure: true}
	for _, m := range p.More {
		_, known := m.unit()
		switch {
		case !known:
			return &Error{Part: "more", Text: fmt.Sprintf("no measure %s", m)}
		case m == Distinct || m == Sessions || p.Measure == Distinct || p.Measure == Sessions:
			return &Error{Part: "more", Text: fmt.Sprintf("%s and %s are not of the same records: ask one by one", p.Measure, m)}
		case seen[m]:
			return &Error{Part: "more", Text: string(m) + " is there twice"}
		}
		seen[m] = true
	}
	return nil
}

func (p *Plan) prepareStep() (err error) {
	if p.zone, err = loadZone(p.Zone); err != nil {
		return err
	}
	switch {
	case p.Fill != "" && p.Fill != FillZero && p.Fill != FillNull && p.Fill != FillNone:
		return &Error{Part: "fill", Text: fmt.Sprintf("%q is not zero, null or none", p.Fill)}
	case p.Percentile < 0 || p.Percentile > 100 || p.Percentile != p.Percentile:
		return &Error{Part: "percentile", Text: fmt.Sprintf("%v is not between 0 and 100", p.Percentile)}
	case p.Interval == "" && p.Percentile > 0:
		return &Error{Part: "percentile", Text: "name the interval whose sums or rates it is of, for example 5m"}
	case p.Interval == "":
		return nil
	}
	if p.Step, err = ParseInterval("interval", p.Interval); err != nil {
		return err
	}
	p.Step.Zone = p.zone
	if p.Percentile > 0 && p.Step.Days > 0 && p.zone != time.UTC {
		return &Error{Part: "percentile", Text: "the days of a zone differ in length: choose a shorter interval, or days in UTC"}
	}
	for _, f := range p.Groups {
		if f.Name == timeColumn && p.Percentile == 0 {
			return &Error{Part: "by", Text: timeColumn + " is a column of every series: leave it out"}
		}
	}
	return nil
}

func (p *Plan) prepareCompare() (err error) {
	if p.Compare == "" {
		return nil
	}
	if p.back, err = ParseInterval("compare", p.Compare); err != nil {
		return err
	}
	switch {
	case !p.HasStart || !p.HasStop:
		return &Error{Part: "compare", Text: "name from and to: the range that is compared with an earlier one"}
	case p.Direction != "" || len(p.More) > 0:
		return &Error{Part: "compare", Text: "one measure of one direction can be compared: ask one by one"}
	case p.Step.Width > 0 && p.back.Width%p.Step.Width != 0:
		return &Error{Part: "compare", Text: fmt.Sprintf("%s is not a multiple of the interval, %s", p.Compare, p.Interval)}
	}
	return nil
}

// earlier returns a time moved back by Compare: by days of the zone, unless buckets are shorter than days.
func (p *Plan) earlier(t time.Time) time.Time {
	if p.back.Days > 0 && (p.Step.Width == 0 || p.Step.Days > 0) {
		return t.In(p.zone).AddDate(0, 0, -p.back.Days).UTC()
	}
	return t.Add(-p.back.Width)
}

func (p *Plan) prepareSpread() error {
	if !p.Spread {
		return nil
	}
	switch p.Measure {
	case Bytes, Packets, BPS, PPS:
	default:
		return &Error{Part: "spread", Text: fmt.Sprintf("bytes, packets and their rates can be spread, not %s", p.Measure)}
	}
	switch {
	case len(p.More) > 0:
		return &Error{Part: "spread", Text: "one measure can be spread: ask one by one"}
	case p.Step.Width < MinSpread:
		return &Error{Part: "spread", Text: "name an interval of at least a minute over which records are spread"}
	}
	return nil
}

// prepareBounds cuts the range where both bounds are known, so that a range of too many buckets is refused before anything is read.
func (p *Plan) prepareBounds() error {
	if p.Step.Width == 0 || !p.HasStart || !p.HasStop {
		return nil
	}
	return p.Cut(p.Start, p.Stop-1)
}

// Cut counts the buckets of a plan with an interval. Bounds that the question lacks are taken from first and last: the least and the
// greatest @timestamp of all selected records, in ns. Errors are *[Error].
func (p *Plan) Cut(first, last int64) error {
	if p.HasStart {
		first = p.Start
	}
	if p.HasStop {
		last = p.Stop - 1
	}
	p.base = p.Step.Number(first)
	n := p.Step.Number(max(last, first)) - p.base + 1
	if n > MaxBuckets || n < 1 {
		return &Error{Part: "interval", Text: fmt.Sprintf("more than %d buckets of %s: choose a longer interval", MaxBuckets, p.Interval)}
	}
	p.Buckets = int(n)
	return nil
}

// CheckPieces refuses a question with Spread whose records make too many parts. Errors are *[Error].
func (p *Plan) CheckPieces(n uint64) error {
	if n <= MaxPieces {
		return nil
	}
	return &Error{Part: "spread", Text: fmt.Sprintf("the records make %d parts, at most %d can be spread: choose a longer interval or a shorter range", n, MaxPieces)}
}

// PercentileRank returns which of the buckets, counted from 1 in ascending order, holds the percentile: the least that at least that
// part of all buckets do not pass.
func (p *Plan) PercentileRank() int {
	exact := p.Percentile * float64(p.Buckets) / 100
	rank := int(exact)
	// Less than a billionth is what the division adds to a whole number.
	if exact-float64(rank) > 1e-9 {
		rank++
	}
	return min(max(rank, 1), max(p.Buckets, 1))
}

// Seconds returns the length of the time range by which rates are divided, at least 1 s. Bounds that the question lacks are
// taken from first and last: the least and the greatest @timestamp of all selected records, in ns.
func (p *Plan) Seconds(first, last int64) float64 {
	if p.HasStart {
		first = p.Start
	}
	if p.HasStop {
		last = p.Stop
	}
	return max((float64(last)-float64(first))/float64(time.Second), 1)
}

// secondsAt returns the length of the bucket at a position, by which its rates are divided: as much of it as lies in the range. What is
// spread may lie before it.
func (p *Plan) secondsAt(position int) float64 {
	begin, end := p.Step.Begin(p.base+int64(position)), p.Step.Begin(p.base+int64(position)+1)
	if p.HasStart && !p.Spread {
		begin = max(begin, p.Start)
	}
	if p.HasStop {
		end = min(end, p.Stop)
	}
	return max(float64(end-begin)/float64(time.Second), 1)
}
