package search

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keys are all fields of rows in order of name.
func keys(rows []Event) []string {
	set := map[string]bool{}
	for _, r := range rows {
		for k := range r {
			set[k] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func number(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// text writes a number as Splunk does: without an exponent, with no more digits than it needs.
func text(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// compare orders numbers before texts, by their values.
func compare(a, b string) int {
	x, isX := number(a)
	y, isY := number(b)
	switch {
	case isX && isY:
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	case isX:
		return -1
	case isY:
		return 1
	}
	return strings.Compare(a, b)
}

// pattern is what the search command compares values with: in whatever case, with stars, a network where the value is an address, numbers by value.
type pattern struct {
	text     string // in lower case
	star     bool
	number   float64
	isNumber bool
	network  netip.Prefix
}

func patternOf(value string) pattern {
	p := pattern{text: strings.ToLower(value), star: strings.Contains(value, "*")}
	p.number, p.isNumber = number(value)
	p.network, _ = netip.ParsePrefix(value)
	return p
}

// any tells whether one of the values is like the pattern.
func (p *pattern) any(list []string) bool {
	for _, v := range list {
		if p.is(v) {
			return true
		}
	}
	return false
}

func (p *pattern) is(value string) bool {
	switch {
	case p.text == "*":
		return true
	case p.network.IsValid():
		addr, err := netip.ParseAddr(value)
		return err == nil && p.network.Contains(addr)
	case p.star:
		return wild(strings.ToLower(value), p.text)
	case p.isNumber:
		x, ok := number(value)
		return ok && x == p.number
	}
	return strings.EqualFold(value, p.text)
}

// wild matches a pattern with stars.
func wild(value, pattern string) bool {
	head, rest, has := strings.Cut(pattern, "*")
	if !has {
		return value == pattern
	}
	value, ok := strings.CutPrefix(value, head)
	if !ok {
		return false
	}
	for i := 0; i <= len(value); i++ {
		if wild(value[i:], rest) {
			return true
		}
	}
	return false
}

// when reads a time as time pickers have it.
func when(value string, now time.Time, none float64) (float64, error) {
	if value == "" {
		return none, nil
	}
	if v, ok := number(value); ok && !strings.HasPrefix(value, "-") {
		return v, nil
	}
	offset, snap, hasSnap := strings.Cut(strings.TrimPrefix(value, "now"), "@")
	t := now
	if offset != "" {
		d, err := duration(strings.TrimPrefix(offset, "-"))
		if err != nil || offset[0] != '-' {
			return 0, fmt.Errorf("unknown time %q", value)
		}
		t = t.Add(-d)
	}
	if hasSnap {
		d, err := duration("1" + snap)
		if err != nil {
			return 0, fmt.Errorf("unknown time %q", value)
		}
		t = t.Truncate(d)
	}
	return float64(t.UnixMilli()) / 1000, nil
}

// duration reads 30s, 5m, 24h, 7d.
func duration(value string) (time.Duration, error) {
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	digits := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.Atoi(digits)
	unit := units[value[len(digits):]]
	if err != nil || unit == 0 {
		return 0, fmt.Errorf("unknown span %q", value)
	}
	return time.Duration(n) * unit, nil
}
