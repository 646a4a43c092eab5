package parquet

import (
	"encoding/binary"
	"fmt"
)

// Values are those of some rows of a column. Texts are valid until the reader reads another column.
type Values struct {
	Valid   []bool
	Numbers []uint64 // two's complement, or bits of a double; of a smaller number, its bits
	Texts   [][]byte
}

func (v *Values) reset(n int) {
	if cap(v.Valid) < n {
		v.Valid, v.Numbers, v.Texts = make([]bool, n), make([]uint64, n), make([][]byte, n)
	}
	v.Valid, v.Numbers, v.Texts = v.Valid[:n], v.Numbers[:n], v.Texts[:n]
	clear(v.Valid)
}

// Pick reads the values of a column in some rows of a row group, in ascending order and counted from its first.
func (r *Reader) Pick(group int, column string, rows []int, v *Values) error {
	v.reset(len(rows))
	i, ok, err := r.column(group, column)
	if err != nil || !ok || len(rows) == 0 {
		return err
	}
	next := 0
	read := func(s *section) error {
		first := next
		for next < len(rows) && rows[next] < s.first+s.rows {
			next++
		}
		if next == first {
			return nil
		}
		return r.pick(s, rows[first:next], &Values{v.Valid[first:next], v.Numbers[first:next], v.Texts[first:next]})
	}
	held, err := r.held(group, i, read)
	if !held {
		err = r.each(group, i, read)
	}
	if err != nil {
		return fmt.Errorf("column %s: %w", column, err)
	}
	return nil
}

// pick reads values of a page.
func (r *Reader) pick(s *section, rows []int, v *Values) error {
	places, err := s.places(r.places[:0], rows)
	if r.places = places; err != nil {
		return err
	}
	last := -1 // place of the last value that is wanted
	for k, place := range places {
		if v.Valid[k] = place >= 0; v.Valid[k] {
			last = place
		}
	}
	if last < 0 {
		return nil
	}
	switch {
	case s.encoding == encodingDictionary || s.encoding == encodingPlainDictionary:
		return r.pickWords(s, places, v)
	case s.encoding == encodingDelta:
		return r.pickDeltas(s, places, v)
	case s.encoding == encodingDeltaLength && s.typ.bytes() == 0:
		return r.pickTexts(s, places, v)
	case s.encoding == encodingPlain && s.typ.bytes() == 0:
		starts, err := textStarts(r.starts[:0], s.values, last+1)
		if r.starts = starts; err != nil {
			return err
		}
		return v.set(places, func(k, place int) { v.Texts[k] = s.values[starts[place]+4 : starts[place+1]] })
	case s.encoding == encodingPlain:
		return s.pickPlain(places, last, v)
	case s.encoding == encodingSplit && s.typ.bytes() > 0:
		return s.pickSplit(places, last, v)
	}
	return fmt.Errorf("encoding %d: %w", s.encoding, errPage)
}

// set calls f for the values that there are.
func (v *Values) set(places []int, f func(k, place int)) error {
	for k, place := range places {
		if place >= 0 {
			f(k, place)
		}
	}
	return nil
}

// places appends the number of each row's value among the values of the page; -1: it has none.
func (s *section) places(dst, rows []int) ([]int, error) {
	levels := runs{rest: s.levels, width: 1}
	k, ones := 0, 0
	for k < len(rows) {
		if !levels.next() {
			return dst, errPage
		}
		end := min(levels.first+levels.count, s.rows)
		from := levels.first
		for ; k < len(rows) && rows[k]-s.first < end; k++ {
			row := rows[k] - s.first
			ones += levels.ones(from, row)
			if from = row; levels.at(row) == 0 {
				dst = append(dst, -1)
			} else {
				dst = append(dst, ones)
			}
		}
		ones += levels.ones(from, end)
	}
	return dst, nil
}

// pickWords reads values of the dictionary.
func (r *Reader) pickWords(s *section, places []int, v *Values) error {
	size := s.typ.bytes()
	if size == 0 {
		starts, err := textStarts(r.starts[:0], s.words, s.entries)
		if r.starts = starts; err != nil {
			return err
		}
	} else if s.entries*size > len(s.words) {
		return errPage
	}
	indexes, err := s.indexes()
	if err != nil {
		return err
	}
	for k, place := range places {
		if place < 0 {
			continue
		}
		for place >= indexes.first+indexes.count {
			if !indexes.next() {
				return errPage
			}
		}
		word := int(indexes.at(place))
		switch {
		case word >= s.entries:
			return errPage
		case size == 0:
			v.Texts[k] = s.words[r.starts[word]+4 : r.starts[word+1]]
		default:
			v.Numbers[k] = bitsAt(s.words[word*size:], 0, 8*size) * s.typ.scale
		}
	}
	return nil
}

// indexes returns those of the dictionary, which their width precedes.
func (s *section) indexes() (runs, error) {
	if len(s.values) == 0 || s.values[0] > 32 {
		return runs{}, errPage
	}
	return runs{rest: s.values[1:], width: int(s.values[0])}, nil
}

// textStarts appends where each of n texts with its size before it begins, and where the last ends.
func textStarts(dst []int32, b []byte, n int) ([]int32, error) {
	at := 0
	for range n {
		dst = append(dst, int32(at))
		if at+4 > len(b) {
			return dst, errPage
		}
		size := int(binary.LittleEndian.Uint32(b[at:]))
		if at += 4; size > len(b)-at {
			return dst, errPage
		}
		at += size
	}
	return append(dst, int32(at)), nil
}

// pickDeltas reads up to the last value that is wanted.
func (r *Reader) pickDeltas(s *section, places []int, v *Values) error {
	d, err := newDeltas(s.values, s.rows)
	if err != nil || s.typ.bytes() == 0 {
		return errPage
	}
	first, list := 0, []uint64(nil)
	for k, place := range places {
		if place < 0 {
			continue
		}
		for place >= first+len(list) {
			first += len(list)
			skipped, err := d.skip(place - first)
			if err != nil {
				return errPage
			}
			if skipped > 0 {
				first, list = first+skipped, nil
				continue
			}
			if list, err = d.next(r.spare); err != nil || len(list) == 0 {
				return errPage
			}
			r.spare = list[:0]
		}
		v.Numbers[k] = list[place-first] & maskOf(8*s.typ.bytes()) * s.typ.scale
	}
	return nil
}

// pickTexts reads texts behind their sizes.
func (r *Reader) pickTexts(s *section, places []int, v *Values) error {
	d, err := newDeltas(s.values, s.rows)
	if err != nil {
		return err
	}
	starts, at := append(r.starts[:0], 0), uint64(0)
	for d.left > 0 {
		list, err := d.next(r.spare)
		if err != nil {
			return err
		}
		r.spare = list[:0]
		for _, size := range list {
			if at += size; size > maxPage || at > maxPage {
				return errPage
			}
			starts = append(starts, int32(at))
		}
	}
	r.starts = starts
	if int(at) > len(d.rest) {
		return errPage
	}
	for k, place := range places {
		if place < 0 {
			continue
		}
		if place+1 >= len(starts) {
			return errPage
		}
		v.Texts[k] = d.rest[starts[place]:starts[place+1]]
	}
	return nil
}

func (s *section) pickPlain(places []int, last int, v *Values) error {
	size := s.typ.bytes()
	if (last+1)*size > len(s.values) {
		return errPage
	}
	return v.set(places, func(k, place int) { v.Numbers[k] = bitsAt(s.values[place*size:], 0, 8*size) * s.typ.scale })
}

// pickSplit reads values of which the first bytes lie together, then the second, and so on.
func (s *section) pickSplit(places []int, last int, v *Values) error {
	size := s.typ.bytes()
	n := len(s.values) / size
	if last >= n {
		return errPage
	}
	return v.set(places, func(k, place int) {
		v.Numbers[k] = 0
		for i := range size {
			v.Numbers[k] |= uint64(s.values[i*n+place]) << (8 * i)
		}
	})
}
