package model

import (
	"regexp"
	"strconv"
	"time"
)

// macro is a macro as it stands in a text: its name, with the way it is written in braces.
var macro = regexp.MustCompile(`\$__(interval_ms|rate_interval|interval|from|to|range_ms|range_s|range)\b|\$\{__(interval_ms|rate_interval|interval|from|to|range_ms|range_s|range)(?::(date(?::iso|:seconds)?))?\}`)

// timeMacro is one of those that users of other data sources know: the panel's range as a condition on a field, @timestamp where none is
// named, and its ends.
var timeMacro = regexp.MustCompile(`\$__time(Filter|From|To)\b(?:\(\s*([\w.@]*)\s*\))?`)

// expand puts the values of macros into a text. The front end does so for panels; alert rules and annotations come as they were written.
func (w Window) expand(text, interval string) string {
	text = timeMacro.ReplaceAllStringFunc(text, func(found string) string {
		m := timeMacro.FindStringSubmatch(found)
		return w.condition(m[1], m[2])
	})
	return macro.ReplaceAllStringFunc(text, func(found string) string {
		m := macro.FindStringSubmatch(found)
		if m[1] != "" {
			return w.value(m[1], "", interval)
		}
		return w.value(m[2], m[3], interval)
	})
}

// condition is what a [timeMacro] stands for.
func (w Window) condition(what, field string) string {
	from, to := Quote(stamp(w.From, "date:iso")), Quote(stamp(w.To, "date:iso"))
	switch what {
	case "From":
		return from
	case "To":
		return to
	}
	if field == "" {
		field = "@timestamp"
	}
	return "(" + field + " >= " + from + " and " + field + " < " + to + ")"
}

func (w Window) value(name, way, interval string) string {
	switch name {
	case "from":
		return stamp(w.From, way)
	case "to":
		return stamp(w.To, way)
	case "interval", "rate_interval": // a rate needs no longer buckets than a sum
		return interval
	case "interval_ms":
		return strconv.FormatInt(widthOf(interval).Milliseconds(), 10)
	case "range_ms":
		return strconv.FormatInt(w.To.Sub(w.From).Milliseconds(), 10)
	}
	seconds := strconv.FormatInt(int64(w.To.Sub(w.From).Seconds()), 10)
	if name == "range" {
		return seconds + "s"
	}
	return seconds
}

// stamp writes a time as Grafana does.
func stamp(t time.Time, way string) string {
	switch way {
	case "date", "date:iso":
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	case "date:seconds":
		return strconv.FormatInt(t.Unix(), 10)
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// Expand puts the values of macros into the texts of a query that may hold them.
func (q *Query) Expand(w Window) error {
	interval, err := w.interval("", w.expand(q.MinInterval, ""))
	if err != nil {
		return err
	}
	for _, text := range []*string{&q.Filter, &q.Interval, &q.MinInterval, &q.Host, &q.Exporter, &q.Name} {
		*text = w.expand(*text, interval)
	}
	return nil
}
