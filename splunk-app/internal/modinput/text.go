package modinput

import "unicode/utf8"

// AppendText appends a text as the content of an XML element: & < > are escaped, and nothing else, as JSON is full of quotes. Characters that XML 1.0
// (section 2.2) does not allow are left out, and bytes that are no UTF-8 become U+FFFD. Where nothing is to be done it is copied as a whole.
func AppendText[T ~string | ~[]byte](dst []byte, text T) []byte {
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if plain[c] {
			i++
			continue
		}
		insert, n := replacement(text, i)
		if n == keep {
			i += runeLen(c)
			continue
		}
		dst = append(dst, text[from:i]...)
		dst = append(dst, insert...)
		i += n
		from = i
	}
	return append(dst, text[from:]...)
}

// AppendAttribute appends a text as the value of an attribute in double quotes.
func AppendAttribute(dst []byte, text string) []byte {
	from := 0
	for i := 0; i < len(text); i++ {
		var insert string
		switch text[i] {
		case '"':
			insert = "&quot;"
		case '\n':
			insert = "&#10;"
		case '\t':
			insert = "&#9;"
		default:
			continue
		}
		dst = AppendText(dst, text[from:i])
		dst = append(dst, insert...)
		from = i + 1
	}
	return AppendText(dst, text[from:])
}

// plain are the bytes that stand for themselves.
var plain = func() (table [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		table[c] = c != '&' && c != '<' && c != '>'
	}
	table['\t'], table['\n'], table['\r'] = true, true, false
	return table
}()

// keep says that a character stands for itself.
const keep = 0

// replacement returns what takes the place of the character at i and how many bytes that replaces; keep: none.
func replacement[T ~string | ~[]byte](text T, i int) (string, int) {
	switch c := text[i]; {
	case c == '&':
		return "&amp;", 1
	case c == '<':
		return "&lt;", 1
	case c == '>':
		return "&gt;", 1
	case c == '\r': // parsers would make a line end of it
		return "&#13;", 1
	case c < utf8.RuneSelf:
		return "", 1
	}
	var few [utf8.UTFMax]byte
	n := copy(few[:], text[i:min(len(text), i+utf8.UTFMax)])
	r, size := utf8.DecodeRune(few[:n])
	switch {
	case r == utf8.RuneError && size <= 1:
		return "\uFFFD", 1
	case r == 0xFFFE || r == 0xFFFF:
		return "", size
	}
	return "", keep
}

// runeLen is the length of a sound character by its first byte.
func runeLen(first byte) int {
	switch {
	case first >= 0xF0:
		return 4
	case first >= 0xE0:
		return 3
	}
	return 2
}
