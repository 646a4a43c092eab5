package web

import (
	"testing"
	"time"
)

// TestLengthText: two units at most, and none that is zero.
func TestLengthText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "-", 0: "0 ms", 999 * time.Millisecond: "999 ms", 1500 * time.Millisecond: "1.5 s", 34 * time.Second: "34 s", 59_600 * time.Millisecond: "1 min",
		351 * time.Second: "5 min 51 s", time.Hour: "1 h", 90 * time.Minute: "1 h 30 min", 51 * time.Hour: "2 d 3 h", 24*time.Hour + time.Second: "1 d",
	} {
		if got := lengthText(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// TestAmount: units of traffic take the prefix, counts stand beside it.
func TestAmount(t *testing.T) {
	for _, c := range []struct {
		v          float64
		unit, want string
	}{
		{5.7e6, "bytes", "5.7 MB"}, {20, "bytes", "20 B"}, {70.6e6, "bit/s", "70.6 Mbit/s"}, {12, "bit/s", "12 bit/s"}, {1370, "sessions", "1.37 k sessions"},
		{254, "hosts", "254 hosts"}, {253.7, "hosts", "254 hosts"}, {0.5, "packets/s", "0.5 packets/s"}, {8.0 / 3, "bit/s", "2.67 bit/s"}, {3, "", "3"},
	} {
		if got := amount(c.v, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

// TestTimeMarks: round moments, inside, with the date where there are several.
func TestTimeMarks(t *testing.T) {
	for _, c := range []struct {
		first, last string
		bucket      time.Duration
		want        []mark
	}{
		{"2026-03-02T17:05:00Z", "2026-03-02T17:14:00Z", time.Minute, []mark{{"10.00%", "17:06"}, {"30.00%", "17:08"}, {"50.00%", "17:10"}, {"70.00%", "17:12"}, {"90.00%", "17:14"}}},
		{"2026-03-02T20:00:00Z", "2026-03-03T11:00:00Z", time.Hour, []mark{{"12.50%", "Mar 2 22:00"}, {"25.00%", "Mar 3 00:00"}, {"37.50%", "Mar 3 02:00"}, {"50.00%", "Mar 3 04:00"}, {"62.50%", "Mar 3 06:00"}, {"75.00%", "Mar 3 08:00"}, {"87.50%", "Mar 3 10:00"}}},
		{"soon", "later", time.Hour, nil},
	} {
		got := timeMarks(c.first, c.last, c.bucket)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %v", c.first, got)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.first, got[i], c.want[i])
			}
		}
	}
}
