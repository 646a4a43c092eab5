package hostindex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrBroken says that an index cannot be used: it is not whole, of another version, or not of the file.
var ErrBroken = errors.New("host index is broken")

// Index is the head of an index without its directory: that and the buckets are read where they are needed. It takes some 60 bytes for
// a row group, does not change and may be shared.
type Index struct {
	Groups []Group
	Rows   int64 // of the file
	Bytes  int64 // size of the file
	Size   int64 // of the index itself
	// Empty are the names of the file's columns that have no value in any row, joined by commas.
	Empty string

	bucketBits uint8
	begin      int64 // of the buckets
}

// Read reads the head of an index of a size. Errors are [ErrBroken] with what is wrong, or those of reading.
func Read(r io.ReaderAt, size int64) (*Index, error) {
	var header [headerSize]byte
	if size < headerSize {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrBroken, size)
	}
	if _, err := r.ReadAt(header[:], 0); err != nil {
		return nil, fmt.Errorf("read host index: %w", err)
	}
	le := binary.LittleEndian
	bucketBits, groups, names := le.Uint16(header[10:]), le.Uint32(header[12:]), le.Uint32(header[48:])
	switch {
	case string(header[:8]) != magic:
		return nil, fmt.Errorf("%w: it does not begin as one", ErrBroken)
	case le.Uint16(header[8:]) != version:
		return nil, fmt.Errorf("%w: version %d, this program knows %d", ErrBroken, le.Uint16(header[8:]), version)
	case bucketBits > maxBucketBits || groups > maxGroups || names > maxNames:
		return nil, fmt.Errorf("%w: 2^%d buckets, %d row groups, %d bytes of names", ErrBroken, bucketBits, groups, names)
	}
	n := headSize(int(groups), int(names), uint8(bucketBits))
	if int64(n) > size || le.Uint64(header[40:]) != uint64(size-int64(n)) {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrBroken, size)
	}
	head := make([]byte, n)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("read host index: %w", err)
	}
	if headSum(head) != le.Uint64(head[56:]) {
		return nil, fmt.Errorf("%w: the checksum of its head is wrong", ErrBroken)
	}
	x, err := parseHead(head, int(groups), uint8(bucketBits), size)
	if err == nil {
		begin := headerSize + int(groups)*groupSize
		x.Empty = string(head[begin : begin+int(names)])
	}
	return x, err
}

func parseHead(head []byte, groups int, bucketBits uint8, size int64) (*Index, error) {
	le := binary.LittleEndian
	x := &Index{
		Groups: make([]Group, groups), Rows: int64(le.Uint64(head[16:])), Bytes: int64(le.Uint64(head[24:])), Size: size,
		bucketBits: bucketBits, begin: int64(len(head)),
	}
	var rows int64
	for i := range x.Groups {
		at := head[headerSize+i*groupSize:]
		x.Groups[i] = Group{
			Rows: int(le.Uint32(at)), Keys: int(le.Uint32(at[4:])), Told: le.Uint32(at[8:])&flagTold != 0,
			First: int64(le.Uint64(at[16:])), From: int64(le.Uint64(at[24:])), To: int64(le.Uint64(at[32:])),
		}
		rows += int64(x.Groups[i].Rows)
	}
	if rows != x.Rows {
		return nil, fmt.Errorf("%w: its row groups have %d rows, it says %d", ErrBroken, rows, x.Rows)
	}
	return x, nil
}

// bucket reads a bucket and checks it. The buffer is used again where it has room.
func (x *Index) bucket(r io.ReaderAt, i int, buffer []byte) ([]byte, error) {
	var at [8]byte
	if _, err := r.ReadAt(at[:], x.begin-4*(1<<x.bucketBits+1)+4*int64(i)); err != nil {
		return buffer, fmt.Errorf("read host index: %w", err)
	}
	from, to := int64(binary.LittleEndian.Uint32(at[:])), int64(binary.LittleEndian.Uint32(at[4:]))
	if to < from+sumSize || to > x.Size-x.begin {
		return buffer, fmt.Errorf("%w: bucket %d ends before it begins", ErrBroken, i)
	}
	n := int(to - from)
	if cap(buffer) < n {
		buffer = make([]byte, n)
	}
	buffer = buffer[:n]
	if _, err := r.ReadAt(buffer, x.begin+from); err != nil {
		return buffer, fmt.Errorf("read host index: %w", err)
	}
	sets := buffer[:n-sumSize]
	if bucketSum(sets) != binary.LittleEndian.Uint32(buffer[n-sumSize:]) {
		return buffer, fmt.Errorf("%w: the checksum of bucket %d is wrong", ErrBroken, i)
	}
	return sets, nil
}

// find marks in found the row groups that may hold a key whose rest is given, among the sets of its bucket.
func (x *Index) find(sets []byte, rest uint64, found Bitmap) error {
	for g := range x.Groups {
		s, tail, ok := cutSet(sets)
		if !ok {
			return fmt.Errorf("%w: a bucket has %d sets, not %d", ErrBroken, g, len(x.Groups))
		}
		if s.has(rest) {
			found.Mark(g)
		}
		sets = tail
	}
	return nil
}
