package policy

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseError says what is wrong with the text of a limit. Column counts characters from 1.
type ParseError struct {
	Column int
	Text   string
}

// Error implements error.
func (e *ParseError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Text) }

// Caps of a limit's text.
const (
	maxText  = 4096
	maxDepth = 16
)

// ParseCondition reads limits joined by and, or and parentheses; and binds more strongly:
//
//	bytes_out > 10MB and (duration > 1h or sessions >= 100)
//
// Errors are *[ParseError].
func ParseCondition(text string) (Condition, error) {
	p := limitParser{words: split(text)}
	if len(text) > maxText {
		return Condition{}, &ParseError{Column: 1, Text: fmt.Sprintf("longer than %d bytes", maxText)}
	}
	c, err := p.or(0)
	if err == nil && p.pos < len(p.words)-1 {
		err = p.fail("%q stands where and, or, or the end should", p.word())
	}
	if err != nil {
		return Condition{}, err
	}
	return c, nil
}

type word struct {
	text   string
	column int // from 1, in characters
}

// split cuts the text into words, operators and parentheses; the last is "", the end.
func split(text string) []word {
	var words []word
	runes := []rune(text)
	for i := 0; i < len(runes); {
		start := i
		switch r := runes[i]; {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			i++
			continue
		case r == '(' || r == ')':
			i++
		case strings.ContainsRune("<>=!", r):
			for i < len(runes) && strings.ContainsRune("<>=!", runes[i]) {
				i++
			}
		default:
			for i < len(runes) && !strings.ContainsRune(" \t\r\n()<>=!", runes[i]) {
				i++
			}
		}
		words = append(words, word{string(runes[start:i]), start + 1})
	}
	return append(words, word{"", len(runes) + 1})
}

type limitParser struct {
	words []word
	pos   int
}

func (p *limitParser) word() string { return p.words[p.pos].text }

func (p *limitParser) take(text string) bool {
	if !strings.EqualFold(p.word(), text) {
		return false
	}
	p.pos++
	return true
}

func (p *limitParser) fail(format string, args ...any) *ParseError {
	return &ParseError{Column: p.words[p.pos].column, Text: fmt.Sprintf(format, args...)}
}

func (p *limitParser) or(depth int) (Condition, *ParseError) {
	if depth > maxDepth {
		return Condition{}, p.fail("more than %d levels of parentheses", maxDepth)
	}
	list, err := p.joined("or", func() (Condition, *ParseError) {
		list, err := p.joined("and", func() (Condition, *ParseError) { return p.primary(depth) })
		if err != nil || len(list) == 1 {
			return first(list), err
		}
		return Condition{All: list}, nil
	})
	if err != nil || len(list) == 1 {
		return first(list), err
	}
	return Condition{Any: list}, nil
}

func first(list []Condition) (c Condition) {
	if len(list) > 0 {
		c = list[0]
	}
	return c
}

func (p *limitParser) joined(by string, member func() (Condition, *ParseError)) ([]Condition, *ParseError) {
	var list []Condition
	for {
		c, err := member()
		if err != nil {
			return nil, err
		}
		if list = append(list, c); !p.take(by) {
			return list, nil
		}
	}
}

func (p *limitParser) primary(depth int) (Condition, *ParseError) {
	if p.take("(") {
		c, err := p.or(depth + 1)
		if err == nil && !p.take(")") {
			err = p.fail("a parenthesis is not closed")
		}
		return c, err
	}
	l, err := p.limit()
	return Condition{Limit: l}, err
}

func (p *limitParser) limit() (l Limit, err *ParseError) {
	m, ok := measureOf(p.word())
	if !ok {
		if p.word() == "" {
			return l, p.fail("ends where a limit like bytes_out > 10MB should stand")
		}
		return l, p.fail("%q is not a measure: known are %s", p.word(), strings.Join(measureNames[1:], ", "))
	}
	p.pos++
	l.Measure = m
	switch {
	case p.take(">="):
		l.OrEqual = true
	case !p.take(">"):
		return l, p.fail("after %s, > or >= should stand: a limit says what is too much", m)
	}
	v, bad := m.parse(p.word())
	if bad != "" {
		return l, p.fail("%s", bad)
	}
	p.pos++
	l.Value = v
	return l, nil
}

func measureOf(name string) (Measure, bool) {
	for i, n := range measureNames {
		if n == name && i > 0 {
			return Measure(i), true
		}
	}
	return 0, false
}

// unit is a suffix of values; those of which others are a suffix come first.
type unit struct {
	suffix string
	factor float64
	binary bool
}

var (
	sizeUnits = []unit{
		{"TiB", 1 << 40, true}, {"GiB", 1 << 30, true}, {"MiB", 1 << 20, true}, {"KiB", 1 << 10, true},
		{"TB", 1e12, false}, {"GB", 1e9, false}, {"MB", 1e6, false}, {"KB", 1e3, false}, {"kB", 1e3, false}, {"B", 1, false}, {"", 1, false},
	}
	countUnits = []unit{{"T", 1e12, false}, {"G", 1e9, false}, {"M", 1e6, false}, {"k", 1e3, false}, {"", 1, false}}
	timeUnits  = []unit{
		{"w", 7 * 24 * float64(time.Hour), false}, {"d", 24 * float64(time.Hour), false}, {"h", float64(time.Hour), false},
		{"m", float64(time.Minute), false}, {"ms", float64(time.Millisecond), false}, {"s", float64(time.Second), false},
	}
)

// parse reads a value of the measure; bad says what is wrong.
func (m Measure) parse(text string) (v float64, bad string) {
	units, want := countUnits, "a number like 100 or 5k"
	switch {
	case m <= BytesIn:
		units, want = sizeUnits, "a size like 10MB or 1GiB"
	case m == Duration:
		units, want = timeUnits, "a duration like 30s, 1h or 2d"
	case m.rate():
		want = "a rate like 100M or 5k"
	}
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.suffix)
		n, err := strconv.ParseFloat(digits, 64)
		if !ok || err != nil || math.IsInf(n, 0) || math.IsNaN(n) || digits == "" || strings.ContainsAny(digits, "xXpP_") {
			continue
		}
		switch v = n * u.factor; {
		case v < 0 || v > 1<<53:
			return 0, fmt.Sprintf("%s is out of range", text)
		case m.distinct() && v > MaxDistinct:
			return 0, fmt.Sprintf("%s is out of range: %s are told apart up to %d", text, m, MaxDistinct)
		}
		return v, ""
	}
	if text == "" {
		return 0, fmt.Sprintf("ends where %s should stand", want)
	}
	return 0, fmt.Sprintf("%q is not %s", text, want)
}

// MaxDistinct is the greatest limit of measures that count different things.
const MaxDistinct = 10000
