//go:build cgo

package duckdb

import (
	"errors"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// chunkRows is DuckDB's vector size, the rows of a full chunk.
const chunkRows = 2048

// vector is a column of the chunk that is being filled.
type vector struct {
	handle duck.Vector
	data   unsafe.Pointer
	valid  [chunkRows / 64]uint64
}

// cellsOf returns the cells of the vector.
func cellsOf[T any](v *vector) *[chunkRows]T { return (*[chunkRows]T)(v.data) }

// mark makes the rows from at on valid whose bit is set in word.
func (v *vector) mark(at int, word uint64) {
	i, shift := at>>6, uint(at&63)
	v.valid[i] |= word << shift
	if shift != 0 && i+1 < len(v.valid) {
		v.valid[i+1] |= word >> (64 - shift)
	}
}

// chunk is a data chunk with one vector a column.
type chunk struct {
	handle  duck.DataChunk
	vectors []vector
	rows    int
}

// newChunk makes a chunk for the columns' types, given by their names in DuckDB.
func newChunk(types []string) (*chunk, error) {
	logical := make([]duck.LogicalType, len(types))
	defer func() {
		for i := range logical {
			duck.DestroyLogicalType(&logical[i])
		}
	}()
	for i, name := range types {
		kind, ok := typeByName[name]
		if !ok {
			return nil, errors.New("no such column type: " + name)
		}
		logical[i] = duck.CreateLogicalType(kind)
	}
	c := &chunk{handle: duck.CreateDataChunk(logical), vectors: make([]vector, len(types))}
	c.reset()
	return c, nil
}

var typeByName = map[string]duck.Type{
	"UTINYINT": duck.TypeUTinyInt, "USMALLINT": duck.TypeUSmallInt, "UINTEGER": duck.TypeUInteger, "UBIGINT": duck.TypeUBigInt,
	"BIGINT": duck.TypeBigInt, "DOUBLE": duck.TypeDouble, "VARCHAR": duck.TypeVarchar, "BLOB": duck.TypeBlob,
	"TIMESTAMP": duck.TypeTimestamp, "TIMESTAMP_NS": duck.TypeTimestampNS,
}

// reset empties the chunk.
func (c *chunk) reset() {
	duck.DataChunkReset(c.handle)
	c.rows = 0
	for i := range c.vectors {
		v := &c.vectors[i]
		v.handle = duck.DataChunkGetVector(c.handle, duck.IdxT(i))
		v.data = duck.VectorGetData(v.handle)
		clear(v.valid[:])
	}
}

// finish hands the validity of the cells and the number of rows to DuckDB.
func (c *chunk) finish() {
	for i := range c.vectors {
		v := &c.vectors[i]
		if v.allValid(c.rows) {
			continue
		}
		duck.VectorEnsureValidityWritable(v.handle)
		*(*[chunkRows / 64]uint64)(duck.VectorGetValidity(v.handle)) = v.valid
	}
	duck.DataChunkSetSize(c.handle, duck.IdxT(c.rows))
}

func (v *vector) allValid(rows int) bool {
	for i := range rows / 64 {
		if v.valid[i] != ^uint64(0) {
			return false
		}
	}
	rest := uint(rows % 64)
	return rest == 0 || v.valid[rows/64]|^uint64(0)<<rest == ^uint64(0)
}

func (c *chunk) close() { duck.DestroyDataChunk(&c.handle) }
