package flowinput

import (
	"math"
	"strconv"
)

// appendLine appends a point in line protocol.
func appendLine(dst []byte, p *point) []byte {
	dst = appendEscaped(dst, p.name)
	for _, t := range p.tags {
		dst = append(dst, ',')
		dst = appendEscaped(dst, t.key)
		dst = append(dst, '=')
		dst = appendEscaped(dst, t.value)
	}
	separator := byte(' ')
	for i := range p.fields {
		dst = append(dst, separator)
		separator = ','
		dst = appendEscaped(dst, p.fields[i].key)
		dst = append(dst, '=')
		dst = appendValue(dst, &p.fields[i])
	}
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, p.time, 10)
	return append(dst, '\n')
}

func appendValue(dst []byte, f *field) []byte {
	switch f.kind {
	case kindInt:
		return append(strconv.AppendInt(dst, int64(f.num), 10), 'i')
	case kindUint:
		return append(strconv.AppendUint(dst, f.num, 10), 'u')
	case kindFloat:
		return appendFloat(dst, math.Float64frombits(f.num))
	case kindBool:
		return strconv.AppendBool(dst, f.num != 0)
	case kindAddr:
		dst = append(dst, '"')
		dst = f.addr.Netip().AppendTo(dst)
		return append(dst, '"')
	}
	return appendQuoted(dst, f.text)
}

// appendFloat appends a number without an exponent, unless that would be long.
func appendFloat(dst []byte, v float64) []byte {
	if math.Abs(v) < 1e15 {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}

// appendEscaped appends a name, or a tag's key or value. Control characters, which would end the line, become spaces, and a backslash at the
// end, which would escape what follows, becomes a slash.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ',' || c == '=' || c == ' ':
			dst = append(dst, '\\', c)
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', ' ')
		case c == '\\' && i == len(s)-1:
			dst = append(dst, '/')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendQuoted appends a text as a field's value.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ' || c == 0x7f:
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
