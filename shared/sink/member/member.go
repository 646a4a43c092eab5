// Package member appends members of JSON objects, `,"name":value`, without allocating anything but what their text needs to grow. A key has the
// name in quotes, a comma before it where it is not the first, and a colon behind it.
package member

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
)

// Key returns the key of a name that needs no escapes: `,"name":`.
func Key(name string) string { return `,"` + name + `":` }

// Uint appends a number; beyond what a signed number of 64 bits holds it is cut to that.
func Uint(dst []byte, key string, v uint64) []byte {
	return strconv.AppendUint(append(dst, key...), min(v, math.MaxInt64), 10)
}

// Float leaves out what JSON has no number for.
func Float(dst []byte, key string, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst
	}
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(append(dst, key...), v, format, -1, 64)
}

// Bool appends true or false.
func Bool(dst []byte, key string, v bool) []byte { return strconv.AppendBool(append(dst, key...), v) }

// Time appends a time in RFC 3339 form.
func Time(dst []byte, key string, ns int64) []byte {
	dst = append(append(dst, key...), '"')
	return append(flow.AppendTime(dst, ns), '"')
}

// Seconds appends nanoseconds as seconds with as many decimals as they need.
func Seconds(dst []byte, key string, ns int64) []byte {
	return AppendSeconds(append(dst, key...), ns)
}

// AppendSeconds appends nanoseconds as seconds with as many decimals as they need.
func AppendSeconds(dst []byte, ns int64) []byte {
	whole, rest := ns/1e9, ns%1e9
	if ns < 0 {
		dst, whole, rest = append(dst, '-'), -whole, -rest
	}
	dst = strconv.AppendUint(dst, uint64(whole), 10)
	if rest == 0 {
		return dst
	}
	var digits [10]byte
	digits[0] = '.'
	for i := 9; i > 0; i-- {
		digits[i] = byte('0' + rest%10)
		rest /= 10
	}
	n := 10
	for digits[n-1] == '0' {
		n--
	}
	return append(dst, digits[:n]...)
}

// Addr appends an address.
func Addr(dst []byte, key string, a flow.Addr) []byte {
	dst = append(append(dst, key...), '"')
	return append(a.Netip().AppendTo(dst), '"')
}

// Text leaves out what is empty.
func Text(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return AppendString(append(dst, key...), text)
}

// Texts leaves out an empty list.
func Texts(dst []byte, key string, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, key...), '[')
	for i, text := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, text)
	}
	return append(dst, ']')
}

// Members appends a list whose members [flow.ListSeparator] joins; it leaves out an empty one.
func Members(dst []byte, key, list string) []byte {
	if list == "" {
		return dst
	}
	dst = append(append(dst, key...), '[')
	name, rest, more := strings.Cut(list, flow.ListSeparator)
	for dst = AppendString(dst, name); more; dst = AppendString(append(dst, ','), name) {
		name, rest, more = strings.Cut(rest, flow.ListSeparator)
	}
	return append(dst, ']')
}

var flagNames = flow.TCPFlagNames()

// Flags appends the names of TCP flags as a list; it leaves out an empty one.
func Flags(dst []byte, key string, flags uint16) []byte {
	if flags&0xff == 0 {
		return dst
	}
	dst = append(append(dst, key...), '[')
	for i, name := range flagNames {
		if flags&(1<<i) != 0 {
			dst = append(AppendString(dst, name), ',')
		}
	}
	dst[len(dst)-1] = ']'
	return dst
}

// AppendString appends s as a string of JSON (RFC 8259, 7). Bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
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
