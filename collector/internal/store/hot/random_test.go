package hot_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// randomColumns are columns that random chunks have some of.
func randomColumns() (columns []hot.Column) {
	for kind := hot.Uint8; kind <= hot.Blob; kind++ {
		for i := range 2 {
			columns = append(columns, hot.Column{Name: fmt.Sprint(kind, i), Type: kind})
		}
	}
	return columns
}

// randomCells returns cells in one of the ways that columns of records have them.
func randomCells(r *rand.Rand, kind hot.Type, rows int) []cell {
	cells := make([]cell, rows)
	base, chance := uint64(r.Int63n(1<<40)), []int{0, 1, 50, 99, 100, 100, 100}[r.Intn(7)]
	span := []uint64{1, 1, 2, 256, 257, 1 << 16, 1<<16 + 1, 1 << 32, 1<<32 + 1, 1 << 63}[r.Intn(10)]
	if r.Intn(3) == 0 {
		base = 42 // what other chunks may have as well
	} else if r.Intn(3) == 0 {
		base = -base
	}
	for i := range cells {
		switch {
		case r.Intn(100) >= chance:
		case isText(kind):
			cells[i] = texts(string(make([]byte, r.Intn(4)*r.Intn(20))) + fmt.Sprint(r.Intn(1000)))
		default:
			cells[i] = num(width(kind, base+r.Uint64()%span))
		}
	}
	return cells
}

func randomPart(r *rand.Rand, columns []hot.Column) part {
	p := part{rows: 1 + r.Intn(200)}
	if r.Intn(6) == 0 {
		p.rows = counts[r.Intn(len(counts))]
	}
	for _, i := range r.Perm(len(columns))[:r.Intn(len(columns)+1)] {
		p = p.with(columns[i].Name, columns[i].Type, randomCells(r, columns[i].Type, p.rows)...)
	}
	return p
}

func TestRandom(t *testing.T) {
	columns := randomColumns()
	for seed := range int64(250) {
		r := rand.New(rand.NewSource(seed))
		some := columns
		if r.Intn(2) == 0 {
			some = columns[r.Intn(18):][:2] // so that chunks have the same
		}
		parts := make([]part, 1+r.Intn(4))
		for i := range parts {
			parts[i] = randomPart(r, some)
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			f := create(t)
			keep(t, f, parts...)
			checkKept(t, f, parts...)
			for _, v := range []hot.View{f.View(hot.All), open(t, f.Path(), f.Rows()).View(hot.All)} {
				checkKnown(t, &v, columns, parts)
			}
		})
	}
}

// checkKnown compares what a view knows without reading.
func checkKnown(t *testing.T, v *hot.View, columns []hot.Column, parts []part) {
	t.Helper()
	for _, c := range columns {
		for i, p := range parts {
			if got, want := v.Range(v.Column(c.Name), i), rangeOf(c.Type, p.of(c)); got != want {
				t.Errorf("chunk %d: the range of %v is %+v, should be %+v", i, c, got, want)
			}
		}
		n, ok := v.Constant(v.Column(c.Name), chunksOf(v))
		if want, is := constantOf(c, parts); ok != is || n != want {
			t.Errorf("constant of %v is %d, %v, should be %d, %v", c, n, ok, want, is)
		}
	}
}

func rangeOf(kind hot.Type, cells []cell) (r hot.Range) {
	r.All = len(cells) > 0
	for _, c := range cells {
		switch {
		case !c.set:
			r.All = false
		case isText(kind):
			r.Some = true
		case !r.Some:
			r.Least, r.Most, r.Some = c.n, c.n, true
		default:
			if less(kind, c.n, r.Least) {
				r.Least = c.n
			}
			if less(kind, r.Most, c.n) {
				r.Most = c.n
			}
		}
	}
	return r
}

func less(kind hot.Type, x, y uint64) bool {
	switch kind {
	case hot.Int64, hot.Timestamp, hot.TimestampNanos:
		return int64(x) < int64(y)
	}
	return x < y
}

func constantOf(c hot.Column, parts []part) (n uint64, ok bool) {
	for i, p := range parts {
		cells := p.of(c)
		if cells == nil || isText(c.Type) {
			return 0, false
		}
		if i == 0 {
			n = cells[0].n
		}
		for _, c := range cells {
			if !c.set || c.n != n {
				return 0, false
			}
		}
	}
	return n, len(parts) > 0
}
