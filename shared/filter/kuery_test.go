package filter_test

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// kuery reads KQL as Kibana does, by the rules of its grammar: an unquoted text goes on over spaces until an operator that is a word,
// not is one only with a space behind it and may not stand twice in a row, and values in parentheses have a field before
// them. It writes what it reads as nested lists, "(or (is field value) ...)".
type kuery struct {
	text []rune
	at   int
}

// star stands for a wildcard in what was read, to tell it from a star that is a text.
const star = '\uE000'

// readKuery returns "" where Kibana would show an error.
func readKuery(text string) string {
	k := &kuery{text: []rune(text)}
	k.spaces()
	if k.at == len(k.text) {
		return "(all)"
	}
	read, ok := k.joined("or", func() (string, bool) { return k.joined("and", k.negated) })
	k.spaces()
	if !ok || k.at < len(k.text) {
		return ""
	}
	return read
}

func isKuerySpace(r rune) bool { return strings.ContainsRune(" \t\r\n\u00A0", r) }

// spaces skips spaces and returns how many there were.
func (k *kuery) spaces() int {
	from := k.at
	for k.at < len(k.text) && isKuerySpace(k.text[k.at]) {
		k.at++
	}
	return k.at - from
}

// try goes back to where it began unless the reader succeeds.
func (k *kuery) try(read func() bool) bool {
	from := k.at
	if read() {
		return true
	}
	k.at = from
	return false
}

func (k *kuery) word(w string) bool {
	end := k.at + len(w)
	if end > len(k.text) || !strings.EqualFold(string(k.text[k.at:end]), w) {
		return false
	}
	k.at = end
	return true
}

// binary reads an operator between spaces, not reads its own with a space behind.
func (k *kuery) binary(w string) bool {
	return k.try(func() bool { return k.spaces() > 0 && k.word(w) && k.spaces() > 0 })
}

func (k *kuery) not() bool { return k.try(func() bool { return k.word("not") && k.spaces() > 0 }) }

func (k *kuery) atKeyword() bool {
	from := k.at
	defer func() { k.at = from }()
	return k.binary("or") || k.binary("and") || k.not()
}

func (k *kuery) joined(w string, operand func() (string, bool)) (string, bool) {
	first, ok := operand()
	list := []string{first}
	for ok && k.binary(w) {
		var next string
		next, ok = operand()
		list = append(list, next)
	}
	if len(list) == 1 {
		return first, ok
	}
	return "(" + w + " " + strings.Join(list, " ") + ")", ok
}

func (k *kuery) negated() (string, bool) { return k.negation(k.grouped) }

func (k *kuery) negation(of func() (string, bool)) (string, bool) {
	if !k.not() {
		return of()
	}
	read, ok := of()
	return "(not " + read + ")", ok
}

func (k *kuery) grouped() (read string, ok bool) {
	if k.try(func() bool {
		if !k.word("(") {
			return false
		}
		k.spaces()
		read, ok = k.joined("or", func() (string, bool) { return k.joined("and", k.negated) })
		k.spaces()
		return ok && k.word(")")
	}) {
		return read, true
	}
	return k.comparison()
}

func (k *kuery) comparison() (read string, ok bool) {
	field, _ := "", false
	begins := func(operators ...string) (op string) {
		k.try(func() bool {
			if field, ok = k.literal(); !ok {
				return false
			}
			k.spaces()
			for _, o := range operators {
				if k.word(o) {
					op = o
					k.spaces()
					return true
				}
			}
			return false
		})
		return op
	}
	if op := begins("<=", ">=", "<", ">"); op != "" {
		value, ok := k.literal()
		return fmt.Sprintf("(%s %s %s)", op, field, value), ok
	}
	if begins(":") != "" {
		return k.values(field)
	}
	value, ok := k.literal()
	if value == string(star) {
		return "(all)", ok
	}
	return "(any " + value + ")", ok
}

// values reads a value, or values of one field in parentheses.
func (k *kuery) values(field string) (read string, ok bool) {
	if k.try(func() bool {
		if !k.word("(") {
			return false
		}
		k.spaces()
		one := func() (string, bool) { return k.negation(func() (string, bool) { return k.values(field) }) }
		read, ok = k.joined("or", func() (string, bool) { return k.joined("and", one) })
		k.spaces()
		return ok && k.word(")")
	}) {
		return read, true
	}
	value, ok := k.literal()
	return "(is " + field + " " + value + ")", ok
}

// literal reads a text, quoted in what it writes so that lists stay apart.
func (k *kuery) literal() (string, bool) {
	var text []rune
	if k.word(`"`) {
		for k.at < len(k.text) && k.text[k.at] != '"' {
			text = append(text, k.character(`\"`))
		}
		return strconv.Quote(string(text)), k.word(`"`)
	}
	const specials = `\():<>"*{}`
	for k.at < len(k.text) {
		r := k.text[k.at]
		switch {
		case r == '*':
			k.at++
			text = append(text, star)
			continue
		case r != '\\' && (strings.ContainsRune(specials, r) || k.atKeyword()):
		default:
			from := k.at
			c := k.character(specials)
			if r == '\\' && k.at == from+1 {
				return "", false // a lone backslash is no text
			}
			text = append(text, c)
			continue
		}
		break
	}
	trimmed := strings.TrimFunc(string(text), unicode.IsSpace)
	switch trimmed {
	case "null", "true", "false":
		return "(" + trimmed + ")", true
	case string(star):
		return trimmed, true
	}
	return strconv.Quote(trimmed), trimmed != ""
}

// character reads one character, or what a backslash makes of the next ones: one of the marks, white space, a code point. A backslash
// before anything else is one.
func (k *kuery) character(marks string) rune {
	r := k.text[k.at]
	k.at++
	if r != '\\' || k.at == len(k.text) {
		return r
	}
	next := k.text[k.at]
	if i := strings.IndexRune("trn", next); i >= 0 {
		k.at++
		return rune("\t\r\n"[i])
	}
	if next == 'u' && k.at+5 <= len(k.text) {
		if code, err := strconv.ParseUint(string(k.text[k.at+1:k.at+5]), 16, 16); err == nil {
			k.at += 5
			return rune(code)
		}
	}
	if strings.ContainsRune(marks, next) {
		k.at++
		return next
	}
	return r
}
