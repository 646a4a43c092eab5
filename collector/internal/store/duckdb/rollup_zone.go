//go:build cgo

package duckdb

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// zone is a stretch of time, from <= t < to in ns since the Unix epoch, of which a file is read by its records (no minutes) or by its sums
// of so many minutes.
type zone struct {
	from, to int64 // math.MinInt64 and math.MaxInt64: no bound
	minutes  int
}

// zones cuts a range of time: whole hours are read by sums of hours, whole minutes beside them by sums of minutes, what is left by
// records; grains are the lengths of the sums that may be read, the longest first.
func zones(from, to int64, grains []int) []zone {
	if from >= to {
		return nil
	}
	if len(grains) == 0 {
		return []zone{{from, to, 0}}
	}
	width := int64(grains[0]) * int64(time.Minute)
	first, last := ceil(from, width), floor(to, width)
	if first >= last {
		return zones(from, to, grains[1:])
	}
	list := zones(from, first, grains[1:])
	list = append(list, zone{first, last, grains[0]})
	return append(list, zones(last, to, grains[1:])...)
}

// floor returns the greatest multiple of a width up to t; no bound stays none.
func floor(t, width int64) int64 {
	if t == math.MinInt64 || t == math.MaxInt64 {
		return t
	}
	if r := t % width; r < 0 {
		return t - r - width
	}
	return t - t%width
}

// ceil returns the least multiple of a width from t on.
func ceil(t, width int64) int64 {
	down := floor(t, width)
	if down == t || t > math.MaxInt64-width {
		return t
	}
	return down + width
}

// touches tells whether a file may hold something of the zone.
func (z *zone) touches(f *store.Sealed) bool {
	return f.EventMax.UnixNano() >= z.from && f.EventMin.UnixNano() < z.to
}

// condition is that a row is of the zone, as far as the bounds of the question do not say so already: zones that touch one of them end at
// whole minutes on their other side. Records without an end count as of the year 1970.
func (z *zone) condition(question zone) string {
	var terms []string
	if z.from != question.from {
		terms = append(terms, fmt.Sprintf("event_end >= make_timestamp(%d)", z.from/int64(time.Microsecond)))
	}
	if z.to != question.to {
		terms = append(terms, fmt.Sprintf("event_end < make_timestamp(%d)", z.to/int64(time.Microsecond)))
	}
	text := strings.Join(terms, " AND ")
	if text != "" && z.minutes == 0 && z.from <= 0 && z.to > 0 {
		text = "(" + text + " OR event_end IS NULL)"
	}
	return text
}

// inOrder returns the zones of a map in the order of time.
func inOrder[T any](of map[zone]T) []zone {
	return slices.SortedFunc(maps.Keys(of), func(a, b zone) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
}
