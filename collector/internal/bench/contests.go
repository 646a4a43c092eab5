package bench

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/query"
)

// contest is a question that nfdump and Weir are asked.
type contest struct {
	name   string
	wanted float64  // by how much Weir is to be faster; 0: not said
	args   []string // of nfdump
	ask    func(ctx context.Context, s *duckdb.Store) (answer, error)
	check  func(out []byte, a answer) (string, error)
}

// answer is Weir's: groups with their sums, or the number of records with the sum of their bytes.
type answer struct {
	amounts   []amount
	rows      int
	sum       uint64
	exactness query.Exactness
}

func contests(h hosts) []contest {
	busy := topList(fmt.Sprintf("top 10 destination ports of a busy host (%d records)", h.busy.records), "dstport", "destination.port")
	busy.args, busy.wanted = append(busy.args, "ip "+h.busy.ip), 0
	busy.ask = askTop(query.Question{By: []string{"destination.port"}, Filter: "related.ip : " + h.busy.ip})
	return []contest{
		topList("top 10 sources by bytes", "srcip", "source.ip"),
		topList("top 10 destinations by bytes", "dstip", "destination.ip"),
		topList("top 10 destination ports by bytes", "dstport", "destination.port"),
		totals(fmt.Sprintf("bytes of a rare host (%d records), by the hour", h.rare.records), h.rare.ip),
		totals(fmt.Sprintf("bytes of a usual host inside (%d records), by the hour", h.usual.records), h.usual.ip),
		totals(fmt.Sprintf("bytes of a busy host (%d records), by the hour", h.busy.records), h.busy.ip),
		oneHost(fmt.Sprintf("all %d records of a rare host", h.rare.records), h.rare.ip),
		oneHost(fmt.Sprintf("all %d records of a usual host inside", h.usual.records), h.usual.ip),
		busy,
	}
}

// topList is nfdump's statistic of an element, and a top list by a field.
func topList(name, element, field string) contest {
	return contest{
		name: name, wanted: 10, args: []string{"-s", element + "/bytes", "-n", "10", "-o", "csv", "-q"},
		ask: askTop(query.Question{By: []string{field}}), check: sameTop,
	}
}

func askTop(q query.Question) func(context.Context, *duckdb.Store) (answer, error) {
	q.Limit = 10
	return func(ctx context.Context, s *duckdb.Store) (answer, error) {
		res, err := s.Aggregate(ctx, q)
		if err != nil {
			return answer{}, err
		}
		a := answer{exactness: res.Exactness}
		for i, row := range res.Rows {
			if i == q.Limit {
				break // what is left is "other"
			}
			a.amounts = append(a.amounts, amount{text(row[0]), number(row[1])})
		}
		return a, nil
	}
}

// hostRatio is by how much Weir is to be faster about one host.
const hostRatio = 100

// totals asks what an address has sent and received over everything that is stored: Weir for each hour, nfdump in all.
func totals(name, ip string) contest {
	return contest{
		name: name, wanted: hostRatio, args: []string{"-s", "ip/bytes", "-n", "1", "-o", "csv", "-q", "ip " + ip}, check: sameTop,
		ask: func(ctx context.Context, s *duckdb.Store) (answer, error) {
			res, err := s.Aggregate(ctx, query.Question{Filter: "related.ip : " + ip, Interval: "1h", Fill: query.FillNone})
			if err != nil {
				return answer{}, err
			}
			a := answer{exactness: res.Exactness, amounts: []amount{{group: ip}}}
			for _, row := range res.Rows {
				a.amounts[0].sum += number(row[1])
			}
			return a, nil
		},
	}
}

// oneHost lists every record of an address.
func oneHost(name, ip string) contest {
	return contest{
		name: name, wanted: hostRatio, args: []string{"-q", "-N", "-o", "fmt:%sa %sp %da %dp %pkt %byt", "ip " + ip},
		ask: func(ctx context.Context, s *duckdb.Store) (answer, error) {
			b, err := s.Records(ctx, query.Question{Filter: "related.ip : " + ip, Limit: query.MaxLimit})
			if err != nil {
				return answer{}, err
			}
			a := answer{rows: len(b.Records), exactness: query.Exact}
			for i := range b.Records {
				a.sum += b.Records[i].Bytes
			}
			return a, nil
		},
		check: func(out []byte, a answer) (string, error) {
			rows, sum, err := listing(out)
			if err != nil {
				return "", err
			}
			if rows != a.rows || sum != a.sum {
				return fmt.Sprintf("**differ**: %d records with %d bytes, nfdump %d with %d", a.rows, a.sum, rows, sum), nil
			}
			return "the same", nil
		},
	}
}

// sameTop compares top lists: groups in their order, of which those with the same sum may stand for each other, and sums.
func sameTop(out []byte, a answer) (string, error) {
	theirs, err := statistics(out)
	if err != nil {
		return "", err
	}
	if len(theirs) != len(a.amounts) {
		return fmt.Sprintf("**differ**: %d rows, nfdump %d", len(a.amounts), len(theirs)), nil
	}
	sums := map[string]uint64{}
	for _, t := range theirs {
		sums[t.group] = t.sum
	}
	groups, off, first := 0, 0.0, ""
	for i, t := range theirs {
		ours := a.amounts[i]
		if sum, listed := sums[ours.group]; t.group == ours.group || (t.sum == ours.sum && (!listed || sum == ours.sum)) {
			groups++
		} else if first == "" {
			first = fmt.Sprintf("%v, nfdump %v", a.amounts[i], t)
		}
		off = max(off, math.Abs(float64(a.amounts[i].sum)-float64(t.sum))/float64(max(t.sum, 1)))
	}
	switch {
	case groups == len(theirs) && off == 0:
		return "the same", nil
	case groups == len(theirs):
		return fmt.Sprintf("the same groups, sums off by up to %.3f %%", off*100), nil
	}
	return fmt.Sprintf("**differ** in %d of %d groups: %s", len(theirs)-groups, len(theirs), first), nil
}

func text(v any) string {
	switch s := v.(type) {
	case string:
		return s
	case uint64:
		return strconv.FormatUint(s, 10)
	}
	return fmt.Sprint(v)
}
