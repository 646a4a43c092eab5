package filtertest

import (
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"strings"
)

// Event is what Splunk has extracted of a record: values by field, as texts. It judges the part of SPL that filters use: terms of the
// search command, in which not binds before or and or before and, texts compare in any case and a star is a wildcard; and
// conditions of where, in which and binds before or.
type Event map[string][]string

// Selects judges "TERMS | where CONDITION"; it panics on what Splunk would refuse.
func (e Event) Selects(spl string) bool {
	s := &splText{tokens: splTokens(spl), event: e}
	ok := s.terms()
	if s.take("|") {
		s.must("where")
		condition := s.condition()
		ok = ok && condition
	}
	if s.at != len(s.tokens) {
		panic("not at the end: " + spl)
	}
	return ok
}

// splTokens cuts a search into quoted texts, operators and words.
func splTokens(spl string) []string {
	return splToken.FindAllString(spl, -1)
}

var (
	splToken  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'[^']*'|==|>=|<=|[()=<>,|]|[^\s()=<>,|"']+`)
	splEscape = regexp.MustCompile(`(?s)\\(["\\])`)
)

type splText struct {
	tokens []string
	at     int
	event  Event
	// name and value are what mvfilter looks at.
	name, value string
}

func (s *splText) peek() string {
	if s.at < len(s.tokens) {
		return s.tokens[s.at]
	}
	return ""
}

func (s *splText) next() string {
	token := s.peek()
	s.at++
	return token
}

func (s *splText) take(token string) bool {
	if s.peek() == token {
		s.at++
		return true
	}
	return false
}

func (s *splText) must(token string) {
	if !s.take(token) {
		panic(fmt.Sprintf("%q stands where %q should", s.peek(), token))
	}
}

// chain judges operands joined by an operator.
func (s *splText) chain(operator string, operand func() bool, all bool) bool {
	result := operand()
	for s.take(operator) {
		next := operand()
		if all {
			result = result && next
		} else {
			result = result || next
		}
	}
	return result
}

func (s *splText) terms() bool { return s.chain("AND", s.alternatives, true) }

func (s *splText) alternatives() bool { return s.chain("OR", s.term, false) }

func (s *splText) term() bool {
	switch {
	case s.take("NOT"):
		return !s.term()
	case s.take("*"):
		return true
	case s.take("("):
		result := s.terms()
		s.must(")")
		return result
	}
	values := s.event[s.next()]
	op := s.next()
	wants := []string{s.next()}
	if op == "IN" {
		op, wants = "=", nil
		for s.peek() != ")" {
			wants = append(wants, s.next())
			s.take(",")
		}
		s.must(")")
	}
	for _, have := range values {
		for _, want := range wants {
			if searchHolds(have, op, want) {
				return true
			}
		}
	}
	return false
}

func searchHolds(have, op, want string) bool {
	text := unquote(want)
	if op != "=" {
		return ordered(number(have).Cmp(number(text)), op)
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		ip, err := netip.ParseAddr(have)
		return err == nil && prefix.Contains(ip)
	}
	if want[0] != '"' && want != "*" {
		return number(have).Cmp(number(text)) == 0
	}
	if !strings.Contains(text, "*") {
		return strings.EqualFold(have, text)
	}
	return regexp.MustCompile(`(?is)^` + strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `.*`) + `$`).MatchString(have)
}

func ordered(order int, op string) bool {
	return map[string]bool{">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0, "=": order == 0, "==": order == 0}[op]
}

// number is exact, where Splunk has doubles.
func number(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("no number: " + s)
	}
	return r
}

// unquote takes the quotes off a text, and the backslashes before others and themselves.
func unquote(token string) string {
	if token[0] != '"' {
		return token
	}
	return splEscape.ReplaceAllString(token[1:len(token)-1], "$1")
}

func (s *splText) condition() bool {
	return s.chain("OR", func() bool { return s.chain("AND", s.factor, true) }, false)
}

func (s *splText) factor() bool {
	switch token := s.next(); token {
	case "NOT":
		return !s.factor()
	case "(":
		result := s.condition()
		s.must(")")
		return result
	case "true", "false":
		s.must("(")
		s.must(")")
		return token == "true"
	case "isnull", "isnotnull":
		s.must("(")
		there := s.there()
		s.must(")")
		return there == (token == "isnotnull")
	case "match":
		s.must("(")
		value := s.field(s.next())
		s.must(",")
		pattern := regexp.MustCompile(unquote(s.next()))
		s.must(")")
		return pattern.MatchString(value)
	case "cidrmatch":
		s.must("(")
		prefix := netip.MustParsePrefix(unquote(s.next()))
		s.must(",")
		ip := netip.MustParseAddr(s.field(s.next()))
		s.must(")")
		return prefix.Contains(ip)
	default:
		value, op, want := s.field(token), s.next(), s.next()
		if want[0] == '"' {
			return value == unquote(want)
		}
		return ordered(number(value).Cmp(number(want)), op)
	}
}

// there tells whether a field is there, or a value of it for which the condition of mvfilter holds.
func (s *splText) there() bool {
	if !s.take("mvfilter") {
		return len(s.event[evalField(s.next())]) > 0
	}
	s.must("(")
	from := s.at
	s.name = evalField(s.fieldAhead())
	found := false
	for _, v := range append([]string{""}, s.event[s.name]...)[1:] {
		s.at, s.value = from, v
		found = s.condition() || found
	}
	s.at, s.name = s.closing(from), ""
	s.must(")")
	return found
}

// fieldAhead finds the one field of a condition: a name before an operator, or the argument of a function.
func (s *splText) fieldAhead() string {
	for i := s.at; ; i++ {
		switch s.tokens[i] {
		case "(", "NOT":
		case "match":
			return s.tokens[i+2]
		case "cidrmatch":
			return s.tokens[i+4]
		default:
			return s.tokens[i]
		}
	}
}

// closing returns where the parenthesis closes that was opened before a token.
func (s *splText) closing(from int) int {
	for depth := 1; ; from++ {
		switch s.tokens[from] {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return from
			}
		}
	}
}

// field is the value of a field inside mvfilter, which knows one alone, or of _raw.
func (s *splText) field(token string) string {
	name := evalField(token)
	if name == "_raw" {
		return s.event[name][0]
	}
	if name != s.name {
		panic(name + " is compared outside of its own mvfilter")
	}
	return s.value
}

// evalField takes the quotes off a name. One with a dot needs them.
func evalField(token string) string {
	if token[0] == '\'' {
		return token[1 : len(token)-1]
	}
	if strings.ContainsAny(token, ".@") {
		panic(token + " is an expression")
	}
	return token
}
