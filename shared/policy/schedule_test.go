package policy_test

import (
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

const workdays = 0b0111110

// TestSchedule gives the time in UTC; the zone's rules are those of the IANA database: Europe/Zurich changes to summer time on
// 2026-03-29 at 02:00 (UTC+1 to +2) and back on 2026-10-25 at 03:00.
func TestSchedule(t *testing.T) {
	office := policy.Schedule{Days: workdays, From: 8 * 60, To: 18 * 60, Zone: "Europe/Zurich"}
	night := policy.Schedule{Days: 1 << time.Friday, From: 22 * 60, To: 6 * 60, Zone: "Europe/Zurich"}
	repeated := policy.Schedule{Days: policy.AllDays, From: 2 * 60, To: 3 * 60, Zone: "Europe/Zurich"}
	whole := policy.Schedule{Days: 1 << time.Sunday, To: 24 * 60, Zone: "Europe/Zurich"}
	for _, c := range []struct {
		name     string
		schedule policy.Schedule
		at       string
		want     bool
	}{
		{"winter, before eight", office, "2026-03-27T06:59:59Z", false},
		{"winter, at eight", office, "2026-03-27T07:00:00Z", true},
		{"summer, at eight", office, "2026-03-30T06:00:00Z", true},
		{"summer, before eight", office, "2026-03-30T05:59:59Z", false},
		{"the end is not in it", office, "2026-03-30T16:00:00Z", false},
		{"back in winter", office, "2026-10-26T06:30:00Z", false},
		{"a Saturday", office, "2026-03-28T12:00:00Z", false},
		{"Friday night", night, "2026-03-27T21:00:00Z", true},
		{"Friday night goes on on Saturday", night, "2026-03-28T04:59:00Z", true},
		{"and ends", night, "2026-03-28T05:00:00Z", false},
		{"Saturday night", night, "2026-03-28T22:00:00Z", false},
		{"the early Friday is Thursday's night", night, "2026-03-27T03:00:00Z", false},
		{"the repeated hour, first time", repeated, "2026-10-25T00:30:00Z", true},
		{"the repeated hour, second time", repeated, "2026-10-25T01:30:00Z", true},
		{"after it", repeated, "2026-10-25T02:00:00Z", false},
		{"the hour that is left out", repeated, "2026-03-29T01:00:00Z", false},
		{"a Sunday of 23 hours begins", whole, "2026-03-28T23:00:00Z", true},
		{"and ends", whole, "2026-03-29T22:00:00Z", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			for _, outside := range []bool{false, true} {
				c.schedule.Outside = outside
				symbols := flow.NewSymbols()
				s := compile(t, symbols, policy.Config{}, policy.Policy{Name: "a", Limit: condition(t, "bytes > 1"), Schedule: &c.schedule})
				x := session(symbols, 1, at)
				if got := len(s.Observe(&x)) == 1; got != (c.want != outside) {
					t.Errorf("outside %v: applies %v", outside, got)
				}
			}
		})
	}
}

// TestScheduleOfWindows: of a long session only what comes at the time counts, and the session as one once.
func TestScheduleOfWindows(t *testing.T) {
	symbols := flow.NewSymbols()
	s := compile(t, symbols, policy.Config{}, policy.Policy{
		Name: "n", By: policy.BySource, Window: time.Hour, Limit: condition(t, "bytes_out > 2000 and sessions >= 1"),
		Schedule: &policy.Schedule{Days: policy.AllDays, From: 13 * 60, To: 14 * 60},
	})
	x := session(symbols, 1, noon)
	x.Open = true
	for i, want := range []string{"", "", "", "n new 2400", "n 3600"} {
		x.Client.Bytes = uint64(10000 + 1200*i)
		x.End = noon.Add(40*time.Minute + time.Duration(i)*10*time.Minute).UnixNano() // 12:40, 12:50, 13:00, ...
		if got := told(s.Observe(&x)); got != want {
			t.Errorf("telling %d: %q, want %q", i, got, want)
		}
	}
}
