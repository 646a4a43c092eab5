package filter

import (
	"fmt"
	"net/netip"

	"github.com/weirflow/weir/shared/flow"
)

// The functions below turn what the parser stumbles over into errors that say how to go on.

func (p *parser) missingTerm(name string) *Error {
	switch {
	case name != "":
		return p.errorAt(p.pos, fmt.Sprintf("%q stands where a comparison should", name), "")
	case p.peek() == 0:
		return p.errorAt(p.pos, "the filter ends where a comparison should stand", "")
	}
	return p.unexpected()
}

// unknownField explains a word that is no field: a typing error, or a value without its field.
func (p *parser) unknownField(start int, name string, next byte) *Error {
	if next == ':' || next == '<' || next == '>' || next == '=' {
		if _, err := netip.ParseAddr(p.text[start : start+len(p.wordAt(start))]); err == nil {
			return p.bareValue(start)
		}
		return p.errorAt(start, "no field "+name, Nearest(name, p.fieldNames()))
	}
	return p.bareValue(start)
}

// wordAt returns the word as a value would be read there.
func (p *parser) wordAt(start int) string {
	s := scanner{text: p.text, pos: start}
	return s.until(valueStops)
}

func (p *parser) bareValue(start int) *Error {
	word := p.wordAt(start)
	suggestion := ""
	if isPrefixOrAddr(word) {
		suggestion = "related.ip : " + word
	} else if _, err := parseUint(word); err == nil {
		suggestion = "related.port : " + word
	} else if near := Nearest(word, p.fieldNames()); near != "" {
		suggestion = near + " : *"
	}
	return p.errorAt(start, fmt.Sprintf("%s stands without a field: a comparison is FIELD : VALUE", word), suggestion)
}

func isPrefixOrAddr(s string) bool {
	_, errAddr := netip.ParseAddr(s)
	_, errPrefix := netip.ParsePrefix(s)
	return errAddr == nil || errPrefix == nil
}

func (p *parser) fieldNames() []string {
	var names []string
	for _, f := range p.reg.Fields() {
		if p.sessions && onSessions(f) || !p.sessions && f.Scope == flow.ScopeRecord {
			names = append(names, f.Name)
		}
	}
	return names
}

// orderAfterColon explains FIELD : > VALUE.
func (p *parser) orderAfterColon(f *flow.Field) *Error {
	at := p.pos
	op := p.until("0123456789" + valueStops)
	p.pos += len(op)
	p.skipSpace()
	return p.errorAt(at, "order is compared without the colon", f.Name+" "+op+" "+p.until(valueStops))
}

// unexpected explains what stands where an operator or the end should.
func (p *parser) unexpected() *Error {
	p.skipSpace()
	switch rest := p.text[p.pos:]; {
	case rest == "":
		return p.errorAt(p.pos, "the filter ends too early", "")
	case rest[0] == ')':
		return p.errorAt(p.pos, "a closing parenthesis too many", "")
	case rest[0] == '!':
		return p.errorAt(p.pos, "there is no operator !", "not")
	case len(rest) > 1 && rest[:2] == "&&":
		return p.errorAt(p.pos, "there is no operator &&", "and")
	case len(rest) > 1 && rest[:2] == "||":
		return p.errorAt(p.pos, "there is no operator ||", "or")
	}
	found := p.until(valueStops)
	if found == "" {
		found = p.text[p.pos : p.pos+1]
	}
	return p.errorAt(p.pos, fmt.Sprintf("%s stands where and, or or the end should; values with spaces need quotes", found), "")
}
