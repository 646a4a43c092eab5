package flow

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends r as a JSON object with flat dotted keys in the order of the registry, without a line end. Absent fields
// are left out, lists are arrays, times are RFC 3339 in UTC with as many decimals as they need, and weir.elements is an object
// of "pen/id" to value (see appendElements). The virtual related.* fields are left out: they repeat others.
//
// It allocates nothing but what dst needs to grow. [ParseJSON] reads it back.
func AppendJSON(dst []byte, reg *Registry, b *Batch, r *Record) []byte {
	scratch := reg.values.Get().(*[]Value)
	dst = append(dst, '{')
	first := len(dst)
	for _, f := range reg.json {
		start := len(dst)
		if start > first {
			dst = append(dst, ',')
		}
		dst = append(dst, f.key...)
		before := len(dst)
		if dst = appendFieldJSON(dst, f, scratch, b, r); len(dst) == before {
			dst = dst[:start]
		}
	}
	reg.values.Put(scratch)
	return append(dst, '}')
}

// appendFieldJSON appends the field's value, or nothing where it is absent.
func appendFieldJSON(dst []byte, f *Field, scratch *[]Value, b *Batch, r *Record) []byte {
	if f.Kind == KindObject {
		return appendElements(dst, b, r)
	}
	if f.text != nil {
		start := len(dst)
		dst = f.text(append(dst, '"'), r)
		if len(dst) == start+1 {
			return dst[:start]
		}
		return append(dst, '"')
	}
	values := f.Get((*scratch)[:0], b, r)
	*scratch = values[:0] // keeps what it has grown to
	if f.List && len(values) > 0 {
		return appendListJSON(dst, values)
	}
	if len(values) == 0 {
		return dst
	}
	return values[0].appendJSON(dst)
}

func appendListJSON(dst []byte, values []Value) []byte {
	dst = append(dst, '[')
	for i := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = values[i].appendJSON(dst)
	}
	return append(dst, ']')
}

// appendJSON appends the value: numbers as numbers, all else as strings.
func (v *Value) appendJSON(dst []byte) []byte {
	switch v.Kind {
	case KindKeyword:
		return appendStringJSON(dst, v.S)
	case KindFloat:
		return appendFloatJSON(dst, v.F, 64)
	case KindUint, KindInt:
		return v.appendText(dst)
	}
	return append(v.appendText(append(dst, '"')), '"')
}

// appendFloatJSON appends the shortest form that reads back as f; numbers that JSON does not have are left out.
func appendFloatJSON(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, bits)
}

// appendStringJSON appends s as a JSON string (RFC 8259, 7). Bytes that are not UTF-8 become U+FFFD.
func appendStringJSON[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ' && c < utf8.RuneSelf:
			dst = append(dst, c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			r, n := decodeRune(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

func decodeRune[T string | []byte](s T) (rune, int) {
	var head [utf8.UTFMax]byte
	return utf8.DecodeRune(head[:copy(head[:], s)])
}
