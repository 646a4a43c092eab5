package template

import "github.com/weirflow/weir/shared/wire"

// VariableLength is the length of a field whose length stands in each record (RFC 7011, 7).
const VariableLength = 65535

// fieldSize is the smallest encoded size of a field in a definition.
const fieldSize = 4

// Field is one field of a template: element, and its length in bytes or [VariableLength].
type Field struct {
	PEN    uint32
	ID     uint16
	Length uint16
}

// Definition is a template or options template as an exporter sent it.
type Definition struct {
	ID      uint16
	Options bool
	Scope   int     // number of scope fields, which come first; options only
	Fields  []Field // scope fields of NetFlow v9 as IPFIX elements where there is one, else element 0
}

// equal tells whether both define the same layout.
func (d *Definition) equal(o *Definition) bool {
	if d.ID != o.ID || d.Options != o.Options || d.Scope != o.Scope || len(d.Fields) != len(o.Fields) {
		return false
	}
	for i := range d.Fields {
		if d.Fields[i] != o.Fields[i] {
			return false
		}
	}
	return true
}

// hash stands for the layout, to know one that comes back (FNV-1a).
func (d *Definition) hash() uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := (uint64(offset) ^ uint64(d.Scope)) * prime
	for _, f := range d.Fields {
		for _, v := range [...]uint64{uint64(f.PEN), uint64(f.ID), uint64(f.Length)} {
			h = (h ^ v) * prime
		}
	}
	return h
}

// size returns the bytes a record has at least, and whether it has fields of variable length. A variable field has one byte
// at least, so that a record of size 0 is one that would never end.
func (d *Definition) size() (least int, variable bool) {
	for _, f := range d.Fields {
		if f.Length == VariableLength {
			variable = true
			least++
			continue
		}
		least += int(f.Length)
	}
	return least, variable
}

// cost estimates the memory of the compiled template.
func (d *Definition) cost() int64 {
	least, _ := d.size()
	return 256 + 80*int64(len(d.Fields)) + int64(least)
}

// ReadFields takes n field specifiers off c into dst, which is emptied first. enterprise says whether the highest bit of an id
// announces an enterprise number (IPFIX) or is part of the id (NetFlow v9). ok is false when the input is cut short.
func ReadFields(dst []Field, c *wire.Cursor, n int, enterprise bool) (fields []Field, ok bool) {
	dst = dst[:0]
	if n*fieldSize > c.Len() {
		return dst, false
	}
	for range n {
		f := Field{ID: c.U16(), Length: c.U16()}
		if enterprise && f.ID&0x8000 != 0 {
			f.ID &^= 0x8000
			f.PEN = c.U32()
		}
		dst = append(dst, f)
	}
	return dst, c.OK()
}
