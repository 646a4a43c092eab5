//go:build cgo

package duckdb

import (
	"time"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// rows walks through a result: next moves to the next row, and get and text read its columns; or nextChunk to the next chunk, whose
// columns are read whole.
type rows struct {
	result duck.Result
	chunk  duck.DataChunk
	cols   []cells
	at     int // row in the chunk
	size   int // rows of the chunk
}

// cells is a column of the current chunk.
type cells struct {
	data  unsafe.Pointer
	valid unsafe.Pointer // nil: all are
}

func (r *rows) begin() *rows {
	r.cols = make([]cells, duck.ColumnCount(&r.result))
	r.at = -1
	return r
}

func (r *rows) fail(sql string) error {
	defer duck.DestroyResult(&r.result)
	return failure(brief(sql), duck.ResultError(&r.result))
}

func (r *rows) close() {
	duck.DestroyDataChunk(&r.chunk)
	duck.DestroyResult(&r.result)
}

// nextChunk moves to the next chunk of up to 2048 rows.
func (r *rows) nextChunk() bool {
	duck.DestroyDataChunk(&r.chunk)
	r.chunk = duck.FetchChunk(r.result)
	if r.chunk.Ptr == nil {
		r.size = 0
		return false
	}
	r.size = int(duck.DataChunkGetSize(r.chunk))
	for i := range r.cols {
		v := duck.DataChunkGetVector(r.chunk, duck.IdxT(i))
		r.cols[i] = cells{data: duck.VectorGetData(v), valid: duck.VectorGetValidity(v)}
	}
	return r.size > 0
}

// next moves to the next row.
func (r *rows) next() bool {
	r.at++
	if r.at < r.size {
		return true
	}
	r.at = 0
	return r.nextChunk()
}

func (c cells) isValid(row int) bool {
	if c.valid == nil {
		return true
	}
	word := *(*uint64)(unsafe.Add(c.valid, row/64*8))
	return word>>(row%64)&1 != 0
}

// at returns where a value of the column's physical type lies.
func at[T any](c cells, row int) *T {
	var t T
	return (*T)(unsafe.Add(c.data, row*int(unsafe.Sizeof(t))))
}

// get reads a column of the current row; NULL is the zero value.
func get[T any](r *rows, col int) (v T) {
	if c := r.cols[col]; c.isValid(r.at) {
		v = *at[T](c, r.at)
	}
	return v
}

// null tells whether a column of the current row is NULL.
func (r *rows) null(col int) bool { return !r.cols[col].isValid(r.at) }

// text reads a VARCHAR or BLOB column of the current row; NULL is "".
func (r *rows) text(col int) string {
	if c := r.cols[col]; c.isValid(r.at) {
		return string(at[stringT](c, r.at).bytes())
	}
	return ""
}

// time reads a TIMESTAMP column of the current row; NULL is the zero time.
func (r *rows) time(col int) time.Time {
	if r.null(col) {
		return time.Time{}
	}
	return time.UnixMicro(get[int64](r, col)).UTC()
}
