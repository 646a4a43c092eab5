// Package hostsums holds how much each address has in the records of a sealed file, so that a question about how much a host has sent and
// received over months reads some hundred bytes of a file instead of its records.
//
// A file of sums has the addresses of all records in ascending order, each with its sums: one for each hour in which such records ended,
// direction and side. All numbers are little-endian:
//
//	0   "weirsums"
//	8   version (2 bytes), reserved (2), number of blocks (4)
//	16  rows (8) and size (8) of the file of records
//	32  the hour of most sums (8), number of addresses (8)
//	48  bytes of the names of directions (4), reserved (4), checksum of all before the blocks but itself (8)
//	64  the names of directions, joined by commas
//	    for each block: its first address (16, the first half first), where it begins, counted from the first block (4), and its checksum (4)
//	    the blocks
//
// A block has 64 addresses, the last one fewer. An address is the difference of its second half from that of the one before, doubled;
// where that will not do, 1 and both halves (8 each). Behind it are the number of its sums and these. A sum is a byte of flags: the side in bits 0 and 1, bit 2 where
// the directions have counters of their own, bit 3 where the hour is another one, in bits 4 to 7 the number of the name of the direction,
// from 1 on, 0 where there is none and 15 where it follows in a byte. Then come the difference of the hour, if it is another one, the number
// of records, bytes and packets, and where the directions have their own, those of the source and those of the destination. Numbers
// without a size are varints.
package hostsums
