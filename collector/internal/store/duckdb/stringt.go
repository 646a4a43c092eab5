//go:build cgo

package duckdb

import "unsafe"

// stringT is DuckDB's string of 16 bytes: the length, then up to 12 bytes of text; a longer one has 4 bytes of its text and a
// pointer to all of it in DuckDB's memory.
type stringT struct {
	n      uint32
	prefix [4]byte
	tail   uint64
}

const stringInline = 12

// inlineString returns the form of a text of up to 12 bytes.
func inlineString[S string | []byte](text S) (t stringT) {
	t.n = uint32(len(text))
	copy(unsafe.Slice(&t.prefix[0], stringInline), text)
	return t
}

// base returns where the text of a long string lies.
func (t *stringT) base() unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&t.tail)) }

// slice returns the string of n bytes at offset off of the text of a long string.
func (t *stringT) slice(off, n int) stringT {
	start := unsafe.Add(t.base(), off)
	text := unsafe.Slice((*byte)(start), n)
	if n <= stringInline {
		return inlineString(text)
	}
	s := stringT{n: uint32(n), tail: uint64(uintptr(start))}
	copy(s.prefix[:], text)
	return s
}

// bytes returns the text; it is valid as long as the chunk that the string lies in.
func (t *stringT) bytes() []byte {
	if t.n <= stringInline {
		return unsafe.Slice(&t.prefix[0], t.n)
	}
	return unsafe.Slice((*byte)(t.base()), t.n)
}

// stringOf returns the form of a text that stays where it is.
func stringOf(text []byte) stringT {
	if len(text) <= stringInline {
		return inlineString(text)
	}
	s := stringT{n: uint32(len(text)), tail: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(text))))}
	copy(s.prefix[:], text)
	return s
}
