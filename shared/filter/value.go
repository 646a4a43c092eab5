package filter

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/weirflow/weir/shared/flow"
)

// Value is what a field is compared with. For addresses it may be a prefix, for keywords a text with wildcards.
type Value struct {
	flow.Value
	// Bits is the prefix length of a KindIP value in the 128-bit space (10.0.0.0/8 has 104); 128 is a single address.
	Bits uint8
	// Parts are the literal texts around the stars of a keyword with wildcards: "ge-*" is {"ge-", ""}. It is nil without
	// wildcards, and Value.S is empty with them.
	Parts []string
}

// addrBits is the length of an address.
const addrBits = 128

// First and Last return the bounds of an address or prefix, both included.
func (v Value) First() flow.Addr { return v.IP }

// Last returns the greatest address of a prefix; of a single address, itself.
func (v Value) Last() flow.Addr {
	last := v.IP
	for bit := int(v.Bits); bit < addrBits; bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	return last
}

// MatchParts tells whether s is made of the parts in order with anything between them: the meaning of wildcards.
func MatchParts(parts []string, s string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

func (v Value) appendTo(dst []byte) []byte {
	switch {
	case v.Parts != nil:
		return appendPattern(dst, v.Parts)
	case v.Kind == flow.KindIP && v.IP.Is4():
		return append(dst, v.prefixText()...)
	case v.Kind == flow.KindIP:
		return fmt.Appendf(dst, `"%s"`, v.prefixText())
	case v.Kind == flow.KindTime:
		return append(append(append(dst, '"'), v.String()...), '"')
	case v.Kind == flow.KindKeyword:
		return appendKeyword(dst, v.S)
	}
	return append(dst, v.String()...)
}

// prefixText returns an address, with its length where it is a prefix. A prefix that lies within the addresses of IPv4 is one of IPv4.
func (v Value) prefixText() string {
	switch {
	case v.Bits == addrBits:
		return v.IP.String()
	case v.IP.Is4():
		return fmt.Sprintf("%s/%d", v.IP, v.Bits-mappedBits)
	}
	return fmt.Sprintf("%s/%d", v.IP, v.Bits)
}

// appendKeyword writes a text bare where no reader could mistake it, else in quotes.
func appendKeyword(dst []byte, s string) []byte {
	if isBare(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			dst = append(dst, '\\', byte(r))
		default:
			dst = appendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// appendPattern writes a text with wildcards, which must not be quoted: what would end the word is escaped.
func appendPattern(dst []byte, parts []string) []byte {
	for i, part := range parts {
		if i > 0 {
			dst = append(dst, '*')
		}
		last := len(part)
		if i == len(parts)-1 && endsInNot(part) {
			last--
		}
		for at, r := range part {
			switch {
			case at == last:
				dst = fmt.Appendf(dst, `\u%04x`, r)
			case strings.ContainsRune(specials, r):
				dst = append(dst, '\\', byte(r))
			case unicode.IsSpace(r):
				dst = fmt.Appendf(dst, `\u%04x`, r)
			default:
				dst = appendRune(dst, r)
			}
		}
	}
	return dst
}

// appendRune writes control characters as escapes that KQL knows.
func appendRune(dst []byte, r rune) []byte {
	if r < ' ' || r == 0x7f {
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return append(dst, string(r)...)
}

// specials are the characters that mean something outside quotes.
const specials = `\():<>"*{}`

// endsInNot tells whether a word ends in not: before a space Kibana takes it for the operator, even inside a word.
func endsInNot(s string) bool {
	const n = len("not")
	return len(s) >= n && operatorOf(s[len(s)-n:]) == wordNot
}

// isBare tells whether a text may stand without quotes; Kibana reads true, false and null as something else than texts.
func isBare(s string) bool {
	if s == "" || operatorOf(s) != noWord || endsInNot(s) || s == "true" || s == "false" || s == "null" {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && !strings.ContainsRune("-_./@+", rune(c)) {
			return false
		}
	}
	return true
}
