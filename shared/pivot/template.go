package pivot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxTemplate is the most bytes of a template.
const MaxTemplate = 4 << 10

// Template is a URL with forms. It is read-only once parsed.
type Template struct {
	text  string
	parts []part
}

// part is a piece of the URL as it is, or a form.
type part struct {
	literal string // percent-encoded
	use     use    // where it has a form
	place   place
}

// ParseError says what is wrong with a template, and where.
type ParseError struct {
	Column     int    // of the first character in question, from 1, counted in characters
	Text       string // what is wrong
	Suggestion string // what may have been meant; "" where there is no idea
}

// Error returns the message with its column.
func (e *ParseError) Error() string {
	s := fmt.Sprintf("column %d: %s", e.Column, e.Text)
	if e.Suggestion != "" {
		s += "; did you mean " + e.Suggestion + "?"
	}
	return s
}

// String returns the template as it was written.
func (t *Template) String() string { return t.text }

// Forms returns the names of the forms in a template, each once, in the order in which they stand.
func (t *Template) Forms() (names []string) {
	seen := map[string]bool{}
	for i := range t.parts {
		if u := t.parts[i].use; u.form != nil && !seen[u.form.name] {
			seen[u.form.name] = true
			names = append(names, u.form.name)
		}
	}
	return names
}

// errDots refuses a link that would lead to another folder: browsers and servers resolve . and .. even where they are percent-encoded.
var errDots = errors.New("a value makes a part of the path one or two dots")

// MaxLink is the most bytes of a link without its fragment, which servers are not sent: many refuse longer ones (nginx takes 8 KiB).
const MaxLink = 8000

var errLong = fmt.Errorf("the link is longer than %d bytes", MaxLink)

// Render returns the link for a subject. The error wraps [ErrUnknown] where the subject lacks a value.
func (t *Template) Render(s *Subject, tr Translators) (string, error) {
	var b strings.Builder
	for i := range t.parts {
		p := &t.parts[i]
		if p.use.form == nil {
			b.WriteString(p.literal)
			continue
		}
		value, err := p.use.value(s, &tr)
		if err != nil {
			return "", err
		}
		b.WriteString(p.place.write(value, p.use.number()))
	}
	link := b.String()
	sent, _, _ := strings.Cut(link, "#")
	switch {
	case hasDots(link):
		return "", errDots
	case len(sent) > MaxLink:
		return "", errLong
	}
	return link, nil
}

// hasDots tells whether the path has a part that is . or .. once it is decoded.
func hasDots(link string) bool {
	path := link
	if end := strings.IndexAny(link, "?#"); end >= 0 {
		path = link[:end]
	}
	for _, part := range strings.Split(path, "/") {
		switch strings.ReplaceAll(strings.ToLower(part), "%2e", ".") {
		case ".", "..":
			return true
		}
	}
	return false
}

// lacks returns the first form of the template that subjects of a kind never have, or "".
func (t *Template) lacks(k Kind) string {
	for i := range t.parts {
		f := t.parts[i].use.form
		if f == nil {
			continue
		}
		if !slices.Contains(f.kinds, k) {
			return t.parts[i].use.String()
		}
	}
	return ""
}
