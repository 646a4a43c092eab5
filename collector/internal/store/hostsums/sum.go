package hostsums

import "cmp"

// Address is an address by its halves, as columns have it.
type Address struct{ Hi, Lo uint64 }

// compare orders addresses.
func (a Address) compare(b Address) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// Side is where a record has an address.
type Side uint8

// Sides. What an address has sent to itself is among what it has as a source and as a destination, and told beside that once more.
const (
	Source Side = iota
	Destination
	Self

	sides
)

// Counters are sums of bytes and packets: of both directions, of that from the source, and of that from the destination. One that is greater
// than its type holds is its greatest number.
type Counters [6]uint64

// Sum is what an address has on a side of records in a direction that ended in an hour.
type Sum struct {
	Hour      int64 // its number since the Unix epoch
	Side      Side
	Direction uint8 // number of its name, from 1 on; 0: there is none
	Flows     uint64
	Counters  Counters
}

// Of is what file of records sums are of.
type Of struct{ Rows, Bytes int64 }

// own tells whether the directions have counters that do not follow from those of both.
func (c *Counters) own() bool { return c[2] != c[0] || c[3] != c[1] || c[4] != 0 || c[5] != 0 }
