package filter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

func noOrder(f *flow.Field) *Error {
	e := &Error{Text: fmt.Sprintf("%s has no order: compare it with :", f.Name)}
	switch f.Name {
	case transportField:
		e.Suggestion = "network.iana_number"
	case flagsField:
		e.Suggestion = "weir.tcp.flags_bits"
	}
	return e
}

// Fields whose text form is derived from numbers.
const (
	transportField = "network.transport"
	flagsField     = "weir.tcp.flags"
	eventIDField   = "event.id"
	duplicateField = "weir.duplicate_of"
	countrySuffix  = ".geo.country_iso_code"
)

func isEventID(f *flow.Field) bool { return f.Name == eventIDField || f.Name == duplicateField }
func isCountry(f *flow.Field) bool { return strings.HasSuffix(f.Name, countrySuffix) }

// keywordOf reads a text. Where the possible texts are known, other ones are errors, and letters may be in either case.
func keywordOf(f *flow.Field, op Op, l literal) (Value, *Error) {
	if op != Equal {
		return Value{}, noOrder(f)
	}
	switch {
	case isEventID(f):
		return eventIDOf(f, l)
	case l.wild():
		return wildcardOf(f, l), nil
	case f.Name == transportField:
		return transportOf(f, l)
	case isCountry(f):
		if len(l.text()) != 2 {
			return Value{}, wants(f, "a country code of two letters", l)
		}
		return Value{Value: flow.Keyword(strings.ToUpper(l.text()))}, nil
	case f.Values != nil:
		return enumOf(f, l)
	}
	return Value{Value: flow.Keyword(l.text())}, nil
}

// wildcardOf folds the case as the field's values have it.
func wildcardOf(f *flow.Field, l literal) Value {
	v := Value{Value: flow.Value{Kind: flow.KindKeyword}, Parts: l.parts}
	fold := func(s string) string { return s }
	switch {
	case isCountry(f), f.Values != nil && f.Values[0] == strings.ToUpper(f.Values[0]): // flags, states
		fold = strings.ToUpper
	case f.Values != nil, f.Name == transportField:
		fold = strings.ToLower
	}
	for i := range v.Parts {
		v.Parts[i] = fold(v.Parts[i])
	}
	return v
}

func eventIDOf(f *flow.Field, l literal) (Value, *Error) {
	if l.wild() {
		return Value{}, wildcardError(f, l)
	}
	id, ok := flow.ParseEventID(l.text())
	if !ok {
		return Value{}, wants(f, "an id of the form DATAGRAM-SET-RECORD", l)
	}
	return Value{Value: flow.Keyword(id.String())}, nil
}

// transportOf reads a protocol by keyword or number; either finds the same records.
func transportOf(f *flow.Field, l literal) (Value, *Error) {
	if n, ok := flow.TransportNumber(strings.ToLower(l.text())); ok {
		return Value{Value: flow.Keyword(flow.TransportName(n))}, nil
	}
	e := wants(f, "a protocol's keyword or its number up to 255", l)
	e.Suggestion = suggestValue(f, l.text(), transportNames())
	return Value{}, e
}

// transportNames returns the keywords of all protocols that have one.
func transportNames() []string {
	var names []string
	for n := range 256 {
		if name := flow.TransportName(uint8(n)); name != strconv.Itoa(n) {
			names = append(names, name)
		}
	}
	return names
}

func enumOf(f *flow.Field, l literal) (Value, *Error) {
	for _, name := range f.Values {
		if strings.EqualFold(name, l.text()) {
			return Value{Value: flow.Keyword(name)}, nil
		}
	}
	if text, ok := unnamedOf(f, l.text()); ok {
		return Value{Value: flow.Keyword(text)}, nil
	}
	e := wants(f, "one of "+strings.Join(f.Values, ", "), l)
	e.Suggestion = suggestValue(f, l.text(), f.Values)
	return Value{}, e
}

// unnamedOf finds the text of a value that exporters send but that has no name and is shown by its number.
func unnamedOf(f *flow.Field, text string) (string, bool) {
	if _, err := strconv.ParseUint(text, 10, 8); err != nil || f.List || f.Set == nil {
		return "", false
	}
	b := &flow.Batch{Records: make([]flow.Record, 1)}
	if !f.Set(b, &b.Records[0], flow.Keyword(text)) {
		return "", false
	}
	v, ok := f.First(b, &b.Records[0])
	return v.S, ok
}

func suggestValue(f *flow.Field, text string, from []string) string {
	near := Nearest(text, from)
	if near == "" {
		return ""
	}
	return f.Name + " : " + near
}
