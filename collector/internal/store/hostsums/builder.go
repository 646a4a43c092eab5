package hostsums

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/zeebo/xxh3"
)

// Sizes of the format.
const (
	magic      = "weirsums"
	version    = 1
	headerSize = 64
	blockSize  = 24 // of a block's entry in the directory
	perBlock   = 64 // addresses
	maxBlocks  = 1 << 24
	maxNames   = 1 << 14 // bytes
	maxSums    = 1 << 20 // of an address
)

// Flags of a sum.
const (
	sideBits       = 3
	flagOwn        = 1 << 2
	flagHour       = 1 << 3
	directionShift = 4
	directionAfter = 15
)

// Builder makes a file of sums, address by address.
type Builder struct {
	Names []string // of directions; a sum has the number of one, from 1 on
	Hour  int64    // that of most sums

	directory []byte
	blocks    []byte
	begin     int // of the current block
	addresses int
	last      Address
	err       error
}

// Add adds an address, greater than that before, with its sums.
func (b *Builder) Add(a Address, sums []Sum) {
	switch {
	case len(sums) == 0 || len(sums) > maxSums:
		b.fail("%d sums of an address: 1 to %d are allowed", len(sums), maxSums)
	case b.addresses > 0 && a.compare(b.last) <= 0:
		b.fail("addresses are not in ascending order")
	}
	if b.err != nil {
		return
	}
	if b.addresses%perBlock == 0 {
		b.finishBlock()
		le := binary.LittleEndian
		b.directory = le.AppendUint64(le.AppendUint64(b.directory, a.Hi), a.Lo)
		b.directory = le.AppendUint32(b.directory, uint32(len(b.blocks)))
		b.begin, b.last = len(b.blocks), a
	}
	b.blocks = appendAddress(b.blocks, b.last, a)
	b.blocks = binary.AppendUvarint(b.blocks, uint64(len(sums)))
	for i := range sums {
		b.add(&sums[i])
	}
	b.last = a
	b.addresses++
}

func (b *Builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("make sums of hosts: "+format, args...)
	}
}

// finishBlock notes the checksum of the current block.
func (b *Builder) finishBlock() {
	if b.addresses > 0 {
		b.directory = binary.LittleEndian.AppendUint32(b.directory, sumOf(b.blocks[b.begin:]))
	}
}

// appendAddress appends an address behind another.
func appendAddress(dst []byte, last, a Address) []byte {
	if gap := a.Lo - last.Lo; a.Hi == last.Hi && gap < 1<<63 {
		return binary.AppendUvarint(dst, gap<<1)
	}
	dst = binary.AppendUvarint(dst, 1)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, a.Hi), a.Lo)
}

func (b *Builder) add(s *Sum) {
	if s.Side >= sides || int(s.Direction) > len(b.Names) {
		b.fail("side %d, direction %d of %d", s.Side, s.Direction, len(b.Names))
		return
	}
	own := s.Counters.own()
	flags := byte(s.Side) | min(s.Direction, directionAfter)<<directionShift
	if own {
		flags |= flagOwn
	}
	if s.Hour != b.Hour {
		flags |= flagHour
	}
	dst := append(b.blocks, flags)
	if s.Direction >= directionAfter {
		dst = append(dst, s.Direction)
	}
	if s.Hour != b.Hour {
		dst = binary.AppendVarint(dst, s.Hour-b.Hour)
	}
	dst = binary.AppendUvarint(dst, s.Flows)
	counters := s.Counters[:2]
	if own {
		counters = s.Counters[:]
	}
	for _, n := range counters {
		dst = binary.AppendUvarint(dst, n)
	}
	b.blocks = dst
}

// Bytes returns the file of sums.
func (b *Builder) Bytes(of Of) ([]byte, error) {
	b.finishBlock()
	names := strings.Join(b.Names, ",")
	switch {
	case len(names) > maxNames || len(b.Names) > math.MaxUint8 || len(b.directory)/blockSize > maxBlocks || len(b.blocks) > math.MaxUint32:
		b.fail("%d directions, %d blocks of %d bytes are too many", len(b.Names), len(b.directory)/blockSize, len(b.blocks))
	case strings.Count(names, ",") != max(len(b.Names)-1, 0):
		b.err = errors.Join(b.err, errors.New("make sums of hosts: the name of a direction has a comma"))
	}
	if b.err != nil {
		return nil, b.err
	}
	le := binary.LittleEndian
	dst := make([]byte, headerSize, headerSize+len(names)+len(b.directory)+len(b.blocks))
	copy(dst, magic)
	le.PutUint16(dst[8:], version)
	le.PutUint32(dst[12:], uint32(len(b.directory)/blockSize))
	le.PutUint64(dst[16:], uint64(of.Rows))
	le.PutUint64(dst[24:], uint64(of.Bytes))
	le.PutUint64(dst[32:], uint64(b.Hour))
	le.PutUint64(dst[40:], uint64(b.addresses))
	le.PutUint32(dst[48:], uint32(len(names)))
	dst = append(append(dst, names...), b.directory...)
	le.PutUint64(dst[56:], headSum(dst))
	return append(dst, b.blocks...), nil
}

// headSum is the checksum of all before the blocks, but for its own place.
func headSum(head []byte) uint64 {
	h := xxh3.New()
	_, _ = h.Write(head[:56]) // never fails
	_, _ = h.Write(head[headerSize:])
	return h.Sum64()
}

func sumOf(block []byte) uint32 { return uint32(xxh3.Hash(block)) }
