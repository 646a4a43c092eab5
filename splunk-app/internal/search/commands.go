package search

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sort is by fields, downwards where a dash stands before them; without a number it keeps 10,000 rows, with 0 all.
func (r *run) sort(t *table, args *lexer) error {
	most := 10000
	if n, err := strconv.Atoi(args.peek().text); err == nil && !strings.HasPrefix(args.peek().text, "-") {
		most = n
		args.next()
	}
	type key struct {
		field string
		down  bool
	}
	var list []key
	for args.more() {
		args.is(",")
		k := key{}
		if args.is("-") {
			k.down = true
		} else {
			args.is("+")
		}
		name, err := args.name()
		if err != nil {
			return err
		}
		if rest, ok := strings.CutPrefix(name, "-"); ok {
			name, k.down = rest, true
		}
		k.field = name
		list = append(list, k)
	}
	t.rows = slices.Clone(t.rows)
	slices.SortStableFunc(t.rows, func(a, b Event) int {
		for _, k := range list {
			c := compare(first(a[k.field]), first(b[k.field]))
			if k.down {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	if most > 0 {
		t.rows = t.rows[:min(most, len(t.rows))]
	}
	return nil
}

func (r *run) head(t *table, args *lexer) error {
	n, err := strconv.Atoi(args.next().text)
	t.rows = t.rows[:min(n, len(t.rows))]
	return err
}

func (r *run) table(t *table, args *lexer) error {
	names, err := args.names()
	if err != nil {
		return err
	}
	t.fields = names
	for i, e := range t.rows {
		out := Event{}
		for _, f := range names {
			put(out, f, e[f])
		}
		t.rows[i] = out
	}
	return nil
}

// fields keeps columns, or takes them away.
func (r *run) fields(t *table, args *lexer) error {
	away := args.is("-")
	names, err := args.names()
	if err != nil || !away {
		if err == nil {
			err = r.table(t, &lexer{list: args.list})
		}
		return err
	}
	t.fields = slices.DeleteFunc(slices.Clone(t.columns()), func(f string) bool { return has(names, f) })
	return nil
}

func (r *run) rename(t *table, args *lexer) error {
	for args.more() {
		args.is(",")
		from, err := args.name()
		if err != nil {
			return err
		}
		if err := args.want("AS"); err != nil {
			return err
		}
		to, err := args.name()
		if err != nil {
			return err
		}
		for i, e := range t.rows {
			e = e.copy()
			put(e, to, e[from])
			delete(e, from)
			t.rows[i] = e
		}
		for i, f := range t.fields {
			if f == from {
				t.fields = slices.Clone(t.fields)
				t.fields[i] = to
			}
		}
	}
	return nil
}

// dedup keeps the first row of each combination of values.
func (r *run) dedup(t *table, args *lexer) error {
	names, err := args.names()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	t.rows = slices.DeleteFunc(slices.Clone(t.rows), func(e Event) bool {
		var key strings.Builder
		for _, f := range names {
			if len(e[f]) == 0 {
				return true
			}
			fmt.Fprintf(&key, "%q", e[f])
		}
		again := seen[key.String()]
		seen[key.String()] = true
		return again
	})
	return nil
}

func (r *run) fillnull(t *table, args *lexer) error {
	value, ok := args.option("value")
	if !ok {
		value = "0"
	}
	names := t.columns()
	if args.more() {
		var err error
		if names, err = args.names(); err != nil {
			return err
		}
	}
	for _, f := range names {
		t.set(f, func(e Event) []string {
			if len(e[f]) == 0 {
				return []string{value}
			}
			return e[f]
		})
	}
	return nil
}

// mvexpand makes a row of each value.
func (r *run) mvexpand(t *table, args *lexer) error {
	field, err := args.name()
	if err != nil {
		return err
	}
	var rows []Event
	for _, e := range t.rows {
		if len(e[field]) == 0 {
			rows = append(rows, e)
		}
		for _, v := range e[field] {
			e := e.copy()
			e[field] = []string{v}
			rows = append(rows, e)
		}
	}
	t.rows = rows
	return nil
}

// append adds the rows of another search.
func (r *run) append(t *table, args *lexer) error {
	p := args.next()
	if p.kind != '[' {
		return fmt.Errorf("append needs a search in brackets")
	}
	found, err := (&run{engine: r.engine, from: r.from, to: r.to}).search(p.text)
	if err != nil {
		return err
	}
	t.fields = unique(append(slices.Clone(t.columns()), found.Fields...))
	t.rows = append(slices.Clone(t.rows), found.Rows...)
	return nil
}

// lookup adds columns of the first row of a table that has the same values: lookup NAME column AS field ... OUTPUT column ...
func (r *run) lookup(t *table, args *lexer) error {
	name, err := args.name()
	if err != nil {
		return err
	}
	rows, ok := r.engine.Lookups[name]
	if !ok {
		return fmt.Errorf("unknown lookup %q", name)
	}
	keys, err := renamed(args)
	if err == nil {
		err = args.want("OUTPUT")
	}
	if err != nil {
		return err
	}
	out, err := renamed(args)
	if err != nil {
		return err
	}
	for _, o := range out {
		t.set(o[1], func(e Event) []string {
			for _, row := range rows {
				if agree(row, e, keys) {
					return row[o[0]]
				}
			}
			return nil
		})
	}
	return nil
}

// renamed are columns of a table with the fields that they are called in events.
func renamed(args *lexer) (list [][2]string, err error) {
	for args.more() && !strings.EqualFold(args.peek().text, "OUTPUT") {
		args.is(",")
		column, err := args.name()
		if err != nil {
			return nil, err
		}
		pair := [2]string{column, column}
		if args.is("AS") {
			if pair[1], err = args.name(); err != nil {
				return nil, err
			}
		}
		list = append(list, pair)
	}
	return list, nil
}

func agree(row, e Event, keys [][2]string) bool {
	for _, k := range keys {
		if first(row[k[0]]) != first(e[k[1]]) {
			return false
		}
	}
	return true
}
