package pivot

import (
	"encoding/json"
	"strings"
)

// syntax is what a form's value is written into, below the percent-encoding of the URL.
type syntax uint8

const (
	plain syntax = iota
	jsonText
	rison // Kibana's and OpenSearch Dashboards' JSON for URLs: github.com/Nanonid/rison
)

// place is where a form stands.
type place struct {
	syntax syntax
	quoted bool // inside a string of the syntax
}

// placer follows a template from left to right and tells where the next form stands. Parameters of query and fragment are told apart by
// & and =, before percent-decoding; what their values are written in by how they begin, after it.
type placer struct {
	inValue bool
	name    strings.Builder // of the parameter
	start   string          // the first characters of its value
	place
	escaped bool // the next character of a string is
}

// raw takes a character of the URL's own syntax or a literal one. Separators are told from data by being raw.
func (p *placer) raw(c rune, parameters bool) {
	switch {
	case !parameters:
	case c == '&' || c == '?' && !p.inValue:
		*p = placer{}
	case c == '=' && !p.inValue:
		p.inValue = true
	default:
		p.data(c)
	}
}

// data takes a character of a parameter's name or value, percent-decoded.
func (p *placer) data(c rune) {
	if !p.inValue {
		p.name.WriteRune(c)
		return
	}
	if len(p.start) < 2 {
		p.begin(c)
	}
	switch p.syntax {
	case jsonText:
		p.inside(c, '"', '\\')
	case rison:
		p.inside(c, '\'', '!')
	case plain:
	}
}

// begin decides the syntax by the first characters. JSON begins as neither LogQL's {app="x"} nor Solr's {!x} do; rison looks like any
// text in parentheses, and is known by the names that Kibana's applications have for their state.
func (p *placer) begin(c rune) {
	first := p.start == ""
	p.start += string(c)
	switch {
	case first && c == '(' && (p.name.String() == "_a" || p.name.String() == "_g"):
		p.syntax = rison
	case p.start == `{"` || p.start == `["` || p.start == `[{`:
		p.syntax = jsonText
	}
}

// inside follows the strings of a syntax.
func (p *placer) inside(c, quote, escape rune) {
	switch {
	case p.escaped:
		p.escaped = false
	case p.quoted && c == escape:
		p.escaped = true
	case c == quote:
		p.quoted = !p.quoted
	}
}

// form tells the place of a form, which counts as a character of the value.
func (p *placer) form() place {
	if p.inValue && p.start == "" {
		p.start = "  " // a value that begins with a form is plain
	}
	return p.place
}

// write returns a value as it is written there, percent-encoded.
func (p place) write(value string, number bool) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	switch {
	case p.syntax == jsonText && (p.quoted || !number):
		value = jsonString(value)
		if p.quoted {
			value = value[1 : len(value)-1]
		}
	case p.syntax == rison && (p.quoted || !number):
		value = risonEscapes.Replace(value)
		if !p.quoted {
			value = "'" + value + "'"
		}
	}
	return escape(value)
}

// risonEscapes are those of strings in quotes.
var risonEscapes = strings.NewReplacer("!", "!!", "'", "!'")

func jsonString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string in memory
	return strings.TrimSuffix(b.String(), "\n")
}

// unreserved are the characters that mean nothing to a URL (RFC 3986 section 2.3), and the colon, which means nothing behind the host
// and makes addresses and times readable.
const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:"

// escape percent-encodes everything but unreserved characters: the same in path, query and fragment. A space is %20: a plus means one
// in queries only.
func escape(s string) string { return escapeBut(s, unreserved) }

func escapeBut(s, keep string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}
