package flow

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
)

// hexPrefix marks opaque bytes in JSON, so that they are told apart from text.
const hexPrefix = "0x"

// AppendElementsJSON appends a key and the object that AppendJSON has for weir.elements, or nothing where the record has no elements.
func AppendElementsJSON(dst []byte, key string, b *Batch, r *Record) []byte {
	start := len(dst)
	dst = append(dst, key...)
	if dst = appendElements(dst, b, r); len(dst) == start+len(key) {
		return dst[:start]
	}
	return dst
}

// appendElements appends the record's elements as an object of "pen/id" to value, or nothing where there are none. Numbers are
// JSON numbers, addresses, MACs and text are strings, opaque bytes are hex with the prefix 0x. An element that occurs several
// times is an array. MPLS labels have a field of their own and are left out here.
func appendElements(dst []byte, b *Batch, r *Record) []byte {
	list, first, at := b.ElementsOf(r), true, 0
	for e, rest, ok := NextElement(list); ok; e, rest, ok = NextElement(rest) {
		before := list[:at]
		at = len(list) - len(rest)
		if isMPLSLabel(r, e) || repeats(before, e) {
			continue
		}
		dst = append(dst, openOrComma(first))
		first = false
		dst = appendElementKey(dst, e)
		dst = appendSameElements(dst, e, rest)
	}
	if first {
		return dst
	}
	return append(dst, '}')
}

func openOrComma(first bool) byte {
	if first {
		return '{'
	}
	return ','
}

func appendElementKey(dst []byte, e Element) []byte {
	dst = append(dst, '"')
	dst = strconv.AppendUint(dst, uint64(e.PEN), 10)
	dst = append(dst, '/')
	dst = strconv.AppendUint(dst, uint64(e.ID), 10)
	return append(dst, '"', ':')
}

// repeats tells whether e's number occurs in the encoded elements before it.
func repeats(before []byte, e Element) bool {
	for o, rest, ok := NextElement(before); ok; o, rest, ok = NextElement(rest) {
		if o.PEN == e.PEN && o.ID == e.ID {
			return true
		}
	}
	return false
}

// appendSameElements appends e, as an array with those of the same number in rest if there are any.
func appendSameElements(dst []byte, e Element, rest []byte) []byte {
	if !repeats(rest, e) {
		return e.appendJSON(dst)
	}
	dst = e.appendJSON(append(dst, '['))
	for o, rest, ok := NextElement(rest); ok; o, rest, ok = NextElement(rest) {
		if o.PEN == e.PEN && o.ID == e.ID {
			dst = o.appendJSON(append(dst, ','))
		}
	}
	return append(dst, ']')
}

func isMPLSLabel(r *Record, e Element) bool {
	return r.Present&HasMPLS != 0 && e.isMPLS()
}

func (e Element) isMPLS() bool {
	return e.PEN == 0 && e.ID >= firstMPLSElement && e.ID <= lastMPLSElement && len(e.Value) == 3
}

// appendJSON appends the value as its kind says; values whose length does not fit their kind are shown as opaque bytes.
func (e Element) appendJSON(dst []byte) []byte {
	switch n := len(e.Value); {
	case e.Kind == ElementUint && n >= 1 && n <= 8:
		return strconv.AppendUint(dst, e.uint(), 10)
	case e.Kind == ElementInt && n >= 1 && n <= 8:
		shift := 64 - 8*n
		return strconv.AppendInt(dst, int64(e.uint()<<shift)>>shift, 10)
	case e.Kind == ElementFloat && (n == 4 || n == 8):
		return e.appendFloat(dst)
	case e.Kind == ElementString:
		return appendStringJSON(dst, cutNUL(e.Value))
	case e.Kind == ElementAddr && (n == 4 || n == 16):
		ip, _ := netip.AddrFromSlice(e.Value)
		return append(ip.AppendTo(append(dst, '"')), '"')
	case e.Kind == ElementMAC && n == 6:
		return append(MAC(e.Value).AppendTo(append(dst, '"')), '"')
	}
	return e.appendHex(dst)
}

func (e Element) appendHex(dst []byte) []byte {
	dst = append(dst, '"')
	dst = hex.AppendEncode(append(dst, hexPrefix...), e.Value)
	return append(dst, '"')
}

func (e Element) appendFloat(dst []byte) []byte {
	var f float64
	bits := 8 * len(e.Value)
	if bits == 32 {
		f = float64(math.Float32frombits(binary.BigEndian.Uint32(e.Value)))
	} else {
		f = math.Float64frombits(binary.BigEndian.Uint64(e.Value))
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return e.appendHex(dst) // JSON has no such numbers
	}
	return appendFloatJSON(dst, f, bits)
}

func (e Element) uint() (v uint64) {
	for _, c := range e.Value {
		v = v<<8 | uint64(c)
	}
	return v
}

func cutNUL(s []byte) []byte {
	for len(s) > 0 && s[len(s)-1] == 0 {
		s = s[:len(s)-1]
	}
	return s
}
