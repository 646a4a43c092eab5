package filter

import (
	"math"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// elasticCompare compares the named field, which is another than c.Field where that stands for both sides.
func elasticCompare(c Compare, name string) ElasticQuery {
	switch {
	case elasticKeywords[c.Field.Name]:
		return elasticNumberText(c, name)
	case c.Field.Kind == flow.KindUint && c.Values[0].U > math.MaxInt64 && c.Op != Equal:
		return elasticBeyond(c.Op, name)
	case c.Op != Equal:
		return elasticRange(c.Op, name, elasticValue(c.Values[0]))
	}
	var plain []any
	var patterns []ElasticQuery
	for _, v := range c.Values {
		switch {
		case v.Parts != nil:
			patterns = append(patterns, elasticPattern(name, v.Parts))
		case v.Kind != flow.KindUint || v.U <= math.MaxInt64: // no long is greater, and none may be asked for
			plain = append(plain, elasticValue(v))
		}
	}
	return elasticAny(append(elasticTerms(name, plain), patterns...))
}

// elasticTerms asks for one of the values; for nothing where there is none.
func elasticTerms(name string, values []any) []ElasticQuery {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return []ElasticQuery{{Term: map[string]any{name: values[0]}}}
	}
	return []ElasticQuery{{Terms: map[string][]any{name: values}}}
}

// elasticBeyond compares with a number that is greater than every long.
func elasticBeyond(op Op, name string) ElasticQuery {
	if op == Less || op == LessEqual {
		return elasticExists(name)
	}
	return elasticNone()
}

func elasticRange(op Op, name string, v any) ElasticQuery {
	var span ElasticSpan
	switch op {
	case Greater:
		span.Greater = v
	case GreaterEqual:
		span.GreaterEqual = v
	case Less:
		span.Less = v
	default:
		span.LessEqual = v
	}
	return ElasticQuery{Range: map[string]ElasticSpan{name: span}}
}

// elasticValue is a number, or a text as it is in documents; a prefix is text with its length.
func elasticValue(v Value) any {
	switch v.Kind {
	case flow.KindUint:
		return v.U
	case flow.KindInt:
		return int64(v.U)
	case flow.KindFloat:
		return v.F
	case flow.KindIP:
		return v.prefixText()
	}
	return v.String()
}

// elasticPattern asks for a text with wildcards: a prefix where only the end is open. The text's own wildcards are escaped.
func elasticPattern(name string, parts []string) ElasticQuery {
	if len(parts) == 2 && parts[1] == "" {
		return ElasticQuery{Prefix: map[string]string{name: parts[0]}}
	}
	escape := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escape.Replace(p)
	}
	return ElasticQuery{Wildcard: map[string]string{name: strings.Join(escaped, "*")}}
}

// elasticNumberText compares a number that the index keeps as a text: equal as text, ordered by a pattern of its digits.
func elasticNumberText(c Compare, name string) ElasticQuery {
	n := c.Values[0].U
	switch c.Op {
	case Equal:
		values := make([]any, len(c.Values))
		for i, v := range c.Values {
			values[i] = strconv.FormatUint(v.U, 10)
		}
		return elasticTerms(name, values)[0]
	case Greater, GreaterEqual:
		if c.Op == Greater {
			if n == math.MaxUint64 {
				return elasticNone()
			}
			n++
		}
		return ElasticQuery{Regexp: map[string]string{name: digitsFrom(n)}}
	case Less:
		if n == 0 {
			return elasticNone()
		}
		n--
	}
	return ElasticQuery{Regexp: map[string]string{name: digitsTo(n)}}
}
