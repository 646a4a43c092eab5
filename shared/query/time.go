package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeLayouts are the ways to write a time without a zone, which is UTC then.
var timeLayouts = []string{time.DateOnly, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04"}

// timeUnits are the units of relative times.
var timeUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// ParseTime reads a time: RFC 3339, a day or a time without a zone (UTC), or relative to now: now, now-1h, now-1d12h, now+5m with
// the units s, m, h, d (24 hours) and w. The result is in UTC. Errors are *[Error].
func ParseTime(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "now"); ok {
		d, err := parseOffset(rest)
		if err != nil {
			return time.Time{}, &Error{Part: "time", Text: fmt.Sprintf("%q: %v", text, err)}
		}
		return now.Add(d).UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC(), nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &Error{Part: "time", Text: fmt.Sprintf("%q is neither a time such as 2026-03-02T08:15:00Z, a day, nor relative such as now-1h", text)}
}

// parseOffset reads a sign and numbers with units, or nothing.
func parseOffset(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	sign := time.Duration(1)
	switch text[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, fmt.Errorf("after now follows + or -, not %q", text[:1])
	}
	var sum time.Duration
	for rest := text[1:]; ; {
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits <= 0 {
			return 0, fmt.Errorf("%q is not a number with a unit: s, m, h, d or w", rest)
		}
		unit, ok := timeUnits[rest[digits]]
		// The longest offset that a Duration holds is 292 years.
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if !ok || err != nil || n > int64((1<<63-1-sum)/unit) {
			return 0, fmt.Errorf("%q is not a number with a unit: s, m, h, d or w", rest)
		}
		sum += time.Duration(n) * unit
		rest = rest[digits+1:]
		if rest == "" {
			return sign * sum, nil
		}
	}
}
