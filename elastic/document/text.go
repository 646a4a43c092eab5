package document

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
)

// The functions below append `,"name":value`; key has the name in quotes, a comma before and a colon behind it.

func appendUint(dst []byte, key string, v uint64) []byte {
	return strconv.AppendUint(append(dst, key...), min(v, math.MaxInt64), 10)
}

func appendFloat(dst []byte, key string, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst
	}
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(append(dst, key...), v, format, -1, 64)
}

func appendBool(dst []byte, key string, v bool) []byte {
	return strconv.AppendBool(append(dst, key...), v)
}

func appendTime(dst []byte, key string, ns int64) []byte {
	dst = append(append(dst, key...), '"')
	return append(flow.AppendTime(dst, ns), '"')
}

func appendAddr(dst []byte, key string, a flow.Addr) []byte {
	dst = append(append(dst, key...), '"')
	return append(a.Netip().AppendTo(dst), '"')
}

// appendText leaves out what is empty.
func appendText(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return appendString(append(dst, key...), text)
}

// appendTexts leaves out an empty list.
func appendTexts(dst []byte, key string, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, key...), '[')
	for i, text := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, text)
	}
	return append(dst, ']')
}

// appendString appends s as a string of JSON (RFC 8259, 7). Bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n - 1
		}
	}
	return append(dst, '"')
}
