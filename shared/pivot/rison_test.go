package pivot_test

import (
	"strings"
	"testing"
)

// readRison reads rison by its published grammar (github.com/Nanonid/rison): objects (k:v,...), lists !(v,...), strings in quotes with ! as
// escape, and ids. Numbers and constants come back as their text.
func readRison(t *testing.T, text string) any {
	t.Helper()
	r := risonReader{t: t, text: text}
	v := r.value()
	if r.text != "" {
		t.Fatalf("%q is left of %q", r.text, text)
	}
	return v
}

type risonReader struct {
	t    *testing.T
	text string
}

func (r *risonReader) take(s string) bool {
	rest, ok := strings.CutPrefix(r.text, s)
	if ok {
		r.text = rest
	}
	return ok
}

func (r *risonReader) value() any {
	switch {
	case r.take("("):
		return r.object()
	case r.take("'"):
		return r.quoted()
	}
	return r.id()
}

func (r *risonReader) object() any {
	m := map[string]any{}
	for !r.take(")") {
		if len(m) > 0 && !r.take(",") {
			r.t.Fatalf("no comma before %q", r.text)
		}
		key := r.id()
		if !r.take(":") {
			r.t.Fatalf("no colon before %q", r.text)
		}
		m[key] = r.value()
	}
	return m
}

func (r *risonReader) quoted() string {
	var b strings.Builder
	for {
		switch {
		case r.text == "":
			r.t.Fatal("a string without end")
		case r.take("'"):
			return b.String()
		case r.take("!!"):
			b.WriteByte('!')
		case r.take("!'"):
			b.WriteByte('\'')
		case strings.HasPrefix(r.text, "!"):
			r.t.Fatalf("no escape: %q", r.text)
		default:
			b.WriteByte(r.text[0])
			r.text = r.text[1:]
		}
	}
}

// id ends at the characters that rison keeps for itself.
func (r *risonReader) id() string {
	end := strings.IndexAny(r.text, " '!:(),*@$")
	if end <= 0 {
		r.t.Fatalf("no id: %q", r.text)
	}
	id := r.text[:end]
	r.text = r.text[end:]
	return id
}
