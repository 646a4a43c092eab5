package web

import (
	"fmt"
	"html/template"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// formats are the functions of the templates; root leads to where all pages are.
func formats(root string) template.FuncMap {
	return template.FuncMap{
		"root":  func() string { return root },
		"clock": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"iso":   iso,
		"human": human,
		"bytes": byteText,
	}
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// human shows an amount in the largest unit that leaves three digits.
func human(v any) string {
	f, ok := number(v)
	if !ok {
		return "-"
	}
	units, i := []string{"", "k", "M", "G", "T", "P", "E"}, 0
	for f >= 999.5 && i < len(units)-1 {
		f /= 1000
		i++
	}
	if i == 0 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', 3, 64) + " " + units[i]
}

// byteText shows an amount of bytes: "20 B", "5.7 kB".
func byteText(v any) string {
	text := human(v)
	if strings.Contains(text, " ") {
		return text + "B"
	}
	return text + " B"
}

// amount shows a value with its unit: "1.37 k sessions", "413 MB", "5.1 Mbit/s".
func amount(v float64, unit string) string {
	switch unit {
	case "bytes", "byte":
		return byteText(v)
	case "bits/s":
		unit = "bit/s"
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64) // as many digits as large amounts have
	text := human(v)
	if !strings.Contains(text, " ") || !strings.HasPrefix(unit, "bit") {
		text += " "
	}
	return strings.TrimSpace(text + unit)
}

// lengthText shows how long something lasted: "34 s", "5 min 51 s", "2 d 3 h".
func lengthText(d time.Duration) string {
	switch {
	case d < 0:
		return "-"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strconv.FormatFloat(float64(d.Round(100*time.Millisecond))/float64(time.Second), 'f', -1, 64) + " s"
	}
	d = d.Round(time.Second)
	for _, u := range []struct {
		large, small time.Duration
		names        [2]string
	}{{24 * time.Hour, time.Hour, [2]string{"d", "h"}}, {time.Hour, time.Minute, [2]string{"h", "min"}}, {time.Minute, time.Second, [2]string{"min", "s"}}} {
		if d < u.large {
			continue
		}
		text := fmt.Sprintf("%d %s", d/u.large, u.names[0])
		if rest := d % u.large / u.small; rest > 0 {
			text += fmt.Sprintf(" %d %s", rest, u.names[1])
		}
		return text
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// number reads a value of an answer.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case uint64:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// cell shows a value of an answer as it is, so that it can be copied.
func cell(v any) string {
	if v == nil {
		return "-"
	}
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// named is a text that may have a page, with its address from where all pages are.
type named struct{ Text, URL string }

// hostName is an address with its page; prefixes and names have none.
func hostName(text string, from, to time.Time) named {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return named{Text: text}
	}
	return named{Text: text, URL: hostPath(ip, from, to)}
}

func hostPath(ip netip.Addr, from, to time.Time) string {
	return "host/" + ip.String() + "?" + span(from, to).Encode()
}

func span(from, to time.Time) url.Values {
	v := url.Values{}
	if !from.IsZero() {
		v.Set("from", iso(from))
	}
	if !to.IsZero() {
		v.Set("to", iso(to))
	}
	return v
}

// queryPath is where the flows that a filter selects are grouped.
func queryPath(filter, by string, from, to time.Time) string {
	v := span(from, to)
	v.Set("filter", filter)
	v.Set("by", by)
	v.Set("measure", string(query.Bytes))
	return "query?" + v.Encode()
}
