package pivot

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/filter"
)

// Parse reads a template: a URL of http or https with forms behind its host. {name} and {name:way} are forms, %IP%, %PORT%, %ASN%, %TE%
// and %TL% their classic names; a brace that no letter follows stands for itself, and %25 for a percent sign. What a URL cannot hold,
// such as spaces and quotes, may be written as it is. Errors are *[ParseError].
func Parse(text string) (*Template, error) {
	p := parser{text: text}
	if len(text) > MaxTemplate {
		return nil, p.fail(0, fmt.Sprintf("the template is longer than %d bytes", MaxTemplate), "")
	}
	if err := p.site(); err != nil {
		return nil, err
	}
	for p.pos < len(p.text) {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	p.flush()
	t := &Template{text: text, parts: p.parts}
	if _, err := t.Render(&sample, sampleTranslators); err != nil {
		return nil, p.fail(0, err.Error(), "")
	}
	return t, nil
}

// parser reads a template from left to right.
type parser struct {
	text       string
	pos        int
	literal    strings.Builder // since the last form
	parts      []part
	at         placer
	parameters bool // in query or fragment
}

func (p *parser) fail(pos int, text, suggestion string) *ParseError {
	return &ParseError{Column: utf8.RuneCountInString(p.text[:pos]) + 1, Text: text, Suggestion: suggestion}
}

func (p *parser) flush() {
	if p.literal.Len() > 0 {
		p.parts = append(p.parts, part{literal: p.literal.String()})
		p.literal.Reset()
	}
}

// hostCharacters are those of names, addresses and ports.
const hostCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]"

// site reads scheme and host. No form may stand there: a value must not choose whom a browser talks to.
func (p *parser) site() error {
	scheme, rest, found := strings.Cut(p.text, "://")
	scheme = strings.ToLower(scheme)
	if !found || (scheme != "http" && scheme != "https") {
		return p.fail(0, "a template begins with http:// or https://", "")
	}
	begin := len(p.text) - len(rest)
	host := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host = rest[:end]
	}
	if at := strings.IndexByte(host, '@'); at >= 0 {
		return p.fail(begin, "no user and password: everybody who sees a link would see them", "")
	}
	if bad := strings.IndexFunc(host, func(r rune) bool { return !strings.ContainsRune(hostCharacters, r) }); bad >= 0 {
		text := fmt.Sprintf("%q is not part of a host", []rune(host[bad:])[0])
		if host[bad] == '{' || host[bad] == '%' {
			text = "no form in the host: forms stand in path, query and fragment"
		}
		return p.fail(begin+bad, text, "")
	}
	u, err := url.Parse(scheme + "://" + host)
	switch {
	case err != nil:
		return p.fail(begin, fmt.Sprintf("%q is not a host with or without a port", host), "")
	case strings.Trim(u.Hostname(), ".") == "":
		return p.fail(begin, "the URL has no host", "")
	}
	p.literal.WriteString(scheme + "://" + strings.ToLower(host))
	p.pos = begin + len(host)
	return nil
}

// next reads a form or a character.
func (p *parser) next() error {
	switch c := p.text[p.pos]; {
	case c == '{' && p.pos+1 < len(p.text) && isLetter(p.text[p.pos+1]):
		return p.braces()
	case c == '%':
		return p.percent()
	}
	return p.character()
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (p *parser) braces() error {
	end := strings.IndexByte(p.text[p.pos:], '}')
	if end < 0 {
		return p.fail(p.pos, "{ without }", "")
	}
	name := p.text[p.pos+1 : p.pos+end]
	u, ok := lookUp(name)
	if !ok {
		return p.unknown("{"+name+"}", nearestForm(name))
	}
	p.form(u, end+1)
	return nil
}

// nearestForm returns the form that is most likely meant: of the same name, if there is one, or "".
func nearestForm(text string) string {
	var names []string
	for i := range forms {
		names = append(names, forms[i].name)
	}
	name, _, _ := strings.Cut(text, ":")
	if _, known := lookUp(name); !known {
		if name = filter.Nearest(name, names); name == "" {
			return ""
		}
	}
	u, _ := lookUp(name)
	if _, way, asked := strings.Cut(text, ":"); asked && len(u.form.ways) > 0 {
		if u.way = filter.Nearest(way, u.form.ways); u.way == "" {
			u.way = u.form.ways[0]
		}
	}
	return u.String()
}

func (p *parser) unknown(what, suggestion string) error {
	if utf8.RuneCountInString(what) > 40 {
		what = string([]rune(what)[:40]) + "..."
	}
	return p.fail(p.pos, fmt.Sprintf("no form %s: known are %s", what, strings.Join(FormNames(), " ")), suggestion)
}

func (p *parser) form(u use, length int) {
	p.flush()
	p.parts = append(p.parts, part{use: u, place: p.at.form()})
	p.pos += length
}

// percent reads a percent-encoded byte or a classic form.
func (p *parser) percent() error {
	rest := p.text[p.pos+1:]
	if len(rest) >= 2 && hexValue(rest[0]) >= 0 && hexValue(rest[1]) >= 0 {
		c := byte(hexValue(rest[0])<<4 | hexValue(rest[1]))
		p.literal.WriteString("%" + strings.ToUpper(rest[:2]))
		if p.parameters {
			p.at.data(rune(c)) // bytes of longer characters are none of a syntax's own
		}
		p.pos += 3
		return nil
	}
	if name, _, found := strings.Cut(rest, "%"); found {
		if u, ok := lookUpClassic(name); ok {
			p.form(u, len(name)+2)
			return nil
		}
		if name != "" && strings.IndexFunc(name, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0 {
			return p.unknown("%"+name+"%", filter.Nearest("%"+name+"%", FormNames()))
		}
	}
	return p.fail(p.pos, "a percent sign that neither begins an encoded byte nor one of %IP% %PORT% %ASN% %TE% %TL%", "%25")
}

// hexValue returns the value of a hexadecimal digit, or -1.
func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// Characters that stay as they are behind the host (RFC 3986, pchar and the delimiters). In parameters quotes and parentheses are encoded all
// the same: a link that ends with them loses them in chats and mails.
const (
	pathLiterals      = unreserved + "!$&'()*+,;=@/?#"
	parameterLiterals = unreserved + "$&+,;=@/?#"
)

// character reads one that is meant as it is.
func (p *parser) character() error {
	r, n := utf8.DecodeRuneInString(p.text[p.pos:])
	if r == utf8.RuneError && n == 1 {
		return p.fail(p.pos, "not UTF-8", "")
	}
	if r < ' ' || r == 0x7f {
		return p.fail(p.pos, fmt.Sprintf("a control character (U+%04X)", r), "")
	}
	switch {
	case r == '#' && strings.Contains(p.before(), "#"):
		return p.fail(p.pos, "a second #", "%23")
	case r == '#' || r == '?' && !p.parameters:
		p.parameters, p.at = true, placer{}
	default:
		p.at.raw(r, p.parameters)
	}
	keep := pathLiterals
	if p.parameters {
		keep = parameterLiterals
	}
	p.literal.WriteString(escapeBut(p.text[p.pos:p.pos+n], keep))
	p.pos += n
	return nil
}

// before returns what has been read of the URL.
func (p *parser) before() string { return p.text[:p.pos] }
