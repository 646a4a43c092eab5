package hot_test

import (
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

func TestConstant(t *testing.T) {
	seven, eight := partOf("c", hot.Uint32, num(7), num(7)), partOf("c", hot.Uint32, num(8))
	tests := []struct {
		name     string
		parts    []part
		n        uint64
		constant bool
	}{
		{"no chunks", nil, 0, false},
		{"one number in all chunks", []part{seven, seven}, 7, true},
		{"another number in the last chunk", []part{seven, seven, eight}, 0, false},
		{"another number in the first chunk", []part{eight, seven}, 0, false},
		{"another number within a chunk", []part{partOf("c", hot.Uint32, num(7), num(9), num(7))}, 0, false},
		{"a row without a value", []part{seven, partOf("c", hot.Uint32, num(7), cell{})}, 0, false},
		{"a chunk without the column", []part{seven, {rows: 1}}, 0, false},
		{"a first chunk without the column", []part{{rows: 1}, seven}, 0, false},
		{"no chunk with the column", []part{{rows: 1}}, 0, false},
		{"zero in all chunks", []part{partOf("c", hot.Uint8, num(0)), partOf("c", hot.Uint8, num(0))}, 0, true},
		{"a negative number", []part{partOf("c", hot.Int64, signed(-3), signed(-3))}, 1<<64 - 3, true},
		{"a text", []part{partOf("c", hot.Text, texts("7"))}, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			keep(t, f, test.parts...)
			v := f.View(hot.All)
			if n, ok := v.Constant(v.Column("c"), chunksOf(&v)); n != test.n || ok != test.constant {
				t.Errorf("constant is %d, %v, should be %d, %v", n, ok, test.n, test.constant)
			}
		})
	}
}

func TestRangeOfNoColumn(t *testing.T) {
	f := create(t)
	keep(t, f, a)
	v := f.View(hot.All)
	if n := v.Column("other"); n != -1 || v.Range(n, 0) != (hot.Range{}) {
		t.Errorf("a column that there is not is number %d with range %+v", n, v.Range(n, 0))
	}
}

// chunksOf returns the numbers of all chunks.
func chunksOf(v *hot.View) (list []int) {
	for i := range v.Chunks() {
		list = append(list, i)
	}
	return list
}
