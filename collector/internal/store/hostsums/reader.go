package hostsums

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// ErrBroken says that a file of sums cannot be used: it is not whole, of another version, or not of the file of records.
var ErrBroken = errors.New("sums of hosts are broken")

// Reader finds the sums of addresses in a file.
type Reader struct {
	Names     []string // of directions, from number 1 on
	Addresses int64

	file      io.ReaderAt
	hour      int64
	directory []byte
	begin     int64 // of the blocks
	size      int64
	block     []byte // room
}

// Open reads the head of a file of sums that has a size, and is of a file of records. Errors are [ErrBroken] with what is wrong, or those of reading.
func Open(file io.ReaderAt, size int64, of Of) (*Reader, error) {
	var header [headerSize]byte
	if size < headerSize {
		return nil, fmt.Errorf("%w: there are %d bytes", ErrBroken, size)
	}
	if _, err := file.ReadAt(header[:], 0); err != nil {
		return nil, fmt.Errorf("read sums of hosts: %w", err)
	}
	le := binary.LittleEndian
	blocks, names := le.Uint32(header[12:]), le.Uint32(header[48:])
	is := Of{Rows: int64(le.Uint64(header[16:])), Bytes: int64(le.Uint64(header[24:]))}
	n := headerSize + int64(names) + int64(blocks)*blockSize
	switch {
	case string(header[:8]) != magic:
		return nil, fmt.Errorf("%w: they do not begin as such", ErrBroken)
	case le.Uint16(header[8:]) != version:
		return nil, fmt.Errorf("%w: version %d, this program knows %d", ErrBroken, le.Uint16(header[8:]), version)
	case blocks > maxBlocks || names > maxNames || n > size:
		return nil, fmt.Errorf("%w: %d blocks and %d bytes of names in %d bytes", ErrBroken, blocks, names, size)
	case is != of:
		return nil, fmt.Errorf("%w: they are of a file with %d rows and %d bytes, not %d and %d", ErrBroken, is.Rows, is.Bytes, of.Rows, of.Bytes)
	}
	head := make([]byte, n)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("read sums of hosts: %w", err)
	}
	if headSum(head) != le.Uint64(head[56:]) {
		return nil, fmt.Errorf("%w: the checksum of the head is wrong", ErrBroken)
	}
	x := &Reader{
		Addresses: int64(le.Uint64(head[40:])), file: file, hour: int64(le.Uint64(head[32:])), directory: head[headerSize+names:], begin: n, size: size,
	}
	if names > 0 {
		x.Names = strings.Split(string(head[headerSize:headerSize+names]), ",")
	}
	return x, nil
}

// Find appends the sums of an address to a list; none where no record has it. Errors are as of [Open].
func (x *Reader) Find(list []Sum, a Address) ([]Sum, error) {
	n := len(x.directory) / blockSize
	i := sort.Search(n, func(i int) bool { return a.compare(x.first(i)) < 0 }) - 1
	if i < 0 {
		return list, nil
	}
	block, err := x.read(i)
	if err != nil {
		return list, err
	}
	s := scanner{rest: block, hour: x.hour, names: len(x.Names)}
	for at := x.first(i); len(s.rest) > 0 && s.ok(); {
		at = s.address(at)
		count := s.uvarint()
		switch c := at.compare(a); {
		case c > 0 && s.ok():
			return list, nil
		case c == 0:
			for n := uint64(0); n < count && s.ok(); n++ {
				list = append(list, s.sum())
			}
			return list, s.err(i)
		}
		for n := uint64(0); n < count && s.ok(); n++ {
			s.sum()
		}
	}
	return list, s.err(i)
}

func (x *Reader) entry(i int) []byte { return x.directory[i*blockSize : (i+1)*blockSize] }

// first is the first address of a block.
func (x *Reader) first(i int) Address {
	e := x.entry(i)
	return Address{binary.LittleEndian.Uint64(e), binary.LittleEndian.Uint64(e[8:])}
}

// read reads a block and checks it.
func (x *Reader) read(i int) ([]byte, error) {
	from, to := int64(binary.LittleEndian.Uint32(x.entry(i)[16:])), x.size-x.begin
	if (i+1)*blockSize < len(x.directory) {
		to = int64(binary.LittleEndian.Uint32(x.entry(i + 1)[16:]))
	}
	if from >= to || to > x.size-x.begin {
		return nil, fmt.Errorf("%w: block %d ends before it begins", ErrBroken, i)
	}
	if n := int(to - from); cap(x.block) < n {
		x.block = make([]byte, n)
	}
	block := x.block[:to-from]
	if _, err := x.file.ReadAt(block, x.begin+from); err != nil {
		return nil, fmt.Errorf("read sums of hosts: %w", err)
	}
	if sumOf(block) != binary.LittleEndian.Uint32(x.entry(i)[20:]) {
		return nil, fmt.Errorf("%w: the checksum of block %d is wrong", ErrBroken, i)
	}
	return block, nil
}
