package spl

import "strings"

// tokenKind is what a token is.
type tokenKind uint8

const (
	word   tokenKind = iota // also numbers, times and patterns
	text                    // in double quotes
	field                   // in single quotes: a field's name as it is
	mark                    // an operator, a parenthesis, a comma
	filled                  // $name$, which a dashboard or a workflow action fills in
)

type token struct {
	kind tokenKind
	text string // without quotes
	pos  int
}

// is tells whether the token is a keyword, in any case.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

// isMark tells whether the token is one of some operators.
func (t token) isMark(marks ...string) bool {
	for _, m := range marks {
		if t.kind == mark && t.text == m {
			return true
		}
	}
	return false
}

// termWord tells what words are made of outside of expressions, exprWord within.
func termWord(c byte) bool { return isWord(c) || strings.IndexByte(".{}*:-/@+%#?&;~^\\", c) >= 0 }
func exprWord(c byte) bool { return isWord(c) }

// lex cuts what follows a command into tokens.
func lex(args string, inWord func(byte) bool) (list []token) {
	for i := 0; i < len(args); {
		c, begin := args[i], i
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			i++
			continue
		case (c == '"' || c == '\'' && (i == 0 || !isWord(args[i-1]))) && closing(args, i) > 0:
			end := closing(args, i)
			kind := text
			if c == '\'' {
				kind = field
			}
			list = append(list, token{kind, args[i+1 : end], begin})
			i = end + 1
			continue
		case c == '$' && strings.IndexByte(args[i+1:], '$') > 0:
			i += strings.IndexByte(args[i+1:], '$') + 2
			list = append(list, token{filled, args[begin:i], begin})
			continue
		case inWord(c):
			for i < len(args) && (inWord(args[i]) || args[i] == '.' && i > begin && isNumber(args[begin:i])) {
				i++
			}
			list = append(list, token{word, args[begin:i], begin})
			continue
		}
		i++
		if i < len(args) && args[i] == '=' && strings.IndexByte("=!<>", c) >= 0 {
			i++
		}
		list = append(list, token{mark, args[begin:i], begin})
	}
	return list
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.") == ""
}
