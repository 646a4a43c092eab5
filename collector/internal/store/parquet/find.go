package parquet

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Wanted is a set of numbers that are looked for.
type Wanted struct {
	list []uint64       // ascending
	low  [1 << 6]uint64 // a bit for the lowest twelve of each
}

// NewWanted returns a set of numbers.
func NewWanted(list []uint64) *Wanted {
	w := &Wanted{list: slices.Clone(list)}
	slices.Sort(w.list)
	for _, n := range list {
		w.low[n>>6&63] |= 1 << (n & 63)
	}
	return w
}

// Has tells whether a number is in the set.
func (w *Wanted) Has(n uint64) bool { return w.low[n>>6&63]>>(n&63)&1 != 0 && w.has(n) }

// has is apart so that Has is inlined.
func (w *Wanted) has(n uint64) bool {
	_, ok := slices.BinarySearch(w.list, n)
	return ok
}

// Between tells whether any of the numbers is in a range, the last included.
func (w *Wanted) Between(least, most uint64) bool {
	i, _ := slices.BinarySearch(w.list, least)
	return i < len(w.list) && w.list[i] <= most
}

// Find appends the rows of a row group, counted from its first, in which a column of numbers has one of those wanted. Times
// are not looked for.
func (r *Reader) Find(dst []int, group int, column string, w *Wanted) ([]int, error) {
	i, ok, err := r.column(group, column)
	if err != nil || !ok {
		return dst, err
	}
	err = r.each(group, i, func(s *section) (err error) {
		if s.typ.bytes() == 0 || s.typ.scale != 1 {
			return errPage
		}
		places := r.places[:0]
		switch s.encoding {
		case encodingDictionary, encodingPlainDictionary:
			places, err = r.findWords(places, s, w)
		case encodingDelta:
			places, err = r.findDeltas(places, s, w)
		case encodingPlain:
			size := s.typ.bytes()
			for at := 0; at+size <= len(s.values); at += size {
				if w.Has(bitsAt(s.values[at:], 0, 8*size)) {
					places = append(places, at/size)
				}
			}
		default:
			err = fmt.Errorf("encoding %d: %w", s.encoding, errPage)
		}
		if r.places = places; err != nil {
			return err
		}
		dst, err = s.rowsOf(dst, places)
		r.hold(group, i, s)
		return err
	})
	if err != nil {
		return dst, fmt.Errorf("column %s: %w", column, err)
	}
	return dst, nil
}

// findWords looks into the dictionary first: mostly the page need not be read.
func (r *Reader) findWords(places []int, s *section, w *Wanted) ([]int, error) {
	size := s.typ.bytes()
	if s.entries*size > len(s.words) {
		return places, errPage
	}
	any := r.mark(s.words[:s.entries*size], size, w)
	if !any {
		return places, nil
	}
	indexes, err := s.indexes()
	if err != nil {
		return places, err
	}
	for indexes.first+indexes.count < s.rows && indexes.next() {
		places = r.findMarked(places, &indexes, s.rows)
	}
	return places, nil
}

// findMarked appends the places of a run's values, of those before end, that are numbers of marked words.
func (r *Reader) findMarked(places []int, run *runs, end int) []int {
	end = min(run.first+run.count, end)
	if run.packed == nil {
		if run.value < uint64(len(r.marked)) && r.marked[run.value] {
			for i := run.first; i < end; i++ {
				places = append(places, i)
			}
		}
		return places
	}
	n, bit, mask := roomy(run.packed, end-run.first, run.width), 0, maskOf(run.width)
	for i := range n {
		word := binary.LittleEndian.Uint64(run.packed[bit>>3:]) >> (bit & 7) & mask
		bit += run.width
		if word < uint64(len(r.marked)) && r.marked[word] {
			places = append(places, run.first+i)
		}
	}
	for i := run.first + n; i < end; i++ {
		if word := run.at(i); word < uint64(len(r.marked)) && r.marked[word] {
			places = append(places, i)
		}
	}
	return places
}

// mark notes which words of a size are wanted, and tells whether any is.
func (r *Reader) mark(words []byte, size int, w *Wanted) (any bool) {
	n := len(words) / size
	if cap(r.marked) < n {
		r.marked = make([]bool, n)
	}
	r.marked = r.marked[:n]
	if size == 8 { // addresses
		for i := range r.marked {
			r.marked[i] = w.Has(binary.LittleEndian.Uint64(words[8*i:]))
			any = any || r.marked[i]
		}
		return any
	}
	for i := range r.marked {
		r.marked[i] = w.Has(bitsAt(words[i*size:], 0, 8*size))
		any = any || r.marked[i]
	}
	return any
}

func (r *Reader) findDeltas(places []int, s *section, w *Wanted) ([]int, error) {
	d, err := newDeltas(s.values, s.rows)
	if err != nil {
		return places, err
	}
	mask := maskOf(8 * s.typ.bytes())
	for first := 0; d.left > 0; {
		list, err := d.next(r.spare)
		if err != nil {
			return places, err
		}
		for i, n := range list {
			if w.Has(n & mask) {
				places = append(places, first+i)
			}
		}
		first += len(list)
		r.spare = list[:0]
	}
	return places, nil
}

// rowsOf appends the rows of the row group to which values of the page belong, by their numbers in ascending order. Numbers beyond the last
// value are of bits that fill a run.
func (s *section) rowsOf(dst, places []int) ([]int, error) {
	levels := runs{rest: s.levels, width: 1}
	ones := 0
	for len(places) > 0 && levels.first+levels.count < s.rows {
		if !levels.next() {
			return dst, errPage
		}
		end := min(levels.first+levels.count, s.rows)
		if n := levels.ones(levels.first, end); places[0] >= ones+n {
			ones += n
			continue
		}
		if levels.packed == nil { // a run of rows that all have values
			for ; len(places) > 0 && places[0]-ones < end-levels.first; places = places[1:] {
				dst = append(dst, s.first+levels.first+places[0]-ones)
			}
			ones += end - levels.first
			continue
		}
		for row := levels.first; row < end; row++ {
			if levels.at(row) == 0 {
				continue
			}
			if len(places) > 0 && places[0] == ones {
				dst, places = append(dst, s.first+row), places[1:]
			}
			ones++
		}
	}
	return dst, nil
}
