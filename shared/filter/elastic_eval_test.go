package filter_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// index evaluates the part of the query DSL that filters use, as Elasticsearch does, over documents of flat keys. It knows the
// types of the fields and nothing of filters.
type index struct{ types map[string]string }

// object is JSON with its numbers as written.
type object = map[string]any

func decodeObject(text []byte) (object, error) {
	var o object
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return o, d.Decode(&o)
}

// matches tells whether a document matches a clause; it panics on what a server would refuse.
func (x index) matches(query, doc object) bool {
	if len(query) != 1 {
		panic(fmt.Sprintf("a clause has one kind: %v", query))
	}
	for kind, body := range query {
		arg := body.(object)
		switch kind {
		case "match_all":
			return true
		case "match_none":
			return false
		case "bool":
			return x.matchesBool(arg, doc)
		case "exists":
			return len(x.values(doc, arg["field"].(string))) > 0
		}
		for field, want := range arg {
			return x.matchesField(kind, field, want, x.values(doc, field))
		}
	}
	panic("empty clause")
}

func (x index) matchesBool(arg, doc object) bool {
	count := func(name string) (held, all int) {
		list, _ := arg[name].([]any)
		for _, clause := range list {
			if x.matches(clause.(object), doc) {
				held++
			}
		}
		return held, len(list)
	}
	if held, all := count("filter"); held < all {
		return false
	}
	if held, _ := count("must_not"); held > 0 {
		return false
	}
	held, all := count("should")
	least := 0
	if n, ok := arg["minimum_should_match"].(json.Number); ok {
		wanted, _ := n.Int64()
		least = int(wanted)
	} else if _, hasFilter := arg["filter"]; all > 0 && !hasFilter {
		least = 1
	}
	return held >= least
}

func (x index) values(doc object, field string) []any {
	if _, known := x.types[field]; !known {
		panic("no field " + field)
	}
	switch v := doc[field].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// matchesField tells whether any of a document's values matches.
func (x index) matchesField(kind, field string, want any, values []any) bool {
	for _, have := range values {
		if x.matchesValue(kind, x.types[field], want, have) {
			return true
		}
	}
	return false
}

func (x index) matchesValue(kind, fieldType string, want, have any) bool {
	switch kind {
	case "term":
		return equals(fieldType, want, have)
	case "terms":
		for _, w := range want.([]any) {
			if equals(fieldType, w, have) {
				return true
			}
		}
		return false
	case "range":
		return within(fieldType, want.(object), have)
	}
	if fieldType != "keyword" {
		panic(kind + " goes on texts only, not on " + fieldType)
	}
	text, pattern := fmt.Sprint(have), want.(string)
	switch kind {
	case "prefix":
		return strings.HasPrefix(text, pattern)
	case "wildcard":
		return regexp.MustCompile(`(?s)^(?:` + fromWildcard(pattern) + `)$`).MatchString(text)
	case "regexp":
		return regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(text)
	}
	panic("no query " + kind)
}

func fromWildcard(pattern string) string {
	var b strings.Builder
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch {
		case runes[i] == '\\' && i+1 < len(runes):
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		case runes[i] == '*':
			b.WriteString(".*")
		case runes[i] == '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		}
	}
	return b.String()
}

func equals(fieldType string, want, have any) bool {
	if text, ok := want.(string); ok && fieldType == "ip" && strings.Contains(text, "/") {
		prefix := netip.MustParsePrefix(text)
		if prefix.Addr().Is4In6() {
			panic("a prefix of IPv4 in the form of IPv6 is refused: " + text)
		}
		from := netip.MustParseAddr(have.(string)).As16()
		to := prefix.Addr().As16()
		bits := prefix.Bits()
		if prefix.Addr().Is4() {
			bits += 96
		}
		a, _ := netip.AddrFrom16(from).Prefix(bits)
		b, _ := netip.AddrFrom16(to).Prefix(bits)
		return a == b
	}
	return compareAs(fieldType, have, want) == 0
}

func within(fieldType string, span object, have any) bool {
	for op, bound := range span {
		order := compareAs(fieldType, have, bound)
		held := map[string]bool{"gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}
		if ok, known := held[op]; !known || !ok {
			return false
		}
	}
	return len(span) > 0
}

// compareAs orders two values as the type does.
func compareAs(fieldType string, a, b any) int {
	switch fieldType {
	case "long":
		return cmp.Compare(long(a), long(b))
	case "double":
		x, errX := a.(json.Number).Float64()
		y, errY := b.(json.Number).Float64()
		if errX != nil || errY != nil {
			panic(fmt.Sprint(errX, errY))
		}
		return cmp.Compare(x, y)
	case "ip":
		x, y := netip.MustParseAddr(a.(string)).As16(), netip.MustParseAddr(b.(string)).As16()
		return bytes.Compare(x[:], y[:])
	case "date_nanos":
		return date(a).Compare(date(b))
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func long(v any) int64 {
	n, err := v.(json.Number).Int64()
	if err != nil {
		panic(err) // a server refuses what is out of a long's range
	}
	return n
}

func date(v any) time.Time {
	t, err := time.Parse(time.RFC3339Nano, v.(string))
	if err != nil {
		panic(err)
	}
	return t
}
