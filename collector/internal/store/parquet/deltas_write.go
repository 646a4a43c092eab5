package parquet

import (
	"encoding/binary"
	"math/bits"
)

// Blocks of differences are as DuckDB writes them.
const (
	deltaBlock = 2048
	deltaMinis = 8
	deltaMini  = deltaBlock / deltaMinis
)

// appendDeltas appends numbers in the encoding DELTA_BINARY_PACKED, narrow ones of 32 bits.
func appendDeltas(dst []byte, list []uint64, narrow bool) []byte {
	dst = binary.AppendUvarint(dst, deltaBlock)
	dst = binary.AppendUvarint(dst, deltaMinis)
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	last := list[0]
	if narrow {
		dst = binary.AppendVarint(dst, int64(int32(last)))
	} else {
		dst = binary.AppendVarint(dst, int64(last))
	}
	var room [deltaBlock]int64
	for rest := list[1:]; len(rest) > 0; {
		n := min(deltaBlock, len(rest))
		d := room[:n]
		for i, v := range rest[:n] {
			d[i] = int64(v - last)
			last = v
		}
		if narrow {
			for i := range d {
				d[i] = int64(int32(d[i]))
			}
		}
		dst = appendDeltaBlock(dst, d)
		rest = rest[n:]
	}
	return dst
}

// appendDeltaBlock appends a block: the least of its differences, the widths of its miniblocks, and what the differences are beyond the least.
func appendDeltaBlock(dst []byte, d []int64) []byte {
	least := d[0]
	for _, v := range d {
		least = min(least, v)
	}
	dst = binary.AppendVarint(dst, least)
	widths := len(dst)
	dst = append(dst, make([]byte, deltaMinis)...)
	for i := 0; len(d) > 0; i++ {
		mini := d[:min(deltaMini, len(d))]
		d = d[len(mini):]
		all := uint64(0)
		for _, v := range mini {
			all |= uint64(v) - uint64(least)
		}
		width := bits.Len64(all)
		dst[widths+i] = byte(width)
		k := packer{dst: dst}
		for _, v := range mini {
			k.putWide(uint64(v)-uint64(least), width)
		}
		for range deltaMini - len(mini) {
			k.putWide(0, width)
		}
		dst = k.end()
	}
	return dst
}
