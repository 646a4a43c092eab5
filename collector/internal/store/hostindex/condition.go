package hostindex

import (
	"io"
	"math/bits"
	"slices"
)

// Condition is what a filter needs of a row group's addresses to select any of its rows: one of some addresses, or all or any of other
// conditions. The zero value needs nothing.
type Condition struct {
	kind kind
	keys []Key
	of   []Condition
}

type kind uint8

const (
	anything kind = iota
	oneOf
	allOf
	anyOf
)

// OneOf needs one of the addresses with the keys.
func OneOf(keys ...Key) Condition {
	slices.Sort(keys)
	return Condition{kind: oneOf, keys: slices.Compact(keys)}
}

// AllOf needs what each of the conditions needs.
func AllOf(list ...Condition) Condition {
	list = slices.DeleteFunc(list, func(c Condition) bool { return c.Empty() })
	switch len(list) {
	case 0:
		return Condition{}
	case 1:
		return list[0]
	}
	return Condition{kind: allOf, of: list}
}

// AnyOf needs what one of the conditions needs.
func AnyOf(list ...Condition) Condition {
	var keys []Key
	for _, c := range list {
		if c.Empty() {
			return Condition{}
		}
		if c.kind != oneOf {
			return Condition{kind: anyOf, of: list}
		}
		keys = append(keys, c.keys...)
	}
	return OneOf(keys...)
}

// Empty tells whether the condition needs nothing.
func (c Condition) Empty() bool { return c.kind == anything }

// Bitmap is a set of row groups.
type Bitmap []uint64

// NewBitmap returns an empty set of up to n row groups.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+63)/64) }

// Mark adds a row group.
func (b Bitmap) Mark(i int) { b[i/64] |= 1 << (i % 64) }

// Has tells whether a row group is in the set.
func (b Bitmap) Has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }

// Len returns how many row groups are in the set.
func (b Bitmap) Len() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Find returns the row groups that may hold what the condition needs; r is the index's file. Errors are [ErrBroken] with what is wrong, or
// those of reading.
func (x *Index) Find(r io.ReaderAt, c Condition) (Bitmap, error) {
	found := NewBitmap(len(x.Groups))
	switch c.kind {
	case oneOf:
		return found, x.findAny(r, c.keys, found)
	case anything:
		for g := range x.Groups {
			found.Mark(g)
		}
		return found, nil
	}
	for i, sub := range c.of {
		one, err := x.Find(r, sub)
		if err != nil {
			return nil, err
		}
		for w := range found {
			switch {
			case i == 0:
				found[w] = one[w]
			case c.kind == allOf:
				found[w] &= one[w]
			default:
				found[w] |= one[w]
			}
		}
	}
	return found, nil
}

// findAny marks the row groups that may hold any of the keys, which are in ascending order: so are their buckets.
func (x *Index) findAny(r io.ReaderAt, keys []Key, found Bitmap) error {
	var buffer, sets []byte
	read := -1
	for _, k := range keys {
		if b := bucketOf(k, x.bucketBits); b != read {
			var err error
			if sets, err = x.bucket(r, b, buffer); err != nil {
				return err
			}
			read, buffer = b, sets[:cap(sets)]
		}
		if err := x.find(sets, rest(k, x.bucketBits), found); err != nil {
			return err
		}
	}
	return nil
}
