//go:build cgo

package duckdb

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostindex"
	"github.com/weirflow/weir/shared/query"
)

// piece is a row group of a sealed file that a question reads, or a whole file of which no host index says more.
type piece struct {
	path     string
	whole    bool
	group    int // its number in the file, and how many there are
	of       int
	from, to int64 // its rows by number, the last included
	first    int64 // nothing in it sorts before: see hostindex.Group
	told     bool  // it may hold rows that tell of a session anew
}

// pieces returns what a question reads of the files: the row groups in its range that may hold the hosts it needs.
func (s *Store) pieces(sealed manifest, kind store.Kind, want *wanted) []piece {
	var list []piece
	for i := range sealed {
		f := &sealed[i]
		if f.Part.Kind != kind || !f.Overlaps(want.from, want.to) || s.files.isMissing(f.Path) {
			continue
		}
		list = append(list, s.piecesOf(f, want)...)
	}
	return list
}

func (s *Store) piecesOf(f *store.Sealed, want *wanted) []piece {
	whole := piece{path: s.path(f.Path), whole: true, first: math.MinInt64, told: true}
	if f.Part.Kind == store.Flows && f.EventMin.UnixNano() > 0 {
		whole.first = f.EventMin.UnixNano()
	}
	x := s.hostsOf(f)
	if x == nil {
		return []piece{whole}
	}
	found := hostindex.NewBitmap(0)
	if !want.hosts.Empty() {
		if found = s.findHosts(f, x, want.hosts); found == nil {
			return []piece{whole}
		}
	}
	var list []piece
	row := int64(0)
	for i := range x.Groups {
		g := &x.Groups[i]
		end := row + int64(g.Rows)
		if (want.hosts.Empty() || found.Has(i)) && (!want.told || g.Told) && want.overlaps(g) {
			list = append(list, piece{path: whole.path, group: i, of: len(x.Groups), from: row, to: end - 1, first: g.First, told: g.Told})
		}
		row = end
	}
	return list
}

// fewHold tells whether the host index leaves at most half of the records that a plan is about.
func (s *Store) fewHold(p *query.Plan) bool {
	want := wanted{from: p.From, to: p.To, hosts: neededHosts(p.Node, true)}
	if want.hosts.Empty() {
		return false
	}
	var all, some int64
	_, sealed := s.files.snapshotOf(store.Flows)
	for _, f := range sealed {
		if !f.Overlaps(want.from, want.to) {
			continue
		}
		all += f.Rows
		for _, p := range s.piecesOf(&f.Sealed, &want) {
			if p.whole {
				some += f.Rows
			} else {
				some += p.to - p.from + 1
			}
		}
	}
	return 2*some <= all
}

// overlaps tells whether a row group may have rows in the range.
func (w *wanted) overlaps(g *hostindex.Group) bool {
	return (w.from.IsZero() || g.To >= w.from.UnixNano()) && (w.to.IsZero() || g.From < w.to.UnixNano())
}

// run is row groups of a file that follow each other.
type run struct {
	path        string
	first, last int // groups
	from, to    int64
	of          int
}

// maxRuns is how many runs of row groups a statement reads apart: each costs planning, and rows between are read beyond that.
const maxRuns = 128

// runsOf joins row groups to runs, over gaps of so many that there are not too many runs.
func runsOf(pieces []piece) (whole []string, list []run) {
	pieces = slices.Clone(pieces)
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.group, b.group)) })
	for gap := 1; ; gap *= 2 {
		whole, list = joined(pieces, gap)
		if len(list) <= maxRuns || gap > 1<<20 {
			return whole, list
		}
	}
}

// joined joins row groups whose numbers differ by at most gap. Runs that are a whole file are named apart.
func joined(pieces []piece, gap int) (whole []string, list []run) {
	for _, p := range pieces {
		if p.whole {
			whole = append(whole, p.path)
			continue
		}
		if n := len(list); n > 0 && list[n-1].path == p.path && p.group-list[n-1].last <= gap {
			list[n-1].last, list[n-1].to = p.group, p.to
			continue
		}
		list = append(list, run{path: p.path, first: p.group, last: p.group, from: p.from, to: p.to, of: p.of})
	}
	list = slices.DeleteFunc(list, func(r run) bool {
		if r.first == 0 && r.last == r.of-1 {
			whole = append(whole, r.path)
			return true
		}
		return false
	})
	return whole, list
}

// selects returns the statements that read the pieces: one for whole files and one for each run, files with equal runs together.
func (o *contents) selects(pieces []piece, statement string) []string {
	whole, runs := runsOf(pieces)
	var parts []string
	if len(whole) > 0 {
		parts = append(parts, "SELECT "+o.list(statement)+" FROM "+readParquet(whole...))
	}
	byRows := map[string][]string{}
	for _, r := range runs {
		rows := r.rows()
		byRows[rows] = append(byRows[rows], r.path)
	}
	for _, rows := range slices.Sorted(maps.Keys(byRows)) {
		parts = append(parts, "SELECT "+o.list(statement)+" FROM "+readNumbered(byRows[rows]...)+" WHERE "+rows)
	}
	return parts
}

// rows is the condition that a row is in the run.
func (r *run) rows() string {
	switch {
	case r.first == 0:
		return fmt.Sprintf("file_row_number <= %d", r.to)
	case r.last == r.of-1:
		return fmt.Sprintf("file_row_number >= %d", r.from)
	}
	return fmt.Sprintf("file_row_number BETWEEN %d AND %d", r.from, r.to)
}

// tableOf returns the table expression of the rows that statements give; none gives the columns.
func tableOf(parts []string, none string) string {
	if len(parts) == 0 {
		parts = []string{none}
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")"
}
