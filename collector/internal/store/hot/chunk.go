package hot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// ErrBroken is in the error about a file that does not hold what was written to it.
var ErrBroken = errors.New("a file of the hour that is being written is damaged")

const (
	magic      = 'W' | 'H'<<8 | 'O'<<16 | 'T'<<24
	fixedHead  = 24
	fixedBlock = 1 + 1 + 1 + 1 + 8 + 8 + 4 + 4 // besides the name
	flagSome   = 1
	maxBlocks  = 1 << 10
	maxName    = 255
	maxColumns = 1 << 12 // of a file
	maxHead    = fixedHead + maxBlocks*(fixedBlock+maxName)
	maxChunk   = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunk is where the rows of a chunk are.
type chunk struct {
	off    int64 // of its head in the file
	size   int64
	first  int64 // number of its first row in the file
	rows   int
	blocks []block // by column
}

// block is where the values of a column are in a chunk.
type block struct {
	column uint16 // its place in the file's list
	width  uint8
	some   bool // not all rows have a value
	off    uint32
	size   uint32
	sum    uint32
	least  uint64
	most   uint64
}

// place returns where the block of a column is among those of the chunk, or would be.
func (c *chunk) place(column int) (int, bool) {
	return slices.BinarySearchFunc(c.blocks, column, func(b block, column int) int { return int(b.column) - column })
}

// of returns the block of a column; nil where it has no values.
func (c *chunk) of(column int) *block {
	if i, ok := c.place(column); ok {
		return &c.blocks[i]
	}
	return nil
}

func (c *chunk) add(b block) {
	i, _ := c.place(int(b.column))
	c.blocks = slices.Insert(c.blocks, i, b)
}

// appendHead appends the head of a chunk with blocks that lie as listed and take size bytes.
func appendHead(dst []byte, rows int, blocks []block, columns []Column, size int) []byte {
	begin := len(dst)
	dst = append(dst, make([]byte, fixedHead)...)
	for i := range blocks {
		b := &blocks[i]
		column := &columns[b.column]
		flags := byte(0)
		if b.some {
			flags = flagSome
		}
		dst = append(append(dst, byte(len(column.Name))), column.Name...)
		dst = append(dst, byte(column.Type), b.width, flags)
		dst = binary.LittleEndian.AppendUint64(dst, b.least)
		dst = binary.LittleEndian.AppendUint64(dst, b.most)
		dst = binary.LittleEndian.AppendUint32(dst, b.size)
		dst = binary.LittleEndian.AppendUint32(dst, b.sum)
	}
	head := dst[begin:]
	le := binary.LittleEndian
	le.PutUint32(head[0:], magic)
	le.PutUint32(head[4:], uint32(len(head)))
	le.PutUint32(head[8:], uint32(len(head)+size))
	le.PutUint32(head[12:], uint32(rows))
	le.PutUint32(head[16:], uint32(len(blocks)))
	le.PutUint32(head[20:], headSum(head))
	return dst
}

// headSum is the checksum of a head but for the place that it stands in.
func headSum(head []byte) uint32 {
	return crc32.Update(crc32.Checksum(head[:fixedHead-4], castagnoli), castagnoli, head[fixedHead:])
}

// readChunk reads the head of the chunk at an offset. The error is [io.EOF] where the file ends there.
func (f *File) readChunk(r io.ReaderAt, off, limit int64) (c chunk, err error) {
	var fixed [fixedHead]byte
	if off == limit {
		return c, io.EOF
	}
	if off+fixedHead > limit {
		return c, fmt.Errorf("%w: it ends within a head at %d", ErrBroken, off)
	}
	if _, err := r.ReadAt(fixed[:], off); err != nil {
		return c, err
	}
	le := binary.LittleEndian
	headSize, size, rows, blocks := le.Uint32(fixed[4:]), le.Uint32(fixed[8:]), le.Uint32(fixed[12:]), le.Uint32(fixed[16:])
	switch {
	case le.Uint32(fixed[:]) != magic, headSize < fixedHead, headSize > maxHead, size < headSize, size > maxChunk, rows == 0, rows > Rows, blocks > maxBlocks:
		return c, fmt.Errorf("%w: there is no head at %d", ErrBroken, off)
	case off+int64(size) > limit:
		return c, fmt.Errorf("%w: it ends within the chunk at %d", ErrBroken, off)
	}
	head := make([]byte, headSize)
	if _, err := r.ReadAt(head, off); err != nil {
		return c, err
	}
	if headSum(head) != le.Uint32(fixed[20:]) {
		return c, fmt.Errorf("%w: the head at %d has another checksum", ErrBroken, off)
	}
	c = chunk{off: off, size: int64(size), rows: int(rows), blocks: make([]block, 0, blocks)}
	if !f.parseBlocks(&c, head[fixedHead:], int(blocks), headSize) {
		return c, fmt.Errorf("%w: the head at %d is not one", ErrBroken, off)
	}
	return c, nil
}

// parseBlocks reads what a head says of its blocks, the first of which lies at an offset, and adds columns that are new.
func (f *File) parseBlocks(c *chunk, in []byte, blocks int, at uint32) bool {
	le := binary.LittleEndian
	for range blocks {
		if len(in) == 0 || len(in) < int(in[0])+fixedBlock {
			return false
		}
		n := 1 + int(in[0])
		name, rest := string(in[1:n]), in[n:]
		b := block{
			width: rest[1], some: rest[2]&flagSome != 0, off: at,
			least: le.Uint64(rest[3:]), most: le.Uint64(rest[11:]), size: le.Uint32(rest[19:]), sum: le.Uint32(rest[23:]),
		}
		in = rest[fixedBlock-1:]
		if !b.fits(Type(rest[0]), c.rows) || int64(at)+int64(b.size) > c.size || len(f.columns) == maxColumns {
			return false
		}
		if b.column = f.columnOf(Column{name, Type(rest[0])}); c.of(int(b.column)) != nil {
			return false
		}
		at += b.size
		c.add(b)
	}
	return len(in) == 0 && int64(at) == c.size
}

// fits tells whether a block of the type can have such a width and size.
func (b *block) fits(t Type, rows int) bool {
	if t == 0 || t >= numTypes {
		return false
	}
	room := 0
	if b.some {
		room = (rows + 63) / 64 * 8
	}
	if t.isText() {
		return b.width == 4 && int(b.size) >= room+4*rows
	}
	switch b.width {
	case 0, 1, 2, 4, 8:
		return int(b.size) == room+int(b.width)*rows
	}
	return false
}
