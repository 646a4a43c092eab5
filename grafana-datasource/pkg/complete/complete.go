// Package complete says how a filter that is being written may go on: what stands at the cursor, and what may stand there.
package complete

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
)

// Kinds of what stands at a cursor.
const (
	Field    = "field"
	Operator = "operator"
	Value    = "value"
	Keyword  = "keyword"
)

// Place is what stands at the cursor of a filter.
type Place struct {
	Kind   string
	Field  *flow.Field // whose operator or value it is; nil where it is not known
	Prefix string      // what has been written of it, without quotes
	Begin  int         // in bytes: where it begins
	Quoted bool        // an open quote stands before it
	Depth  int         // parentheses that are open
}

// At reads a filter up to the cursor. It takes anything: a filter that is being written is seldom right.
func At(text string, reg *flow.Registry) Place {
	r := &reader{text: text, reg: reg}
	for {
		if p, end := r.step(); end {
			p.Depth = len(r.open)
			return p
		}
	}
}

// reader goes through a filter from left to right.
type reader struct {
	text  string
	pos   int
	reg   *flow.Registry
	want  string // what may come next; "": a field
	field *flow.Field
	open  []bool // parentheses that are open: whether of values
}

// Characters that end a word: of a field or operator, of a value.
const (
	wordStops  = `()":<>=!`
	valueStops = `()"`
)

// step takes the next part; end is true where the cursor is in it.
func (r *reader) step() (p Place, end bool) {
	r.space()
	switch r.want {
	case Operator:
		return r.operator()
	case Value:
		return r.value()
	case Keyword:
		return r.keyword()
	}
	return r.name()
}

func (r *reader) space() {
	for r.pos < len(r.text) {
		c, n := utf8.DecodeRuneInString(r.text[r.pos:])
		if !unicode.IsSpace(c) {
			return
		}
		r.pos += n
	}
}

// word takes what stands before white space or a stop.
func (r *reader) word(stops string) (begin int, text string) {
	begin = r.pos
	for r.pos < len(r.text) {
		c, n := utf8.DecodeRuneInString(r.text[r.pos:])
		if unicode.IsSpace(c) || strings.ContainsRune(stops, c) {
			break
		}
		if c == '\\' && r.pos+n < len(r.text) {
			_, next := utf8.DecodeRuneInString(r.text[r.pos+n:])
			n += next
		}
		r.pos += n
	}
	return begin, r.text[begin:r.pos]
}

func (r *reader) name() (Place, bool) {
	begin, text := r.word(wordStops)
	switch {
	case r.pos == len(r.text):
		return Place{Kind: Field, Prefix: text, Begin: begin}, true
	case text == "" && r.text[r.pos] == '(':
		r.open = append(r.open, false)
		r.pos++
	case text == "": // a sign that cannot stand here
		r.pos++
	case strings.EqualFold(text, "not"):
	case text == "*":
		r.want = Keyword
	default:
		r.field, r.want = r.reg.Lookup(text), Operator
	}
	return Place{}, false
}

func (r *reader) operator() (Place, bool) {
	begin := r.pos
	for r.pos < len(r.text) && strings.IndexByte(":<>=!", r.text[r.pos]) >= 0 {
		r.pos++
	}
	if begin == r.pos || r.pos == len(r.text) && r.text[begin:] != ":" {
		if r.pos == len(r.text) {
			return Place{Kind: Operator, Field: r.field, Prefix: r.text[begin:], Begin: begin}, true
		}
		r.want = Keyword // no operator: whatever this is, the filter goes on behind it
		return Place{}, false
	}
	r.want = Value
	return Place{}, false
}

func (r *reader) value() (Place, bool) {
	if r.pos == len(r.text) {
		return Place{Kind: Value, Field: r.field, Begin: r.pos}, true
	}
	switch r.text[r.pos] {
	case '(':
		r.open = append(r.open, true)
		r.pos++
		return Place{}, false
	case ')':
		r.want = Keyword
		return Place{}, false
	case '"':
		return r.quoted()
	}
	begin, text := r.word(valueStops)
	switch {
	case r.pos == len(r.text):
		return Place{Kind: Value, Field: r.field, Prefix: text, Begin: begin}, true
	case r.ofValues() && strings.EqualFold(text, "not"):
		return Place{}, false
	}
	r.want = Keyword
	return Place{}, false
}

// quoted takes a value in quotes.
func (r *reader) quoted() (Place, bool) {
	begin := r.pos
	var text strings.Builder
	for r.pos++; r.pos < len(r.text); r.pos++ {
		switch c := r.text[r.pos]; {
		case c == '"':
			r.pos++
			r.want = Keyword
			return Place{}, false
		case c == '\\' && r.pos+1 < len(r.text) && strings.IndexByte(`"\`, r.text[r.pos+1]) >= 0:
			r.pos++
			text.WriteByte(r.text[r.pos])
		default:
			text.WriteByte(c)
		}
	}
	return Place{Kind: Value, Field: r.field, Prefix: text.String(), Begin: begin, Quoted: true}, true
}

// ofValues tells whether the innermost parenthesis is one of values.
func (r *reader) ofValues() bool { return len(r.open) > 0 && r.open[len(r.open)-1] }

func (r *reader) keyword() (Place, bool) {
	if r.pos < len(r.text) && r.text[r.pos] == ')' {
		if len(r.open) > 0 {
			r.open = r.open[:len(r.open)-1]
		}
		r.pos++
		return Place{}, false
	}
	begin, text := r.word(wordStops)
	switch {
	case r.pos == len(r.text):
		return Place{Kind: Keyword, Prefix: text, Begin: begin}, true
	case text == "": // a sign that cannot stand here
		r.pos++
	case strings.EqualFold(text, "and") || strings.EqualFold(text, "or"):
		r.want = ""
		if r.ofValues() {
			r.want = Value
		}
	}
	return Place{}, false
}
