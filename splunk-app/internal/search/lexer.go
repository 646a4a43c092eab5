package search

import (
	"fmt"
	"slices"
	"strings"
)

// lexeme is a piece of a command: a word, a text in double quotes, a field in single quotes, a subsearch in brackets, or a sign.
type lexeme struct {
	kind rune // 'w', '"', '\'', '[', or 's'
	text string
	tied bool // nothing stands between it and the piece before
}

// lexer goes through the pieces of a command.
type lexer struct {
	list []lexeme
	at   int
}

// signs are told apart from words. In expressions dots, dashes, stars and slashes are signs, too; elsewhere they are parts of names and values.
const (
	signs     = "()=<>!,+%"
	operators = signs + ".-*/"
)

// lex splits the arguments of a command: expressions, or else names and values, among which eval(...) is an expression.
func lex(text string, expressions bool) (*lexer, error) {
	l, apart, depth, within := &lexer{}, signs, 0, -1
	if expressions {
		apart = operators
	}
	for i := 0; i < len(text); {
		c, before := text[i], i
		tied := i > 0 && !strings.ContainsRune(" \n\t", rune(text[i-1]))
		switch {
		case strings.ContainsRune(" \n\t", rune(c)):
			i++
			continue
		case c == '"' || c == '\'':
			value, n, err := quoted(text[i:])
			if err != nil {
				return nil, err
			}
			l.list = append(l.list, lexeme{rune(c), value, tied})
			i += n
		case c == '[':
			n := closing(text[i:])
			l.list = append(l.list, lexeme{'[', text[i+1 : i+n-1], tied})
			i += n
		case strings.ContainsRune(apart, rune(c)) && !isDecimal(text, i):
			switch c {
			case '(':
				if n := len(l.list); !expressions && n > 0 && strings.EqualFold(l.list[n-1].text, "eval") {
					within, apart = depth, operators
				}
				depth++
			case ')':
				if depth--; depth == within {
					within, apart = -1, signs
				}
			}
			n := 1
			if i+1 < len(text) && slices.Contains([]string{"!=", "<=", ">=", "=="}, text[i:i+2]) {
				n = 2
			}
			l.list = append(l.list, lexeme{'s', text[i : i+n], tied})
			i += n
		default:
			for i < len(text) && (!strings.ContainsRune(apart+" \n\t\"'[]", rune(text[i])) || isDecimal(text, i)) {
				i++
			}
			if i == before {
				return nil, fmt.Errorf("unexpected %q", text[i:])
			}
			l.list = append(l.list, lexeme{'w', text[before:i], tied})
		}
	}
	return l, nil
}

// isDecimal tells whether there is the point of a number.
func isDecimal(text string, i int) bool {
	isDigit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	return text[i] == '.' && isDigit(i-1) && isDigit(i+1)
}

// quoted reads a text in quotes and returns how long it stands.
func quoted(text string) (value string, n int, err error) {
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == text[0]:
			return out.String(), i + 1, nil
		case text[i] == '\\' && i+1 < len(text) && strings.ContainsRune(`"\`, rune(text[i+1])):
			i++
			out.WriteByte(text[i])
		default:
			out.WriteByte(text[i])
		}
	}
	return "", 0, fmt.Errorf("open quote: %s", text)
}

// closing returns how long a text in brackets stands; pipes has seen that they close.
func closing(text string) int {
	depth := 0
	for i, c := range text {
		switch c {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func (l *lexer) more() bool { return l.at < len(l.list) }

func (l *lexer) peek() lexeme {
	if l.at < len(l.list) {
		return l.list[l.at]
	}
	return lexeme{}
}

func (l *lexer) next() lexeme {
	p := l.peek()
	l.at++
	return p
}

// is tells whether a word or sign comes next, in whatever case, and passes it.
func (l *lexer) is(text string) bool {
	if p := l.peek(); (p.kind == 'w' || p.kind == 's') && strings.EqualFold(p.text, text) {
		l.at++
		return true
	}
	return false
}

func (l *lexer) want(text string) error {
	if !l.is(text) {
		return fmt.Errorf("%q where %q should be", l.peek().text, text)
	}
	return nil
}

// name is a field: a word, or in quotes.
func (l *lexer) name() (string, error) {
	if p := l.peek(); p.kind == 'w' || p.kind == '"' || p.kind == '\'' {
		l.at++
		return p.text, nil
	}
	return "", fmt.Errorf("%q where a field should be", l.peek().text)
}

// names are fields, with or without commas.
func (l *lexer) names() (list []string, err error) {
	for l.more() {
		l.is(",")
		f, err := l.name()
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	if list == nil {
		return nil, fmt.Errorf("no fields")
	}
	return list, nil
}

// option is NAME=VALUE, where it comes next.
func (l *lexer) option(name string) (string, bool) {
	if l.at+2 < len(l.list)+0 && strings.EqualFold(l.list[l.at].text, name) && l.list[l.at].kind == 'w' && l.list[l.at+1].text == "=" {
		value := l.list[l.at+2].text
		l.at += 3
		return value, true
	}
	return "", false
}
