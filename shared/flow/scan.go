package flow

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// token is a piece of JSON: a value without members, or one of { } [ ] : and the comma.
type token struct {
	kind tokenKind
	text []byte // of strings without quotes and escapes, of numbers and literals as they stand
}

// tokenKind is the character of punctuation, or one of the kinds below.
type tokenKind byte

const (
	tokenEnd     tokenKind = 0
	tokenString  tokenKind = '"'
	tokenNumber  tokenKind = '0'
	tokenLiteral tokenKind = 'l' // true, false, null
)

// scanner takes tokens off a JSON text (RFC 8259). It is stricter than most and much faster than encoding/json's tokens, which
// cost ten times as much as all the rest of reading a record.
type scanner struct {
	text []byte
	pos  int
}

var errString = errors.New("string without an end, with a bare control character or a bad escape")

func (s *scanner) next() (token, error) {
	for s.pos < len(s.text) && isSpace(s.text[s.pos]) {
		s.pos++
	}
	if s.pos == len(s.text) {
		return token{kind: tokenEnd}, nil
	}
	switch c := s.text[s.pos]; {
	case c == '"':
		return s.str()
	case c == '-' || isDigit(c):
		return s.number()
	case c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',':
		s.pos++
		return token{kind: tokenKind(c)}, nil
	}
	for _, word := range []string{"true", "false", "null"} {
		if n := s.pos + len(word); n <= len(s.text) && string(s.text[s.pos:n]) == word {
			s.pos = n
			return token{tokenLiteral, s.text[n-len(word) : n]}, nil
		}
	}
	return token{}, fmt.Errorf("not JSON at byte %d", s.pos+1)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) digits() (n int) {
	for s.pos < len(s.text) && isDigit(s.text[s.pos]) {
		s.pos++
		n++
	}
	return n
}

// take moves on over one of the characters.
func (s *scanner) take(chars ...byte) bool {
	for _, c := range chars {
		if s.pos < len(s.text) && s.text[s.pos] == c {
			s.pos++
			return true
		}
	}
	return false
}

func (s *scanner) number() (token, error) {
	start := s.pos
	s.take('-')
	leading := s.pos
	n := s.digits()
	ok := n == 1 || (n > 1 && s.text[leading] != '0')
	if s.take('.') {
		ok = s.digits() > 0 && ok
	}
	if s.take('e', 'E') {
		s.take('+', '-')
		ok = s.digits() > 0 && ok
	}
	if !ok {
		return token{}, fmt.Errorf("not a number at byte %d", start+1)
	}
	return token{tokenNumber, s.text[start:s.pos]}, nil
}

func (s *scanner) str() (token, error) {
	s.pos++
	start, plain := s.pos, true
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			raw := s.text[start:s.pos]
			s.pos++
			if plain {
				return token{tokenString, raw}, nil
			}
			text, ok := unquote(raw)
			if !ok {
				return token{}, errString
			}
			return token{tokenString, text}, nil
		case c < ' ':
			return token{}, errString
		case c == '\\':
			plain = false
			s.pos++ // whatever comes is not the end
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return token{}, errString
}

// unquote undoes the escapes of a string's text. What is not UTF-8 becomes U+FFFD.
func unquote(raw []byte) ([]byte, bool) {
	text := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			r, n := utf8.DecodeRune(raw[i:])
			text = utf8.AppendRune(text, r)
			i += n
			continue
		}
		if i+1 >= len(raw) {
			return nil, false
		}
		if raw[i+1] != 'u' {
			c, ok := unescape(raw[i+1])
			if !ok {
				return nil, false
			}
			text = append(text, c)
			i += 2
			continue
		}
		r, n := unescapeUnicode(raw[i:])
		if n == 0 {
			return nil, false
		}
		text = utf8.AppendRune(text, r)
		i += n
	}
	return text, true
}

func unescape(c byte) (byte, bool) {
	switch c {
	case '"', '\\', '/':
		return c, true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// unescapeUnicode reads \uXXXX, or two of them that are a surrogate pair, and returns how many bytes that were; 0 where it is
// none. A surrogate without its other half is U+FFFD.
func unescapeUnicode(raw []byte) (rune, int) {
	const size = len(`\u0000`)
	r, ok := hexRune(raw)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, size
	}
	if low, ok := hexRune(raw[size:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 2 * size
		}
	}
	return utf8.RuneError, size
}

func hexRune(raw []byte) (rune, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	v := rune(0)
	for _, c := range raw[2:6] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		v = v<<4 | rune(d)
	}
	return v, true
}

// String shows a token in an error message, cut short where it is long.
func (t token) String() string {
	const most = 60
	switch t.kind {
	case tokenEnd:
		return "the end of the text"
	case tokenString:
		if len(t.text) > most {
			return strconv.Quote(string(t.text[:most]) + "...")
		}
		return strconv.Quote(string(t.text))
	case tokenNumber, tokenLiteral:
		return string(t.text[:min(len(t.text), most)])
	}
	return string(rune(t.kind))
}
