package parquet

import (
	"encoding/binary"
	"errors"
)

// kind is a type of the compact protocol.
type kind byte

const (
	kindTrue   kind = 1
	kindFalse  kind = 2
	kindByte   kind = 3
	kindI16    kind = 4
	kindI32    kind = 5
	kindI64    kind = 6
	kindDouble kind = 7
	kindBinary kind = 8
	kindList   kind = 9
	kindSet    kind = 10
	kindStruct kind = 12
)

// value is a value of any kind.
type value struct {
	kind    kind
	number  int64   // of integers; of a double its bits; of a boolean in a list 1 or 2
	bytes   []byte  // of a binary
	of      kind    // of a list or set: the kind of its elements
	list    []value // its elements
	members []member
}

// member is a member of a structure.
type member struct {
	id int16
	value
}

// errThrift says that bytes are no structure.
var errThrift = errors.New("not a structure of the compact protocol")

// maxDepth bounds how deep structures and lists are nested: a footer needs 7.
const maxDepth = 16

// decoder reads the compact protocol; the first error is kept, and all further reads give zeros.
type decoder struct {
	rest  []byte
	depth int
	err   error
}

// parseStruct reads a structure that fills the bytes.
func parseStruct(b []byte) (value, error) {
	d := decoder{rest: b}
	v := d.value(kindStruct)
	if d.err == nil && len(d.rest) > 0 {
		d.fail()
	}
	return v, d.err
}

func (d *decoder) fail() {
	d.err, d.rest = errThrift, nil
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail()
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) varint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) zigzag() int64 {
	v := d.varint()
	return int64(v>>1) ^ -int64(v&1)
}

// take returns the next n bytes.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) value(k kind) value {
	v := value{kind: k}
	if d.depth++; d.depth > maxDepth {
		d.fail()
	}
	switch k {
	case kindTrue, kindFalse:
	case kindByte:
		v.number = int64(int8(d.byte()))
	case kindI16, kindI32, kindI64:
		v.number = d.zigzag()
	case kindDouble:
		if b := d.take(8); b != nil {
			v.number = int64(binary.LittleEndian.Uint64(b))
		}
	case kindBinary:
		v.bytes = d.take(d.varint())
	case kindList, kindSet:
		d.elements(&v)
	case kindStruct:
		d.members(&v)
	default: // maps, which footers have none of
		d.fail()
	}
	d.depth--
	return v
}

func (d *decoder) elements(v *value) {
	head := d.byte()
	n := uint64(head >> 4)
	if n == 15 {
		n = d.varint()
	}
	v.of = kind(head & 15)
	if n > uint64(len(d.rest)) { // each takes a byte at least
		d.fail()
		return
	}
	for range n {
		if v.of == kindTrue || v.of == kindFalse { // in lists a boolean has a byte
			v.list = append(v.list, value{kind: v.of, number: int64(d.byte())})
			continue
		}
		v.list = append(v.list, d.value(v.of))
	}
}

func (d *decoder) members(v *value) {
	id := int16(0)
	for d.err == nil {
		head := d.byte()
		if head == 0 {
			return
		}
		if delta := int16(head >> 4); delta != 0 {
			id += delta
		} else {
			id = int16(d.zigzag())
		}
		v.members = append(v.members, member{id: id, value: d.value(kind(head & 15))})
	}
}
