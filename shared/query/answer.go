package query

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Other stands in the group columns of the last row of a truncated answer, which holds what the rows after the limit add up to.
const Other = "other"

// Group is a row of an answer before it is shown: the groups' values and the sums. Values of kind 0 stand for absent.
type Group struct {
	Values []flow.Value
	Sums   []uint64 // of each lane: bytes, packets, flows or the distinct values; or the percentile of the buckets' sums
}

// CompareGroups orders groups as rows are: by the first lane (both directions: by their sum), greatest first, then by the values of each
// field in turn, absent ones last. Numbers, addresses and times order as such, identities as (datagram, set, record), texts by their
// bytes.
func (p *Plan) CompareGroups(a, b *Group) int {
	if c := p.compareSums(b.Sums, a.Sums); c != 0 {
		return c
	}
	for i, f := range p.Groups {
		if c := compareValues(f, a.Values[i], b.Values[i]); c != 0 {
			return c
		}
	}
	return 0
}

func (p *Plan) compareSums(a, b []uint64) int {
	if p.Direction != DirectionBoth {
		return cmp.Compare(a[0], b[0])
	}
	x, xCarry := bits.Add64(a[0], a[1], 0)
	y, yCarry := bits.Add64(b[0], b[1], 0)
	return cmp.Or(cmp.Compare(xCarry, yCarry), cmp.Compare(x, y))
}

func compareValues(f *flow.Field, a, b flow.Value) int {
	switch {
	case a.Kind == 0 || b.Kind == 0:
		return cmp.Compare(b.Kind, a.Kind)
	case f.Name == "event.id" || f.Name == "weir.duplicate_of":
		x, _ := flow.ParseEventID(a.S)
		y, _ := flow.ParseEventID(b.S)
		return CompareID(x, y)
	}
	switch a.Kind {
	case flow.KindInt, flow.KindTime:
		return cmp.Compare(int64(a.U), int64(b.U))
	case flow.KindFloat:
		return cmp.Compare(a.F, b.F)
	case flow.KindIP:
		return slices.Compare(a.IP[:], b.IP[:])
	case flow.KindKeyword:
		return strings.Compare(a.S, b.S)
	}
	return cmp.Compare(a.U, b.U)
}

// CompareID orders identities by datagram, set and record: the order of records with the same time.
func CompareID(a, b flow.EventID) int {
	return cmp.Or(cmp.Compare(a.Datagram.Hi, b.Datagram.Hi), cmp.Compare(a.Datagram.Lo, b.Datagram.Lo), cmp.Compare(a.Set, b.Set), cmp.Compare(a.Record, b.Record))
}

// Rows says how an engine found the groups of an answer.
type Rows struct {
	// Groups are those after Offset and up to Limit, ordered by [Plan.CompareGroups]; one without values for a total. The series of
	// no group has none.
	Groups []Group
	// Rest are the lanes' sums over the groups after the limit, and More says whether there are any.
	Rest []uint64
	More bool
	// First and Last bound @timestamp of all selected records, for rates; see [Plan.Seconds].
	First, Last int64
	// Cells are what a series is made of, in any order.
	Cells []Cell
}

// Cell is what a series has of a group in a bucket.
type Cell struct {
	Position int // of the bucket; less than 0 for what is spread over the time before the range
	Group    int // index in Groups, [OtherGroup] for those after the limit; 0 where there is no grouping
	Sums     []uint64
}

// OtherGroup stands for the groups after the limit in a [Cell].
const OtherGroup = -1

// Answer shapes what an engine found. Errors are *[Error].
func (p *Plan) Answer(found Rows, loss Loss) (Result, error) {
	res := Result{Columns: p.Columns(), Exactness: Exact, Loss: loss, Truncated: found.More}
	if p.Spread {
		res.Exactness = Spread
	}
	if p.Series() {
		var err error
		res.Rows, err = p.seriesRows(&found)
		return res, err
	}
	res.Rows = make([][]any, 0, len(found.Groups)+1)
	seconds := p.Seconds(found.First, found.Last)
	if p.Percentile > 0 {
		seconds = p.Step.Width.Seconds()
	}
	for _, g := range found.Groups {
		res.Rows = append(res.Rows, p.appendSums(shown(g.Values), g.Sums, seconds))
	}
	// Distinct values of several groups don't add up: the same value may be in many.
	if found.More && p.Sums() {
		res.Rows = append(res.Rows, p.appendSums(p.others(), found.Rest, seconds))
	}
	return res, nil
}

func shown(values []flow.Value) []any {
	row := make([]any, 0, len(values)+1)
	for _, v := range values {
		row = append(row, Shown(v))
	}
	return row
}

// others are the group columns of the last row.
func (p *Plan) others() []any {
	row := make([]any, len(p.Groups))
	for i := range row {
		row[i] = Other
	}
	return row
}

// appendSums adds the lanes' columns to a row.
func (p *Plan) appendSums(row []any, sums []uint64, seconds float64) []any {
	for i, l := range p.Lanes {
		switch l.Measure {
		case BPS:
			row = append(row, float64(sums[i])*8/seconds)
		case PPS:
			row = append(row, float64(sums[i])/seconds)
		default:
			row = append(row, sums[i])
		}
	}
	if p.Compare != "" {
		row = append(row, change(sums[0], sums[1]))
	}
	return row
}

// MaxError returns what an amount of the first measure that a group lacks at most means for its row, see [Result]; nil where that is not
// known.
func (p *Plan) MaxError(amount uint64, found *Rows) *float64 {
	if p.Step.Width > 0 {
		return nil
	}
	most := float64(amount)
	if p.Measure == BPS {
		most *= 8
	}
	if p.Measure.rate() {
		most /= p.Seconds(found.First, found.Last)
	}
	return &most
}

// change is by which part a number exceeds an earlier one: 0.5 is half as much again. There is none from 0.
func change(now, earlier uint64) any {
	if earlier == 0 {
		return nil
	}
	return float64(now)/float64(earlier) - 1
}

// Shown returns a value as it stands in a row: numbers as numbers, all else as text, absent ones (kind 0) as nil.
func Shown(v flow.Value) any {
	switch v.Kind {
	case 0:
		return nil
	case flow.KindUint:
		return v.U
	case flow.KindInt:
		return int64(v.U)
	case flow.KindFloat:
		return v.F
	}
	return v.String()
}
