package search

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// aggregation is sum(bytes) AS x.
type aggregation struct {
	function string
	of       expression // nil: events are counted
	name     string
	pattern  bool // latest(*) AS *: of every field
}

// aggregations reads them up to BY or the end.
func (r *run) aggregations(l *lexer) (list []aggregation, err error) {
	for l.more() && !strings.EqualFold(l.peek().text, "by") {
		l.is(",")
		word, err := l.name()
		if err != nil {
			return nil, err
		}
		a := aggregation{function: strings.ToLower(word), name: word}
		if l.is("(") {
			if a, err = r.aggregated(a, l); err != nil {
				return nil, err
			}
		} else if a.function != "count" && a.function != "c" {
			return nil, fmt.Errorf("%s of what?", word)
		}
		if l.is("AS") {
			if a.name, err = l.name(); err != nil {
				return nil, err
			}
		}
		list = append(list, a)
	}
	if list == nil {
		return nil, fmt.Errorf("nothing to compute")
	}
	return list, nil
}

func (r *run) aggregated(a aggregation, l *lexer) (_ aggregation, err error) {
	if !has(aggregates, a.function) {
		return a, fmt.Errorf("unknown function %q", a.function)
	}
	p := l.next()
	switch {
	case strings.EqualFold(p.text, "eval") && l.peek().text == "(":
		l.next()
		if a.of, err = r.or(l); err == nil {
			err = l.want(")")
		}
		a.name = a.function + "(eval)"
	case p.text == "*":
		a.pattern = true
	case p.kind == 'w' || p.kind == '\'' || p.kind == '"':
		field := p.text
		a.of, a.name = func(e Event) []string { return e[field] }, a.function+"("+field+")"
	default:
		err = fmt.Errorf("%q where a field should be", p.text)
	}
	if err == nil {
		err = l.want(")")
	}
	return a, err
}

// aggregates are the functions of stats that are known, and per_second, which timechart has.
var aggregates = []string{"count", "c", "dc", "distinct_count", "sum", "avg", "max", "min", "range", "values", "list", "latest", "earliest", "first", "last", "per_second"}

// compute is the value of an aggregation of events, which are the latest first.
func (a *aggregation) compute(rows []Event, span float64) []string {
	if a.function == "count" || a.function == "c" {
		return []string{strconv.Itoa(a.count(rows))}
	}
	var all, numbers = []string{}, []float64{}
	for _, e := range rows {
		for _, v := range a.of(e) {
			all = append(all, v)
			if x, ok := number(v); ok {
				numbers = append(numbers, x)
			}
		}
	}
	switch a.function {
	case "dc", "distinct_count":
		return []string{strconv.Itoa(len(unique(all)))}
	case "values":
		out := unique(all)
		slices.Sort(out)
		return out
	case "list":
		return all[:min(len(all), 100)]
	case "latest", "earliest":
		return a.byTime(rows, a.function == "latest")
	case "first":
		return all[:min(len(all), 1)]
	case "last":
		return all[max(len(all)-1, 0):]
	case "max", "min":
		return bestOf(all, a.function)
	}
	return summary(a.function, numbers, span)
}

// count is of events; of those where the expression is true, or the field is there.
func (a *aggregation) count(rows []Event) (n int) {
	for _, e := range rows {
		switch {
		case a.of == nil:
			n++
		case isTrue(a.of(e)):
			n++
		default:
			n += len(a.of(e))
		}
	}
	return n
}

// byTime is the value of the latest, or earliest, event that has one. Of two at the same time the one that stands first counts.
func (a *aggregation) byTime(rows []Event, latest bool) (best []string) {
	var at float64
	for _, e := range rows {
		v := a.of(e)
		t, _ := number(first(e["_time"]))
		if len(v) > 0 && (best == nil || latest && t > at || !latest && t < at) {
			best, at = v, t
		}
	}
	return best
}

func bestOf(all []string, function string) []string {
	if len(all) == 0 {
		return nil
	}
	if function == "max" {
		return []string{slices.MaxFunc(all, compare)}
	}
	return []string{slices.MinFunc(all, compare)}
}

func summary(function string, numbers []float64, span float64) []string {
	if len(numbers) == 0 {
		return nil
	}
	total, least, most := 0.0, math.Inf(1), math.Inf(-1)
	for _, x := range numbers {
		total, least, most = total+x, min(least, x), max(most, x)
	}
	switch function {
	case "avg":
		return []string{text(total / float64(len(numbers)))}
	case "range":
		return []string{text(most - least)}
	case "per_second":
		return []string{text(total / span)}
	}
	return []string{text(total)}
}

func (r *run) stats(t *table, args *lexer) error { return r.group(t, args, false) }

func (r *run) eventstats(t *table, args *lexer) error { return r.group(t, args, true) }

// group is stats, or eventstats, which writes what it finds into the events.
func (r *run) group(t *table, args *lexer, keep bool) error {
	list, err := r.aggregations(args)
	if err != nil {
		return err
	}
	var by []string
	if args.is("BY") {
		if by, err = args.names(); err != nil {
			return err
		}
	}
	list = spread(list, t.rows, by)
	order, groups, keysOf := grouped(t.rows, by)
	var rows []Event
	for _, key := range order {
		out := Event{}
		for i, f := range by {
			out[f] = []string{keysOf[key][i]}
		}
		for _, a := range list {
			if v := a.compute(groups[key], 0); len(v) > 0 {
				out[a.name] = v
			}
		}
		if !keep {
			rows = append(rows, out)
			continue
		}
		for _, e := range groups[key] {
			e = e.copy()
			for _, a := range list {
				e[a.name] = out[a.name]
			}
			rows = append(rows, e)
		}
	}
	t.rows = rows
	if !keep {
		t.fields = by
		for _, a := range list {
			t.fields = append(slices.Clip(t.fields), a.name)
		}
	}
	return nil
}

// spread makes aggregations of every field of those of *.
func spread(list []aggregation, rows []Event, by []string) (out []aggregation) {
	for _, a := range list {
		if !a.pattern {
			out = append(out, a)
			continue
		}
		for _, field := range keys(rows) {
			if !has(by, field) {
				out = append(out, aggregation{function: a.function, name: strings.Replace(a.name, "*", field, 1), of: func(e Event) []string { return e[field] }})
			}
		}
	}
	return out
}

// grouped sorts events into groups. An event without one of the fields is in none, one with several values in several.
func grouped(rows []Event, by []string) (order []string, groups map[string][]Event, keysOf map[string][]string) {
	groups, keysOf = map[string][]Event{}, map[string][]string{}
	if len(by) == 0 {
		return []string{""}, map[string][]Event{"": rows}, map[string][]string{"": nil}
	}
	for _, e := range rows {
		for _, values := range combinations(e, by) {
			key := strings.Join(values, "\x00")
			if groups[key] == nil {
				order, keysOf[key] = append(order, key), values
			}
			groups[key] = append(groups[key], e)
		}
	}
	slices.SortFunc(order, func(a, b string) int { return slices.CompareFunc(keysOf[a], keysOf[b], compare) })
	return order, groups, keysOf
}

func combinations(e Event, by []string) [][]string {
	list := [][]string{{}}
	for _, f := range by {
		var longer [][]string
		for _, head := range list {
			for _, v := range e[f] {
				longer = append(longer, append(slices.Clip(head), v))
			}
		}
		list = longer
	}
	return list
}
