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
	part     store.Part
	path     string
	whole    bool
	group    int // its number in the file, and how many there are
	of       int
	from, to int64  // its rows by number, the last included
	first    int64  // nothing in it sorts before: see hostindex.Group
	empty    string // columns without a value, see hostindex.Index
	told     bool   // it may hold rows that tell of a session anew
	searched bool   // only the rows found count, see pager.narrow
	found    []int64
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
	whole := piece{part: f.Part, path: s.path(f.Path), whole: true, first: math.MinInt64, told: true}
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
			list = append(list, piece{part: f.Part, path: whole.path, group: i, of: len(x.Groups), from: row, to: end - 1, first: g.First, empty: x.Empty, told: g.Told})
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
	empty       string
}

// maxRuns is how many runs of row groups a statement reads apart: each costs planning, and rows between are read beyond that.
const maxRuns = 128

// runsOf joins row groups that are read whole to runs, over gaps of so many that there are not too many runs.
func runsOf(pieces []piece) (list []run) {
	pieces = slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.searched })
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.group, b.group)) })
	for gap := 1; ; gap *= 2 {
		parts := 0
		list = joined(pieces, gap)
		for i := range list {
			if !list[i].whole() {
				parts++
			}
		}
		if parts <= maxRuns || gap > 1<<20 {
			return list
		}
	}
}

// joined joins row groups whose numbers differ by at most gap.
func joined(pieces []piece, gap int) (list []run) {
	for _, p := range pieces {
		if n := len(list); n > 0 && !p.whole && list[n-1].path == p.path && p.group-list[n-1].last <= gap {
			list[n-1].last, list[n-1].to = p.group, p.to
			continue
		}
		r := run{path: p.path, first: p.group, last: p.group, from: p.from, to: p.to, of: p.of, empty: p.empty}
		if p.whole {
			r.of = 1
		}
		list = append(list, r)
	}
	return list
}

// whole tells whether the run is all of its file.
func (r *run) whole() bool { return r.first == 0 && r.last == r.of-1 }

// selects returns the statements that read the pieces: one for each run, files with equal runs and columns together.
func (o *contents) selects(pieces []piece, statement string) []string {
	type like struct{ rows, empty string }
	files := map[like][]string{}
	var parts []string
	for i := range pieces {
		if p := &pieces[i]; len(p.found) > 0 {
			parts = append(parts, "SELECT "+o.listWithout(statement, p.empty)+" FROM "+readNumbered(p.path)+" WHERE "+rowsIn(p.found))
		}
	}
	for _, r := range runsOf(pieces) {
		l := like{r.rows(), r.empty}
		files[l] = append(files[l], r.path)
	}
	for _, l := range slices.SortedFunc(maps.Keys(files), func(a, b like) int { return cmp.Or(cmp.Compare(a.rows, b.rows), cmp.Compare(a.empty, b.empty)) }) {
		text := "SELECT " + o.listWithout(statement, l.empty) + " FROM "
		if l.rows == "" {
			parts = append(parts, text+readParquet(files[l]...))
		} else {
			parts = append(parts, text+readNumbered(files[l]...)+" WHERE "+l.rows)
		}
	}
	return parts
}

// listWithout is list with NULL for the columns named in empty, which need not be read then.
func (o *contents) listWithout(statement, empty string) string {
	empty = "," + empty + ","
	var list []string
	for _, c := range o.columns {
		switch {
		case !strings.Contains(statement, c.Name):
		case strings.Contains(empty, ","+c.Name+","):
			list = append(list, fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name))
		default:
			list = append(list, c.Name)
		}
	}
	return strings.Join(list, ", ")
}

// rows is the condition that a row is in the run; "" for a whole file.
func (r *run) rows() string {
	switch {
	case r.whole():
		return ""
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
