package search

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// function is one of eval's.
type function struct {
	least, most int
	of          func(r *run, args [][]string) []string
}

func functions() map[string]function {
	return map[string]function{
		"if":        {3, 3, func(_ *run, a [][]string) []string { return a[1+btoi(!isTrue(a[0]))] }},
		"case":      {2, 40, choose},
		"coalesce":  {1, 20, func(_ *run, a [][]string) []string { return coalesce(a) }},
		"true":      {0, 0, func(*run, [][]string) []string { return yes }},
		"null":      {0, 0, func(*run, [][]string) []string { return nil }},
		"now":       {0, 0, func(r *run, _ [][]string) []string { return []string{text(float64(r.engine.Now.Unix()))} }},
		"nullif":    {2, 2, nullif},
		"isnull":    {1, 1, func(_ *run, a [][]string) []string { return truth(len(a[0]) == 0) }},
		"isnotnull": {1, 1, func(_ *run, a [][]string) []string { return truth(len(a[0]) > 0) }},
		"round":     {1, 2, round},
		"max":       {1, 20, func(_ *run, a [][]string) []string { return extreme(a, 1) }},
		"min":       {1, 20, func(_ *run, a [][]string) []string { return extreme(a, -1) }},
		"abs":       {1, 1, func(_ *run, a [][]string) []string { return numeric(a[0], math.Abs) }},
		"tonumber":  {1, 1, func(_ *run, a [][]string) []string { return numeric(a[0], func(v float64) float64 { return v }) }},
		"tostring":  {1, 2, toString},
		"lower":     {1, 1, func(_ *run, a [][]string) []string { return mapped(a[0], strings.ToLower) }},
		"upper":     {1, 1, func(_ *run, a [][]string) []string { return mapped(a[0], strings.ToUpper) }},
		"replace":   {3, 3, replace},
		"match":     {2, 2, func(_ *run, a [][]string) []string { return truth(find(a[0], first(a[1])) >= 0) }},
		"strftime":  {2, 2, strftime},
		"mvcount":   {1, 1, func(_ *run, a [][]string) []string { return count(a[0]) }},
		"mvindex":   {2, 3, index},
		"mvjoin":    {2, 2, func(_ *run, a [][]string) []string { return joined(a[0], first(a[1])) }},
		"mvappend":  {1, 20, func(_ *run, a [][]string) []string { return slices.Concat(a...) }},
		"mvdedup":   {1, 1, func(_ *run, a [][]string) []string { return unique(a[0]) }},
		"mvzip":     {2, 3, zip},
		"mvfind":    {2, 2, position},
		"split":     {2, 2, func(_ *run, a [][]string) []string { return strings.Split(first(a[0]), first(a[1])) }},
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nullif is the first value, or null where both are the same.
func nullif(_ *run, a [][]string) []string {
	if related(a[0], a[1], "=") {
		return nil
	}
	return a[0]
}

func choose(_ *run, a [][]string) []string {
	for i := 0; i+1 < len(a); i += 2 {
		if isTrue(a[i]) {
			return a[i+1]
		}
	}
	return nil
}

func coalesce(a [][]string) []string {
	for _, v := range a {
		if len(v) > 0 {
			return v
		}
	}
	return nil
}

func numeric(v []string, f func(float64) float64) []string {
	x, ok := number(first(v))
	if !ok {
		return nil
	}
	return []string{text(f(x))}
}

func mapped(v []string, f func(string) string) []string {
	var out []string
	for _, s := range v {
		out = append(out, f(s))
	}
	return out
}

func round(_ *run, a [][]string) []string {
	digits := 0
	if len(a) == 2 {
		digits, _ = strconv.Atoi(first(a[1]))
	}
	x, ok := number(first(a[0]))
	if !ok {
		return nil
	}
	return []string{strconv.FormatFloat(x, 'f', digits, 64)}
}

func extreme(a [][]string, sign int) (best []string) {
	for _, v := range a {
		if len(v) > 0 && (best == nil || compare(v[0], best[0])*sign > 0) {
			best = v[:1]
		}
	}
	return best
}

// toString writes numbers with commas or as a duration, too.
func toString(_ *run, a [][]string) []string {
	if len(a) == 1 || len(a[0]) == 0 {
		return a[0]
	}
	x, ok := number(a[0][0])
	if !ok {
		return a[0]
	}
	switch a[1][0] {
	case "duration":
		s := int64(x)
		out := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
		if s >= 86400 {
			out = fmt.Sprintf("%d+%s", s/86400, out)
		}
		return []string{out}
	case "commas":
		whole := strconv.FormatInt(int64(x), 10)
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
		return []string{whole}
	}
	return a[0]
}

func replace(_ *run, a [][]string) []string {
	re, err := regexp.Compile(first(a[1]))
	if err != nil || len(a[0]) == 0 {
		return nil
	}
	with := regexp.MustCompile(`\\(\d)`).ReplaceAllString(first(a[2]), "$${$1}")
	return mapped(a[0], func(s string) string { return re.ReplaceAllString(s, with) })
}

// find is where a value is that matches, or -1.
func find(v []string, pattern string) int {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return -1
	}
	return slices.IndexFunc(v, re.MatchString)
}

func position(_ *run, a [][]string) []string {
	if i := find(a[0], first(a[1])); i >= 0 {
		return []string{strconv.Itoa(i)}
	}
	return nil
}

func strftime(_ *run, a [][]string) []string {
	at, ok := number(first(a[0]))
	if !ok {
		return nil
	}
	t := time.UnixMilli(int64(at * 1000)).UTC()
	layouts := strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%M", "04", "%S", "05", "%F", "2006-01-02", "%T", "15:04:05", "%b", "Jan", "%3N", "000", "%Z", "MST")
	return []string{t.Format(layouts.Replace(first(a[1])))}
}

func count(v []string) []string {
	if len(v) == 0 {
		return nil
	}
	return []string{strconv.Itoa(len(v))}
}

func index(_ *run, a [][]string) []string {
	from, err := strconv.Atoi(first(a[1]))
	if err != nil {
		return nil
	}
	to := from
	if len(a) == 3 {
		if to, err = strconv.Atoi(first(a[2])); err != nil {
			return nil
		}
	}
	n := len(a[0])
	if from < 0 {
		from += n
	}
	if to < 0 {
		to += n
	}
	if from < 0 || from >= n || to < from {
		return nil
	}
	return a[0][from:min(to+1, n)]
}

func joined(v []string, with string) []string {
	if len(v) == 0 {
		return nil
	}
	return []string{strings.Join(v, with)}
}

func unique(v []string) (out []string) {
	for _, s := range v {
		if !has(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func zip(_ *run, a [][]string) (out []string) {
	with := ","
	if len(a) == 3 {
		with = first(a[2])
	}
	for i := range min(len(a[0]), len(a[1])) {
		out = append(out, a[0][i]+with+a[1][i])
	}
	return out
}
