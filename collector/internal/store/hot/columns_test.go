package hot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

func TestColumns(t *testing.T) {
	a := partOf("a", hot.Uint32, num(7), num(8))
	many := part{rows: 1}
	for i := range 1024 {
		many = many.with(fmt.Sprint("c", i), hot.Uint8, num(uint64(i%256)))
	}
	tests := []struct {
		name  string
		parts []part
	}{
		{"a column appears in a later chunk", []part{a, a.with("b", hot.Text, texts("x"), cell{})}},
		{"a column is gone in a later chunk", []part{a.with("b", hot.Int64, signed(-1), signed(-2)), a}},
		{"columns come in another order", []part{
			a.with("b", hot.Uint8, num(1), num(2)),
			partOf("b", hot.Uint8, num(3), num(4)).with("a", hot.Uint32, num(5), num(6)),
		}},
		{"a column without values first has some later", []part{
			a.with("b", hot.Uint8, cell{}, cell{}), a.with("b", hot.Uint8, num(3), num(4)),
		}},
		{"no columns at all", []part{{rows: 5}, a, {rows: 6}}},
		{"only columns without values", []part{partOf("a", hot.Text, cell{}, cell{}), a}},
		{"as many columns as a chunk can have", []part{many, a, many}},
		{"a name of no letters", []part{partOf("", hot.Uint16, num(1000))}},
		{"a name of 254 bytes", []part{partOf(strings.Repeat("n", 254), hot.Uint16, num(1000)), a}},
		{"a name of 255 bytes", []part{partOf(strings.Repeat("n", 255), hot.Uint16, num(1000)), a}},
		{"two types of one name", []part{a, partOf("a", hot.Text, texts("x"))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := create(t)
			keep(t, f, test.parts...)
			checkKept(t, f, test.parts...)
		})
	}
}

func TestAppendRefused(t *testing.T) {
	wide := part{rows: 1}
	for i := range 1025 {
		wide = wide.with(fmt.Sprint("c", i), hot.Uint8, num(1))
	}
	tests := []struct {
		name string
		part part
	}{
		{"more columns than a chunk can have", wide},
		{"a name of 256 bytes", partOf(strings.Repeat("n", 256), hot.Uint8, num(1))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, p := create(t), partOf("a", hot.Uint8, num(1))
			keep(t, f, p)
			if err := f.Append(test.part.columns, test.part.vectors(), test.part.rows); err == nil {
				t.Error("should be refused")
			}
			keep(t, f, p)
			checkKept(t, f, p, p)
		})
	}
}

// A chunk of no rows would be taken for the end of what can be read.
func TestAppendOfNoRows(t *testing.T) {
	f, p := create(t), partOf("a", hot.Uint8, num(1))
	keep(t, f, p, part{}, p)
	checkKept(t, f, p, p)
}

func TestAppendLeavesVectors(t *testing.T) {
	p := partOf("a", hot.Uint32, num(9), cell{}, num(5)).with("b", hot.Text, texts("x"), cell{}, texts("a longer text"))
	f, vectors := create(t), p.vectors()
	for range 2 {
		if err := f.Append(p.columns, vectors, p.rows); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, f)
	f.Commit()
	checkKept(t, f, p, p)
}

// Mark sets bits from any row on, also across words and up to the last row.
func TestMark(t *testing.T) {
	for _, at := range []int{0, 1, 37, 63, 64, 65, 1984, 1985, 2047} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			const bits = 1<<63 | 1<<40 | 1<<26 | 0b1011
			cells := make([]cell, hot.Rows)
			vectors := make([]hot.Vector, 1)
			vectors[0].Mark(at, bits)
			for i := range cells {
				hot.Cells[uint16](&vectors[0])[i] = uint16(i)
				if i >= at && i < at+64 && uint64(bits)>>(i-at)&1 != 0 {
					cells[i] = num(uint64(i))
				}
			}
			f, p := create(t), partOf("a", hot.Uint16, cells...)
			if err := f.Append(p.columns, vectors, hot.Rows); err != nil {
				t.Fatal(err)
			}
			flush(t, f)
			f.Commit()
			checkKept(t, f, p)
		})
	}
}
