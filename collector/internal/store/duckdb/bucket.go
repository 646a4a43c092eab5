//go:build cgo

package duckdb

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// bucketSQL writes in SQL what query.Step does: numbers of buckets and their beginnings. Days of a zone are cut by its offsets from UTC.
type bucketSQL struct {
	step    query.Step
	changes []query.Change
}

// msPerDay, and how far the Unix epoch, a Thursday, is from the Monday before it.
const (
	msPerDay     = 24 * 3600 * 1000
	daysToMonday = 3
)

func newBucketSQL(v *query.View) bucketSQL {
	b := bucketSQL{step: v.Step}
	if v.Step.Days > 0 {
		first, last := v.Step.Begin(v.Base()), v.Step.Begin(v.Base()+int64(v.Buckets)+1)
		b.changes = v.Step.Changes(first-2*int64(query.MaxSpread), last)
	}
	return b
}

// shift is how far the first bucket's number is from the epoch's day, in days.
func (b *bucketSQL) shift() int {
	if b.step.Weeks {
		return daysToMonday
	}
	return 0
}

// number is the number of the bucket that holds a time in ms since the Unix epoch; NULL counts as the epoch.
func (b *bucketSQL) number(ms string) string {
	ms = "coalesce(" + ms + ", 0)"
	if b.step.Days == 0 {
		return fmt.Sprintf("CAST(floor(%s / %d) AS BIGINT)", ms, b.step.Width.Milliseconds())
	}
	offset := b.offset(ms, func(c query.Change) int64 { return time.Unix(0, c.At).UnixMilli() }, time.Millisecond)
	return fmt.Sprintf("CAST(floor((%s + %s + %d) / %d) AS BIGINT)", ms, offset, b.shift()*msPerDay, b.step.Days*msPerDay)
}

// begin is when a bucket begins, in ns since the Unix epoch.
func (b *bucketSQL) begin(number string) string {
	if b.step.Days == 0 {
		return fmt.Sprintf("(%s * %d)", number, int64(b.step.Width))
	}
	// The bucket in which the offset changes began with the old one.
	offset := b.offset(number, func(c query.Change) int64 { return b.step.Number(c.At) + 1 }, time.Nanosecond)
	return fmt.Sprintf("((%s * %d - %d) * %d - %s)", number, b.step.Days, b.shift(), int64(24*time.Hour), offset)
}

// offset is that of the zone, in a unit, for a value that is compared with where each change is.
func (b *bucketSQL) offset(value string, at func(query.Change) int64, unit time.Duration) string {
	var text strings.Builder
	text.WriteString("(CASE")
	last := len(b.changes) - 1
	for i := range last {
		fmt.Fprintf(&text, " WHEN %s < %d THEN %d", value, at(b.changes[i+1]), int64(b.changes[i].Offset/unit))
	}
	// A CASE has a branch at least.
	fmt.Fprintf(&text, " WHEN TRUE THEN %d END)", int64(b.changes[last].Offset/unit))
	return text.String()
}
