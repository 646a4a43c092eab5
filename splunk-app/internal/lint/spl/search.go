package spl

import (
	"fmt"
	"slices"
	"strings"
)

// Search is a pipeline of commands.
type Search struct {
	Commands []Command
}

// Command is one command with what follows it up to the next pipe.
type Command struct {
	Name string
	Args string    // a subsearch in it is the mark [N], with N its place in Subs
	Subs []*Search // those in brackets
}

// Parse reads a search whose macros are expanded. What does not begin with a pipe begins with the command search.
func Parse(text string) (*Search, error) {
	r := reader{text: text}
	s, err := r.search(false)
	if err == nil && r.pos < len(text) {
		err = fmt.Errorf("a bracket is closed that was never opened: %s", near(text, r.pos))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// reader goes through a search once.
type reader struct {
	text string
	pos  int
}

// near is what stands around a place, for messages.
func near(text string, pos int) string {
	return fmt.Sprintf("%q", text[max(0, pos-10):min(len(text), pos+20)])
}

// search reads up to the end, or to the bracket that closes a subsearch.
func (r *reader) search(inside bool) (*Search, error) {
	s := &Search{}
	implicit := true // the command search, where a search begins with its terms
	for ; ; implicit = false {
		begin := r.pos
		raw, subs, err := r.command()
		if err != nil {
			return nil, err
		}
		done := r.pos >= len(r.text) || r.text[r.pos] == ']'
		raw = strings.TrimSpace(raw)
		switch {
		case raw == "" && implicit && !done: // begins with a pipe
		case raw == "":
			return nil, fmt.Errorf("a pipe without a command: %s", near(r.text, begin))
		default:
			c, err := named(raw, implicit)
			if err != nil {
				return nil, err
			}
			c.Subs = subs
			s.Commands = append(s.Commands, c)
		}
		if done {
			if inside && r.pos >= len(r.text) {
				return nil, fmt.Errorf("a bracket is never closed: %s", near(r.text, begin))
			}
			return s, nil
		}
		r.pos++ // the pipe
	}
}

// command reads up to the next pipe.
func (r *reader) command() (raw string, subs []*Search, err error) {
	var b strings.Builder
	depth := 0
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"' || c == '\'' && r.quotes():
			end := closing(r.text, r.pos)
			if end < 0 {
				return "", nil, fmt.Errorf("a quote is never closed: %s", near(r.text, r.pos))
			}
			b.WriteString(r.text[r.pos : end+1])
			r.pos = end + 1
			continue
		case c == '[':
			r.pos++
			sub, err := r.search(true)
			if err != nil {
				return "", nil, err
			}
			fmt.Fprintf(&b, " [%d] ", len(subs))
			subs = append(subs, sub)
		case c == '|' || c == ']':
			if depth != 0 {
				return "", nil, fmt.Errorf("parentheses do not match before %s", near(r.text, r.pos))
			}
			return b.String(), subs, nil
		case c == '(':
			depth++
			b.WriteByte(c)
		case c == ')':
			if depth--; depth < 0 {
				return "", nil, fmt.Errorf("a parenthesis is closed that was never opened: %s", near(r.text, r.pos))
			}
			b.WriteByte(c)
		case c == '`':
			return "", nil, fmt.Errorf("a macro that is not expanded: %s", near(r.text, r.pos))
		default:
			b.WriteByte(c)
		}
		r.pos++
	}
	if depth != 0 {
		return "", nil, fmt.Errorf("%d parentheses are never closed", depth)
	}
	return b.String(), subs, nil
}

// quotes tells whether an apostrophe begins the name of a field, and does not stand within a word.
func (r *reader) quotes() bool {
	return r.pos == 0 || !isWord(r.text[r.pos-1])
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// closing returns where the quote at a place is closed, -1 where it is not.
func closing(text string, open int) int {
	for i := open + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[open]:
			return i
		}
	}
	return -1
}

// named tells a command's name from what follows it.
func named(raw string, implicit bool) (Command, error) {
	name, args := raw, ""
	if end := strings.IndexFunc(raw, func(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '[' || c == '"' || c == '(' }); end >= 0 {
		name, args = raw[:end], strings.TrimSpace(raw[end:])
	}
	name = strings.ToLower(name)
	known := slices.Contains(commands, name)
	switch {
	case known && (!implicit || name == "search"):
		return Command{Name: name, Args: args}, nil
	case implicit:
		return Command{Name: "search", Args: raw}, nil
	}
	return Command{}, fmt.Errorf("%q is no command that is known", name)
}

// commands are those that may stand in what is shipped: none that writes, sends or deletes, which Splunk warns of in dashboards.
var commands = []string{
	"addcoltotals", "addinfo", "addtotals", "append", "appendcols", "bin", "bucket", "chart", "convert", "dedup", "eval", "eventstats", "fieldformat", "fields",
	"fillnull", "foreach", "format", "head", "inputlookup", "iplocation", "join", "lookup", "makemv", "makeresults", "mvcombine", "mvexpand", "nomv", "rare",
	"regex", "rename", "replace", "return", "reverse", "rex", "search", "sort", "spath", "stats", "streamstats", "table", "tail", "timechart", "top", "transpose",
	"trendline", "tstats", "union", "untable", "where", "xyseries",
}
