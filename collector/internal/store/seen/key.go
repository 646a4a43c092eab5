package seen

import "github.com/weirflow/weir/shared/flow"

// blockBits is the logarithm of the records of a block.
const blockBits = 6

// Key identifies a block of records: the datagram's hash, with the number of the set and of the block mixed in.
type Key struct{ Hi, Lo uint64 }

// KeyOf returns the key of the record's block. The datagram's hash scatters already, so that mixing is cheap: odd constants keep
// the blocks of one datagram apart.
func KeyOf(id *flow.EventID) Key {
	return Key{
		Hi: id.Datagram.Hi,
		Lo: id.Datagram.Lo ^ uint64(id.Set)*0x9e3779b97f4a7c15 ^ uint64(id.Record>>blockBits)*0xc2b2ae3d27d4eb4f,
	}
}

// Bit returns the record's bit in its block.
func Bit(record uint32) uint64 { return 1 << (record & (1<<blockBits - 1)) }
