//go:build cgo

package duckdb

import (
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/query"
)

// rollTimes finds the first and the last time of what is selected, by which rates of a range without bounds are divided: sums tell the hour,
// the records of that hour the time. It does so where the question can be answered from rollups then.
func (a *asked) rollTimes(st *statement) error {
	if !st.needsTimes() {
		return nil
	}
	for i := range st.views {
		if rolledFor(&st.views[i], false) == nil {
			return nil
		}
	}
	st.bounded = true
	hours, err := newStatement(a.plan)
	if err != nil {
		return err
	}
	hours.bounded = true
	a.roll(hours)
	for i := range hours.views {
		hours.views[i].rolled.days = false
	}
	first, last, err := a.bounds(hours)
	if err != nil {
		return err
	}
	if st.first, _, err = a.boundsWithin(first); err != nil {
		return err
	}
	_, st.last, err = a.boundsWithin(last)
	return err
}

// boundsWithin returns the first and the last time of the records that are selected in the hour from a time on, which is itself within the
// question's bounds or less than an hour before.
func (a *asked) boundsWithin(from int64) (first, last int64, err error) {
	p := *a.plan
	hour := query.Question{From: time.Unix(0, from).UTC(), To: time.Unix(0, from).Add(store.RollupHour * time.Minute).UTC()}
	if !p.HasStart || p.Start < from {
		p.From, p.Start, p.HasStart = hour.From, hour.From.UnixNano(), true
	}
	if !p.HasStop || p.Stop > hour.To.UnixNano() {
		p.To, p.Stop, p.HasStop = hour.To, hour.To.UnixNano(), true
	}
	st, err := newStatement(&p)
	if err != nil {
		return 0, 0, err
	}
	return a.bounds(st)
}

// bounds returns the first and the last time that a statement selects, 0 where there is none.
func (a *asked) bounds(st *statement) (first, last int64, err error) {
	err = a.ask(st, st.boundsText, func(r *rows) error {
		first, last = get[int64](r, 0), get[int64](r, 1)
		return nil
	})
	return first, last, err
}
