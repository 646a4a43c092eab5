//go:build cgo

package duckdb

import (
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// Hours returns about how many hours of records from <= @timestamp < to are stored; zero times are no bound. It reads nothing: sealed
// files say what they span, and what is not sealed yet counts as one hour.
func (s *Store) Hours(from, to time.Time) float64 {
	_, sealed := s.files.snapshotOf(store.Flows)
	var first, last time.Time
	for _, f := range sealed {
		if !f.Overlaps(from, to) {
			continue
		}
		if first.IsZero() || f.EventMin.Before(first) {
			first = f.EventMin
		}
		if f.EventMax.After(last) {
			last = f.EventMax
		}
	}
	if first.Before(from) {
		first = from
	}
	if !to.IsZero() && last.After(to) {
		last = to
	}
	return 1 + max(last.Sub(first), 0).Hours()
}
