package query

import (
	"cmp"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Other stands in the group columns of the last row of a truncated answer, which holds what the rows after the limit add up to.
const Other = "other"

// Group is a row of an answer before it is shown: the groups' values and the sum. Values of kind 0 stand for absent.
type Group struct {
	Values []flow.Value
	Sum    uint64 // bytes, packets, flows or the distinct values
}

// Compare orders groups as rows are: by sum, greatest first, then by the values of each field in turn, absent ones last.
// Numbers, addresses and times order as such, identities as (datagram, set, record), texts by their bytes.
func (p *Plan) Compare(a, b *Group) int {
	if a.Sum != b.Sum {
		return cmp.Compare(b.Sum, a.Sum)
	}
	for i, f := range p.Groups {
		if c := compareValues(f, a.Values[i], b.Values[i]); c != 0 {
			return c
		}
	}
	return 0
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
	// Groups are those after Offset and up to Limit, ordered by [Plan.Compare]; one without values for a total.
	Groups []Group
	// Rest is the sum over the groups after the limit, and More says whether there are any.
	Rest uint64
	More bool
	// First and Last bound @timestamp of all selected records, for rates; see [Plan.Seconds].
	First, Last int64
}

// Answer shapes what an engine found.
func (p *Plan) Answer(found Rows, loss Loss) Result {
	res := Result{Columns: p.Columns(), Rows: make([][]any, 0, len(found.Groups)+1), Exactness: Exact, Loss: loss, Truncated: found.More}
	seconds := p.Seconds(found.First, found.Last)
	for _, g := range found.Groups {
		row := make([]any, 0, len(g.Values)+1)
		for _, v := range g.Values {
			row = append(row, Shown(v))
		}
		res.Rows = append(res.Rows, append(row, p.measured(g.Sum, seconds)))
	}
	// Distinct values of several groups don't add up: the same value may be in many.
	if found.More && p.Measure != Distinct {
		row := make([]any, 0, len(p.Groups)+1)
		for range p.Groups {
			row = append(row, Other)
		}
		res.Rows = append(res.Rows, append(row, p.measured(found.Rest, seconds)))
	}
	return res
}

func (p *Plan) measured(sum uint64, seconds float64) any {
	switch p.Measure {
	case BPS:
		return float64(sum) * 8 / seconds
	case PPS:
		return float64(sum) / seconds
	}
	return sum
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
