package hot

import "unsafe"

// Rows is the most rows of a chunk: those of a DuckDB vector.
const Rows = 2048

// words is the words of a bit for each row.
const words = Rows / 64

// Type is the type of a column's values.
type Type uint8

// Types of columns. Their numbers are in files.
const (
	Uint8 Type = 1 + iota
	Uint16
	Uint32
	Uint64
	Int64
	Float64
	Timestamp      // microseconds since the Unix epoch
	TimestampNanos // nanoseconds since the Unix epoch
	Text
	Blob
	numTypes
)

var typeNames = [numTypes]string{
	Uint8: "UTINYINT", Uint16: "USMALLINT", Uint32: "UINTEGER", Uint64: "UBIGINT", Int64: "BIGINT", Float64: "DOUBLE",
	Timestamp: "TIMESTAMP", TimestampNanos: "TIMESTAMP_NS", Text: "VARCHAR", Blob: "BLOB",
}

// String returns the type's name in SQL.
func (t Type) String() string { return typeNames[t] }

// TypeOf returns the type of a name in SQL.
func TypeOf(name string) (Type, bool) {
	for t := Uint8; t < numTypes; t++ {
		if typeNames[t] == name {
			return t, true
		}
	}
	return 0, false
}

// Width returns how many bytes a cell takes in a [Vector]; of texts 0.
func (t Type) Width() int {
	switch t {
	case Uint8:
		return 1
	case Uint16:
		return 2
	case Uint32:
		return 4
	case Text, Blob:
		return 0
	}
	return 8
}

// SetCells copies the cells of the first rows, each as wide as the type's.
func (v *Vector) SetCells(raw []byte) {
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&v.cells)), len(v.cells)*8), raw)
}

// isText tells whether values have lengths of their own.
func (t Type) isText() bool { return t == Text || t == Blob }

// Column is a column of a file.
type Column struct {
	Name string
	Type Type
}

// Vector is a column of a chunk that is being filled.
type Vector struct {
	cells [Rows]uint64 // of the type's own width, one behind the other; of texts, where each lies in text: offset and length
	valid [words]uint64
	text  []byte
}

// Cells returns the cells of a vector, of a type as wide as the column's.
func Cells[T any](v *Vector) *[Rows]T { return (*[Rows]T)(unsafe.Pointer(&v.cells)) }

// Mark makes the rows from at on valid whose bit is set in bits.
func (v *Vector) Mark(at int, bits uint64) { MarkBits(v.valid[:], at, bits) }

// MarkBits sets the bits of the rows from at on that are set in bits. Those beyond the end are left out.
func MarkBits(valid []uint64, at int, bits uint64) {
	i, shift := at>>6, uint(at&63)
	valid[i] |= bits << shift
	if shift != 0 && i+1 < len(valid) {
		valid[i+1] |= bits >> (64 - shift)
	}
}

// SetText sets the cell of a column of texts, whose row is still to be marked.
func (v *Vector) SetText(row int, text []byte) {
	v.cells[row] = uint64(len(v.text))<<32 | uint64(len(text))
	v.text = append(v.text, text...)
}

func (v *Vector) textOf(row int) []byte {
	c := v.cells[row]
	return v.text[c>>32:][:uint32(c)]
}

// Reset makes the vector one of no values.
func (v *Vector) Reset() {
	clear(v.valid[:])
	v.text = v.text[:0]
}

// validity tells whether all of the rows have a value, or none.
func (v *Vector) validity(rows int) (all, none bool) {
	all, none = true, true
	for i := range (rows + 63) / 64 {
		w, full := v.valid[i], ^uint64(0)
		if rest := rows - i*64; rest < 64 {
			full = 1<<rest - 1
		}
		w &= full
		all, none = all && w == full, none && w == 0
	}
	return all, none
}
