package modinput

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, text, attribute string }{
		{"JSON", `{"a":"b"}`, `{"a":"b"}`, `{&quot;a&quot;:&quot;b&quot;}`},
		{"markup", `a<b>&c`, `a&lt;b&gt;&amp;c`, `a&lt;b&gt;&amp;c`},
		{"control characters", "a\x00b\x1fc\x0bd\x7f", "abcd\x7f", "abcd\x7f"},
		{"white space", "a\tb\nc\rd", "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"},
		{"umlauts", "grüße 火 😀", "grüße 火 😀", "grüße 火 😀"},
		{"not UTF-8", "a\xffb\xc3", "a\uFFFDb\uFFFD", "a\uFFFDb\uFFFD"},
		{"surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD", "\uFFFD\uFFFD\uFFFD"},
		{"no characters", "a\uFFFEb\uFFFFc", "abc", "abc"},
		{"empty", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(AppendText(nil, c.in)); got != c.text {
				t.Errorf("text %q, want %q", got, c.text)
			}
			if got := string(AppendText(nil, []byte(c.in))); got != c.text {
				t.Errorf("bytes %q, want %q", got, c.text)
			}
			if got := string(AppendAttribute(nil, c.in)); got != c.attribute {
				t.Errorf("attribute %q, want %q", got, c.attribute)
			}
		})
	}
}

// FuzzText: a parser of XML finds what was written, but for what XML does not allow.
func FuzzText(f *testing.F) {
	for _, seed := range []string{`{"a":"<&>"}`, "\x00\x1f\r\n\t", "\xff\xed\xa0\x80\uFFFE", "]]>", "&#0;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want strings.Builder
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRuneInString(text[i:])
			i += size
			if r == '\t' || r == '\n' || r == '\r' || (r >= 0x20 && r != 0xFFFE && r != 0xFFFF) {
				want.WriteRune(r)
			}
		}
		var got struct {
			Attribute string `xml:"a,attr"`
			Text      string `xml:",chardata"`
		}
		document := AppendAttribute([]byte(`<e a="`), text)
		document = append(AppendText(append(document, `">`...), text), "</e>"...)
		if err := xml.Unmarshal(document, &got); err != nil {
			t.Fatalf("%q: %v", document, err)
		}
		if got.Text != want.String() || got.Attribute != want.String() {
			t.Errorf("text %q, attribute %q, want %q", got.Text, got.Attribute, want.String())
		}
	})
}
