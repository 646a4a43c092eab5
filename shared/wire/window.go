package wire

import "encoding/binary"

// headroom is how many bytes lie before the content of a [Window].
const headroom = 8

// Window is a run of bytes with eight readable bytes before it, so that a big-endian number of 1 to 8 bytes anywhere in it is
// one load and one mask, whatever its size. Offsets must lie within the window: whoever makes offsets checks them once against
// the size of a record and the record once against [Window.Len]. The zero Window is empty.
type Window struct{ raw []byte }

// NewWindow returns the window of b[from:to]; from must be at least 8. It is empty, and ok false, when b does not hold that.
func NewWindow(b []byte, from, to int) (w Window, ok bool) {
	if from < headroom || to < from || to > len(b) {
		return Window{}, false
	}
	return Window{raw: b[from-headroom : to]}, true
}

// CopyWindow returns a window of a copy of w's content.
func CopyWindow(w Window) Window { return Window{raw: append([]byte(nil), w.raw...)} }

// Len returns how many bytes the window holds.
func (w Window) Len() int { return max(len(w.raw)-headroom, 0) }

// Mask returns the mask that [Window.Number] needs for a number of n bytes.
func Mask(n int) uint64 {
	if n <= 0 {
		return 0
	}
	return ^uint64(0) >> (64 - 8*min(n, 8))
}

// Number returns the big-endian number that ends at offset end, of the size that the mask stands for.
func (w Window) Number(end int, mask uint64) uint64 {
	return binary.BigEndian.Uint64(w.raw[end:]) & mask
}

// Sixteen returns the sixteen bytes that end at offset end, which must be at least 8.
func (w Window) Sixteen(end int) [16]byte { return [16]byte(w.raw[end-headroom : end+headroom]) }

// Bytes returns the n bytes that end at offset end; they alias the window.
func (w Window) Bytes(end, n int) []byte { return w.raw[end+headroom-n : end+headroom : end+headroom] }

// Part returns the window of the n bytes at offset from.
func (w Window) Part(from, n int) Window { return Window{raw: w.raw[from : from+headroom+n]} }

// From returns the window of the bytes from offset from on.
func (w Window) From(from int) Window { return Window{raw: w.raw[from:]} }

// Cursor returns a cursor over the window's bytes.
func (w Window) Cursor() Cursor {
	if len(w.raw) < headroom {
		return Cursor{}
	}
	return NewCursor(w.raw[headroom:])
}
