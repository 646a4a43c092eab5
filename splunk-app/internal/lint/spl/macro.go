package spl

import (
	"fmt"
	"strings"
)

// Macro is a search macro.
type Macro struct {
	Args       []string // names of its arguments
	Definition string
}

// Macros are search macros by the names of their stanzas: "weir_index", and "weir_host(1)" with the number of arguments.
type Macros map[string]Macro

// deepest is how far macros may stand in one another.
const deepest = 20

// Expand puts their definitions in place of macros.
func (m Macros) Expand(text string) (string, error) { return m.expand(text, deepest) }

func (m Macros) expand(text string, depth int) (string, error) {
	if depth == 0 {
		return "", fmt.Errorf("macros stand in one another without an end: %s", text)
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "`")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		call, after, closed := strings.Cut(rest, "`")
		if !closed {
			return "", fmt.Errorf("a backtick is never closed: `%s", rest)
		}
		definition, err := m.call(call)
		if err != nil {
			return "", err
		}
		if definition, err = m.expand(definition, depth-1); err != nil {
			return "", err
		}
		b.WriteString(definition)
		text = after
	}
}

// call returns the definition of a macro with its arguments filled in.
func (m Macros) call(text string) (string, error) {
	name, rest, hasArgs := strings.Cut(strings.TrimSpace(text), "(")
	if !hasArgs {
		macro, ok := m[name]
		if !ok {
			return "", fmt.Errorf("the macro `%s` is not defined", name)
		}
		return macro.Definition, nil
	}
	if !strings.HasSuffix(rest, ")") {
		return "", fmt.Errorf("the macro `%s` has no closing parenthesis", text)
	}
	values, err := arguments(strings.TrimSuffix(rest, ")"))
	if err != nil {
		return "", fmt.Errorf("the macro `%s`: %w", text, err)
	}
	macro, ok := m[fmt.Sprintf("%s(%d)", name, len(values))]
	if !ok || len(macro.Args) != len(values) {
		return "", fmt.Errorf("the macro `%s` is not defined with %d arguments", name, len(values))
	}
	definition := macro.Definition
	for i, arg := range macro.Args {
		definition = strings.ReplaceAll(definition, "$"+arg+"$", values[i])
	}
	return definition, nil
}

// arguments are separated by commas; those in quotes may hold commas and lose their quotes.
func arguments(text string) (values []string, err error) {
	for {
		text = strings.TrimSpace(text)
		end := strings.IndexByte(text, ',')
		value := text
		if strings.HasPrefix(text, `"`) {
			last := closing(text, 0)
			if last < 0 {
				return nil, fmt.Errorf("a quote is never closed: %s", text)
			}
			value, text = text[1:last], strings.TrimSpace(text[last+1:])
			if text != "" && text[0] != ',' {
				return nil, fmt.Errorf("no comma before %s", text)
			}
			end = strings.IndexByte(text, ',')
		} else if end >= 0 {
			value = strings.TrimSpace(text[:end])
		}
		values = append(values, value)
		if end < 0 {
			return values, nil
		}
		text = text[end+1:]
	}
}

// Calls returns the names of the macros that a text calls, as their stanzas are called.
func Calls(text string) (names []string) {
	parts := strings.Split(text, "`")
	for i := 1; i < len(parts); i += 2 {
		name, rest, hasArgs := strings.Cut(strings.TrimSpace(parts[i]), "(")
		if hasArgs {
			if values, err := arguments(strings.TrimSuffix(rest, ")")); err == nil {
				name = fmt.Sprintf("%s(%d)", name, len(values))
			}
		}
		names = append(names, name)
	}
	return names
}
