package query_test

import (
	"errors"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func utc(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixNano()
}

func stepOf(t *testing.T, interval, zone string) query.Step {
	t.Helper()
	p, err := query.Question{Interval: interval, Zone: zone}.Prepare(flow.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return p.Step
}

// TestBuckets: beginnings as calendars and the rules of the zones have them.
func TestBuckets(t *testing.T) {
	for _, c := range []struct{ name, interval, zone, at, begin, end string }{
		{"minutes count from the hour", "5m", "", "2026-03-02T08:14:59.999999999Z", "2026-03-02T08:10:00Z", "2026-03-02T08:15:00Z"},
		{"a bucket holds its beginning", "5m", "", "2026-03-02T08:15:00Z", "2026-03-02T08:15:00Z", "2026-03-02T08:20:00Z"},
		{"hours do not move with zones", "6h", "Asia/Kolkata", "2026-03-02T08:14:00Z", "2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z"},
		{"before 1970", "1h", "", "1969-12-31T23:59:59Z", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"},
		{"a day in UTC", "1d", "", "2026-03-02T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"},
		{"a day east", "1d", "Asia/Kolkata", "2026-03-02T18:30:00Z", "2026-03-02T18:30:00Z", "2026-03-03T18:30:00Z"},
		{"a day west", "1d", "America/New_York", "2026-03-02T04:59:59Z", "2026-03-01T05:00:00Z", "2026-03-02T05:00:00Z"},
		{"a day of 23 hours", "1d", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"a day of 25 hours", "1d", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"a day without midnight", "1d", "America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"the day before it", "1d", "America/Santiago", "2026-09-06T03:59:59Z", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"},
		{"weeks begin on Monday", "1w", "", "2026-03-08T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"},
		{"the week in which the clocks change", "1w", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"two days count from 1970", "2d", "", "1970-01-04T12:00:00Z", "1970-01-03T00:00:00Z", "1970-01-05T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stepOf(t, c.interval, c.zone)
			number := s.Number(utc(t, c.at))
			if begin, end := s.Begin(number), s.Begin(number+1); begin != utc(t, c.begin) || end != utc(t, c.end) {
				t.Errorf("%s to %s", time.Unix(0, begin).UTC(), time.Unix(0, end).UTC())
			}
		})
	}
}

// TestBucketsHoldTheirTimes: every time lies in the bucket that it is counted in, through a year of a zone.
func TestBucketsHoldTheirTimes(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu"} {
		for _, interval := range []string{"1d", "3d", "1w", "2w"} {
			s := stepOf(t, interval, zone)
			for at := utc(t, "2026-01-01T00:00:00Z"); at < utc(t, "2027-01-01T00:00:00Z"); at += int64(1790 * time.Second) {
				if n := s.Number(at); s.Begin(n) > at || s.Begin(n+1) <= at {
					t.Fatalf("%s, %s: %s counts in %s to %s", zone, interval, time.Unix(0, at).UTC(), time.Unix(0, s.Begin(n)).UTC(), time.Unix(0, s.Begin(n+1)).UTC())
				}
			}
		}
	}
}

func TestParseInterval(t *testing.T) {
	for _, text := range []string{"", "m", "5", "-5m", "0m", "5 m", "1.5h", "5M", "400d", "99999999999s", "1h30m"} {
		if s, err := query.ParseInterval("interval", text); err == nil {
			t.Errorf("%q is read as %v", text, s.Width)
		}
	}
	if s, err := query.ParseInterval("interval", " 90s "); err != nil || s.Width != 90*time.Second {
		t.Errorf("%v, %v", s, err)
	}
}

func TestPercentileRank(t *testing.T) {
	for _, c := range []struct {
		percentile    float64
		buckets, rank int
	}{{95, 100, 95}, {95, 20, 19}, {95, 10, 10}, {50, 4, 2}, {50, 5, 3}, {100, 7, 7}, {0.1, 7, 1}, {99.9, 1000, 999}, {7, 100, 7}, {95, 0, 1}} {
		p := query.Plan{Question: query.Question{Percentile: c.percentile}, Buckets: c.buckets}
		if rank := p.PercentileRank(); rank != c.rank {
			t.Errorf("percentile %v of %d: %d, should be %d", c.percentile, c.buckets, rank, c.rank)
		}
	}
}

func TestPiecesAreCapped(t *testing.T) {
	var p query.Plan
	if err := p.CheckPieces(query.MaxPieces); err != nil {
		t.Error(err)
	}
	var bad *query.Error
	if err := p.CheckPieces(query.MaxPieces + 1); !errors.As(err, &bad) || bad.Part != "spread" {
		t.Error(err)
	}
}

// TestChangesOfFarYears: the bounds that package time tells of a leap year's last day do not lead on.
func TestChangesOfFarYears(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from, to := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2041, 7, 1, 0, 0, 0, 0, time.UTC)
	list := query.Step{Width: 24 * time.Hour, Days: 1, Zone: berlin}.Changes(from.UnixNano(), to.UnixNano())
	if last := list[len(list)-1]; last.Offset != 2*time.Hour || last.At != time.Date(2041, 3, 31, 1, 0, 0, 0, time.UTC).UnixNano() {
		t.Errorf("the last change before July 2041 is %+v", last)
	}
}
