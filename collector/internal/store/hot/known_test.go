package hot_test

import (
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

func TestConstantAndMost(t *testing.T) {
	seven, eight := partOf("c", hot.Uint32, num(7), num(7)), partOf("c", hot.Uint32, num(8))
	tests := []struct {
		name     string
		parts    []part
		n        uint64
		constant bool
		most     uint64
	}{
		{"no chunks", nil, 0, false, 0},
		{"one number in all chunks", []part{seven, seven}, 7, true, 7},
		{"another number in the last chunk", []part{seven, seven, eight}, 0, false, 8},
		{"another number in the first chunk", []part{eight, seven}, 0, false, 8},
		{"another number within a chunk", []part{partOf("c", hot.Uint32, num(7), num(9), num(7))}, 0, false, 9},
		{"a row without a value", []part{seven, partOf("c", hot.Uint32, num(7), cell{})}, 0, false, 7},
		{"a chunk without the column", []part{seven, {rows: 1}}, 0, false, 7},
		{"a first chunk without the column", []part{{rows: 1}, seven}, 0, false, 7},
		{"no chunk with the column", []part{{rows: 1}}, 0, false, 0},
		{"zero in all chunks", []part{partOf("c", hot.Uint8, num(0)), partOf("c", hot.Uint8, num(0))}, 0, true, 0},
		{"a negative number", []part{partOf("c", hot.Int64, signed(-3), signed(-3))}, 1<<64 - 3, true, 1<<64 - 3},
		{"a text", []part{partOf("c", hot.Text, texts("7"))}, 0, false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			keep(t, f, test.parts...)
			v := f.View(hot.All)
			if n, ok := v.Constant("c"); n != test.n || ok != test.constant {
				t.Errorf("constant is %d, %v, should be %d, %v", n, ok, test.n, test.constant)
			}
			if most := v.Most("c"); most != test.most {
				t.Errorf("the most is %d, should be %d", most, test.most)
			}
		})
	}
}

func TestRangeOfNoColumn(t *testing.T) {
	f := create(t)
	keep(t, f, a)
	v := f.View(hot.All)
	if n := v.Column("other"); n != -1 || v.Range(n, 0) != (hot.Range{}) || v.Most("other") != 0 {
		t.Errorf("a column that there is not is number %d with range %+v", n, v.Range(n, 0))
	}
}
