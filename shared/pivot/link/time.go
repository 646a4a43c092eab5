package link

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// ParseTime reads a time in any form that tools put into links: seconds since 1970 with or without a fraction (Splunk), milliseconds
// (Grafana), RFC 3339 (Kibana), relative to now (now-1h), also rounded (now-1d/d, now/h; UTC, weeks begin on Monday). A rounded time is
// the beginning of its unit, at the end of a range the beginning of the next.
func ParseTime(text string, now time.Time, end bool) (time.Time, error) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return sinceEpoch(text, n)
	}
	if relative, unit, found := strings.Cut(text, "/"); found && strings.HasPrefix(text, "now") {
		t, err := query.ParseTime(relative, now)
		if err != nil {
			return t, plainError(err)
		}
		return round(t, unit, end)
	}
	t, err := query.ParseTime(text, now)
	if err == nil {
		return t, nil
	}
	// A plus that was not encoded has become a space: 2026-03-02T08:00:00 01:00.
	if i := strings.LastIndexByte(text, ' '); i > len("2026-03-02T") {
		if t, err := time.Parse(time.RFC3339Nano, text[:i]+"+"+text[i+1:]); err == nil {
			return t.UTC(), nil
		}
	}
	return t, plainError(err)
}

// plainError takes the part off an error of the question model: the caller knows it better.
func plainError(err error) error {
	var bad *query.Error
	if errors.As(err, &bad) {
		return errors.New(bad.Text)
	}
	return err
}

// firstMillis is from where on a number is one of milliseconds: in seconds it is the year 5138, in milliseconds March 1973.
const firstMillis = 1e11

// lastMillis is the end of the year 9999, beyond which RFC 3339 has no times.
const lastMillis = 253_402_300_799_999

// sinceEpoch reads digits exactly: a float has too few of them for nanoseconds.
func sinceEpoch(text string, n float64) (time.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	v, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || math.Abs(n) > lastMillis || strings.Trim(fraction, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("%q is not a time: seconds or milliseconds since 1970 have digits alone", text)
	}
	if math.Abs(n) >= firstMillis {
		return time.UnixMilli(v).UTC(), nil
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time", text)
	}
	if strings.HasPrefix(whole, "-") {
		nanos = -nanos
	}
	return time.Unix(v, nanos).UTC(), nil
}

// round cuts a time to its unit, or goes to the next where it ends a range.
func round(t time.Time, unit string, end bool) (time.Time, error) {
	var next time.Time
	switch unit {
	case "s", "m", "h":
		length := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
		t = t.Truncate(length)
		next = t.Add(length)
	case "d":
		t = t.Truncate(24 * time.Hour)
		next = t.AddDate(0, 0, 1)
	case "w":
		t = t.Truncate(24 * time.Hour)
		t = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		next = t.AddDate(0, 0, 7)
	case "M":
		t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
		next = t.AddDate(0, 1, 0)
	case "y":
		t = time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		next = t.AddDate(1, 0, 0)
	default:
		return t, fmt.Errorf("%q is not a unit to round to: s, m, h, d, w, M or y", unit)
	}
	if end {
		return next, nil
	}
	return t, nil
}
