// Package hostindex tells which parts of a sealed file may hold an address, so that a question about a host reads those alone.
//
// A sealed file is cut into row groups. Its index has, for each of them, a set of the addresses of all its rows, on any side and
// before and after translation, as fingerprints: an address that is there is always found, one that is not is found in about one
// row group of 256. It also has what a reader must know to stop early: how many rows a group has and where its times begin.
//
// All numbers are little-endian. The fingerprints of all row groups lie together by bucket, so that a look-up reads one
// run of some hundred to some thousand bytes whatever the size of the file:
//
//	0   "weirhost"
//	8   version (2 bytes), logarithm of the number of buckets (2), number of row groups (4)
//	16  rows (8) and size (8) of the file that the index is of
//	32  fingerprints (8), bytes of the buckets (8)
//	48  bytes of the names of columns (4), reserved (4), checksum of all before the buckets but itself (8)
//	64  for each row group: rows (4), fingerprints (4), flags (4), reserved (4), First, From and To (8 each)
//	    the names of the file's columns that have no value in any row, joined by commas
//	    for each bucket, and for the end: where it begins (4), counted from the first
//	    the buckets: for each row group a set, then a checksum of the bucket (4)
//
// A set of n fingerprints is n as a varint and then, for n > 0, a sorted sequence in the coding of Elias (1974) and Fano (1971):
// each is a number below 256 n, of which the low bytes come first and the rest in unary, in 2 n bits. That makes 10 bits an address.
package hostindex
