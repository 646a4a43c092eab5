package store

import "time"

// Sealed is an entry of the manifest: a file of records that does not change any more.
type Sealed struct {
	Part       Part
	Path       string    // relative to the data folder, with slashes
	CommitFrom time.Time // first and last commit of its records
	CommitTo   time.Time
	EventMin   time.Time // least and greatest @timestamp of its records, to the millisecond below and above
	EventMax   time.Time
	Rows       int64
	Bytes      int64
}

// Overlaps tells whether the file may hold records of from <= @timestamp < to; a zero time is no bound.
func (f *Sealed) Overlaps(from, to time.Time) bool {
	return (from.IsZero() || !f.EventMax.Before(from)) && (to.IsZero() || f.EventMin.Before(to))
}

// Expired tells whether retention lets go of the file.
func (f *Sealed) Expired(now time.Time, retention time.Duration) bool {
	return retention > 0 && f.CommitTo.Before(now.Add(-retention))
}
