package filter

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one of the operators that are words.
type word uint8

const (
	noWord word = iota
	wordAnd
	wordOr
	wordNot
)

func operatorOf(s string) word {
	switch {
	case strings.EqualFold(s, "and"):
		return wordAnd
	case strings.EqualFold(s, "or"):
		return wordOr
	case strings.EqualFold(s, "not"):
		return wordNot
	}
	return noWord
}

// scanner reads a filter from left to right. What ends a word depends on where it stands (a colon ends a field but not a
// value), so the parser asks for what it expects.
type scanner struct {
	text string
	pos  int
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		s.pos += n
	}
}

// column is the character at a byte position, from 1.
func (s *scanner) column(pos int) int { return utf8.RuneCountInString(s.text[:pos]) + 1 }

func (s *scanner) errorAt(pos int, text, suggestion string) *Error {
	return &Error{Column: s.column(pos), Text: text, Suggestion: suggestion}
}

// peek returns the next byte after white space, 0 at the end.
func (s *scanner) peek() byte {
	s.skipSpace()
	if s.pos == len(s.text) {
		return 0
	}
	return s.text[s.pos]
}

func (s *scanner) take(token string) bool {
	s.skipSpace()
	if !strings.HasPrefix(s.text[s.pos:], token) {
		return false
	}
	s.pos += len(token)
	return true
}

// until returns the text up to white space or one of the stops, without moving.
func (s *scanner) until(stops string) string {
	rest := s.text[s.pos:]
	end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(stops, r) })
	if end < 0 {
		return rest
	}
	return rest[:end]
}

// Characters that end an operator word, a field name, and a value that is not quoted.
const (
	wordStops  = `()":<>`
	fieldStops = `()":<>=!`
	valueStops = `()"`
)

// takeWord takes an operator word.
func (s *scanner) takeWord(w word) bool {
	s.skipSpace()
	text := s.until(wordStops)
	if operatorOf(text) != w {
		return false
	}
	s.pos += len(text)
	return true
}

// literal is a value as written.
type literal struct {
	pos    int
	parts  []string // texts around the wildcards: one without
	quoted bool
}

func (l literal) wild() bool   { return len(l.parts) > 1 }
func (l literal) text() string { return strings.Join(l.parts, "*") }

// anything tells whether the value is only wildcards: the field must exist.
func (l literal) anything() bool { return l.wild() && strings.Join(l.parts, "") == "" }

// readLiteral reads a value, which may be empty only in quotes.
func (s *scanner) readLiteral() (literal, *Error) {
	s.skipSpace()
	l := literal{pos: s.pos}
	if s.peek() == '"' {
		return s.readQuoted(l)
	}
	var part strings.Builder
	for s.pos < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.pos:])
		if unicode.IsSpace(r) || strings.ContainsRune(valueStops, r) {
			break
		}
		switch r {
		case '*':
			l.addPart(part.String())
			part.Reset()
		case '\\':
			n = s.readEscape(&part, false)
		default:
			part.WriteRune(r)
		}
		s.pos += n
	}
	if s.pos == l.pos {
		return l, s.errorAt(l.pos, "a value is missing", "")
	}
	l.parts = append(l.parts, part.String())
	return l, nil
}

// addPart ends a part at a wildcard; several in a row are one.
func (l *literal) addPart(part string) {
	if len(l.parts) > 0 && part == "" {
		return
	}
	l.parts = append(l.parts, part)
}

func (s *scanner) readQuoted(l literal) (literal, *Error) {
	l.quoted = true
	var text strings.Builder
	for s.pos++; s.pos < len(s.text); {
		r, n := utf8.DecodeRuneInString(s.text[s.pos:])
		switch r {
		case '"':
			s.pos++
			l.parts = []string{text.String()}
			return l, nil
		case '\\':
			n = s.readEscape(&text, true)
		default:
			text.WriteRune(r)
		}
		s.pos += n
	}
	return l, s.errorAt(l.pos, "the quote is not closed", "")
}

// readEscape writes what a backslash and the characters after it stand for, and returns how many bytes they are. Escapes
// are KQL's: \t \r \n \uXXXX, and a character that would mean something else; in quotes any other backslash is itself.
func (s *scanner) readEscape(dst *strings.Builder, quoted bool) int {
	rest := s.text[s.pos+1:]
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case n == 0:
		dst.WriteByte('\\')
	case r == 't' || r == 'r' || r == 'n':
		dst.WriteByte(map[rune]byte{'t': '\t', 'r': '\r', 'n': '\n'}[r])
	case r == 'u' && len(rest) > 4:
		code, err := strconv.ParseUint(rest[1:5], 16, 16)
		if err == nil {
			dst.WriteRune(rune(code))
			return 6
		}
		fallthrough
	case quoted && r != '"' && r != '\\':
		dst.WriteByte('\\')
		return 1
	default:
		dst.WriteRune(r)
	}
	return 1 + n
}
