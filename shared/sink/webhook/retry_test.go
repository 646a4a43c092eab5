package webhook

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "0": 0, "-1": 0, "x": 0, "99999999999999999999": 0, "86400": longestWait,
		"Mon, 02 Mar 2026 14:00:30 GMT": 30 * time.Second, "Mon, 02 Mar 2026 13:00:00 GMT": 0, "Tue, 03 Mar 2026 14:00:00 GMT": longestWait,
	} {
		if got := retryAfter(v, now); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
}
