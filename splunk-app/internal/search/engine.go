// Package search runs searches of Splunk's search language over events in memory, so that tests can tell what the app's searches find: the
// commands, functions and options that they use, and no others. What it does not know is an error. What commands mean is as Splunk's Search
// Reference says it.
package search

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Event is what Splunk has indexed: its fields as they are at search time, _time and sourcetype among them. A field of several values has them all.
type Event map[string][]string

// Engine answers searches.
type Engine struct {
	Events     []Event            // the latest first
	Macros     map[string]string  // what stands for `NAME`, without arguments
	EventTypes map[string]string  // what events are of a type: eventtype=NAME
	Lookups    map[string][]Event // rows of tables
	Now        time.Time
}

// Result is a table. A value that a row does not have is missing in its map.
type Result struct {
	Fields []string
	Rows   []Event
}

// Search runs a search over the events of earliest <= _time < latest, which are as in Splunk's time picker: -24h@h, now, seconds since
// the Unix epoch, or nothing.
func (e *Engine) Search(text, earliest, latest string) (*Result, error) {
	from, to, err := e.span(earliest, latest)
	if err != nil {
		return nil, err
	}
	r := &run{engine: e, from: from, to: to}
	return r.search(text)
}

func (e *Engine) span(earliest, latest string) (from, to float64, err error) {
	if from, err = when(earliest, e.Now, 0); err != nil {
		return 0, 0, err
	}
	to, err = when(latest, e.Now, 1<<40)
	return from, to, err
}

// run is a search that is running, or one within another.
type run struct {
	engine   *Engine
	from, to float64 // _time, seconds since the Unix epoch
}

// table is what one command hands to the next.
type table struct {
	fields []string // in the order of columns; nil while rows are events
	rows   []Event
}

type command func(r *run, t *table, args *lexer) error

func commands() map[string]command {
	return map[string]command{
		"search": (*run).filter, "where": (*run).where, "eval": (*run).eval, "stats": (*run).stats, "eventstats": (*run).eventstats,
		"timechart": (*run).timechart, "sort": (*run).sort, "head": (*run).head, "table": (*run).table, "fields": (*run).fields,
		"rename": (*run).rename, "dedup": (*run).dedup, "fillnull": (*run).fillnull, "mvexpand": (*run).mvexpand, "append": (*run).append,
		"lookup": (*run).lookup,
	}
}

func (r *run) search(text string) (*Result, error) {
	for name, body := range r.engine.Macros {
		text = strings.ReplaceAll(text, "`"+name+"`", body)
	}
	parts, err := pipes(text)
	if err != nil {
		return nil, err
	}
	known, t := commands(), &table{}
	for i, part := range parts {
		name, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
		if i == 0 && known[name] == nil {
			name, rest = "search", part
		}
		run := known[name]
		if run == nil {
			return nil, fmt.Errorf("unknown command %q in %q", name, text)
		}
		if i == 0 {
			t.rows = r.events()
		}
		args, err := lex(rest, name == "eval" || name == "where")
		if err == nil {
			err = run(r, t, args)
		}
		if err == nil && args.more() {
			err = fmt.Errorf("unexpected %q", args.peek().text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimSpace(part), err)
		}
	}
	return &Result{Fields: t.columns(), Rows: t.rows}, nil
}

// events are all events; the first command, search, looks at their times.
func (r *run) events() []Event {
	return slices.Clone(r.engine.Events)
}

// columns are the table's, or all that rows have.
func (t *table) columns() []string {
	if t.fields != nil {
		return t.fields
	}
	return keys(t.rows)
}

// pipes splits a search at its pipes, but for those within quotes and brackets.
func pipes(text string) ([]string, error) {
	var parts []string
	var quote rune
	depth, start := 0, 0
	escaped := false
	for i, c := range text {
		switch {
		case escaped:
			escaped = false
		case quote != 0 && c == '\\':
			escaped = true
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == '|' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
		if depth < 0 {
			return nil, fmt.Errorf("a bracket too many in %q", text)
		}
	}
	if quote != 0 || depth != 0 {
		return nil, fmt.Errorf("an open quote or bracket in %q", text)
	}
	parts = append(parts, text[start:])
	if strings.TrimSpace(parts[0]) == "" && len(parts) > 1 {
		parts = parts[1:]
	}
	return parts, nil
}
