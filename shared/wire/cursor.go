// Package wire reads big-endian numbers off untrusted bytes. It is the only place that slices raw bytes by offset, so the
// bounds checks of all decoders are here.
package wire

import "encoding/binary"

// Cursor is a position in a slice of bytes. Reading beyond the end gives zero values and sets a sticky failure, so that a
// decoder checks once, after it has read a structure. The zero Cursor is empty.
type Cursor struct {
	rest   []byte
	failed bool
}

// NewCursor returns a cursor at the start of b.
func NewCursor(b []byte) Cursor { return Cursor{rest: b} }

// Len returns how many bytes are left.
func (c *Cursor) Len() int { return len(c.rest) }

// OK tells whether every read so far was within bounds.
func (c *Cursor) OK() bool { return !c.failed }

// Rest returns the bytes that are left, without taking them.
func (c *Cursor) Rest() []byte { return c.rest }

// Bytes takes n bytes; the result aliases the input. It is nil, and the cursor has failed, when fewer are left.
func (c *Cursor) Bytes(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.failed = true
		c.rest = nil
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

// Sub takes n bytes as a cursor of their own.
func (c *Cursor) Sub(n int) Cursor {
	b := c.Bytes(n)
	return Cursor{rest: b, failed: c.failed}
}

// Skip passes over n bytes.
func (c *Cursor) Skip(n int) { c.Bytes(n) }

// U8 takes one byte.
func (c *Cursor) U8() uint8 {
	if len(c.rest) < 1 {
		c.failed = true
		return 0
	}
	v := c.rest[0]
	c.rest = c.rest[1:]
	return v
}

// U16 takes a big-endian number of two bytes.
func (c *Cursor) U16() uint16 {
	b := c.Bytes(2)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}

// U32 takes a big-endian number of four bytes.
func (c *Cursor) U32() uint32 {
	b := c.Bytes(4)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// U64 takes a big-endian number of eight bytes.
func (c *Cursor) U64() uint64 {
	b := c.Bytes(8)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// Uint reads a big-endian number of 1 to 8 bytes (reduced-size encoding, RFC 7011, 6.2); of longer input the last 8 bytes
// count, empty input is 0.
func Uint(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	case 4:
		return uint64(binary.BigEndian.Uint32(b))
	case 8:
		return binary.BigEndian.Uint64(b)
	}
	if len(b) > 8 {
		b = b[len(b)-8:]
	}
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}

// Int reads a big-endian two's complement number of 1 to 8 bytes.
func Int(b []byte) int64 {
	if len(b) == 0 || len(b) > 8 {
		return int64(Uint(b))
	}
	shift := 64 - 8*len(b)
	return int64(Uint(b)<<shift) >> shift
}
