package hot_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// Small chunks are read behind one another into one target.
func TestCoalesce(t *testing.T) {
	pairs := [][2]int{{1, 1}, {63, 65}, {64, 64}, {65, 63}, {37, 100}, {1000, 1048}, {1, 2047}, {2047, 1}, {0, hot.Rows}}
	for _, some := range someRows {
		for _, rows := range pairs {
			for _, at := range []int{0, 5, 64} {
				if at+rows[0]+rows[1] > hot.Rows {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d and %d from %d on", some.name, rows[0], rows[1], at), func(t *testing.T) {
					for kind := hot.Uint8; kind <= hot.Blob; kind++ {
						coalesce(t, at, cellsOf(kind, rows[0], some.has), partOf("c", kind, cellsOf(kind, rows[1], some.has)...))
					}
				})
			}
		}
	}
}

// coalesce reads a chunk of some cells, all of which have neighbors in the same words, and one behind it.
func coalesce(t *testing.T, at int, cells []cell, second part) {
	t.Helper()
	c := second.columns[0]
	parts := []part{second}
	if len(cells) > 0 {
		parts = []part{partOf(c.Name, c.Type, cells...), second}
	}
	f := create(t)
	keep(t, f, parts...)
	v := f.View(hot.All)
	number := v.Column(c.Name)
	if number < 0 {
		return // no row has a value
	}
	to, reader, next := newTarget(), hot.Reader{View: &v}, at
	for i := range parts {
		if err := reader.Read(i, number, &to.Target, next); err != nil {
			t.Fatal(err)
		}
		next += parts[i].rows
	}
	if err := to.check(c.Type, at, slices.Concat(cells, second.cells[0])); err != nil {
		t.Errorf("%v: %v", c, err)
	}
}

// Where a chunk has no values in a column, the rows of its neighbors stay as they are.
func TestCoalesceWithoutColumn(t *testing.T) {
	f, one := create(t), partOf("c", hot.Uint16, num(300), num(70))
	keep(t, f, one, part{rows: 70}, one)
	v := f.View(hot.All)
	to, reader := newTarget(), hot.Reader{View: &v}
	for i, at := range []int{3, 5, 75} {
		if err := reader.Read(i, 0, &to.Target, at); err != nil {
			t.Fatal(err)
		}
	}
	for row := range hot.Rows {
		want := cell{}
		switch row {
		case 3, 75:
			want = num(300)
		case 4, 76:
			want = num(70)
		}
		if got := to.cell(hot.Uint16, row); got != want {
			t.Errorf("row %d is %v, should be %v", row, got, want)
		}
	}
}

// Who asks only which rows have a text gets no texts.
func TestTextsNotAsked(t *testing.T) {
	f := create(t)
	keep(t, f, partOf("c", hot.Text, texts("x"), cell{}, texts("y")))
	v := f.View(hot.All)
	reader, to := hot.Reader{View: &v}, hot.Target{}
	if err := reader.Read(0, 0, &to, 2); err != nil || to.Valid[0] != 0b10100 {
		t.Errorf("rows %b have a text: %v", to.Valid[0], err)
	}
}
