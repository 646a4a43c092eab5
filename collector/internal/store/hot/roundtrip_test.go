package hot_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// numbers are the types that are not texts, with the least and the greatest value of each.
var numbers = []struct {
	kind        hot.Type
	least, most uint64
}{
	{hot.Uint8, 0, math.MaxUint8},
	{hot.Uint16, 0, math.MaxUint16},
	{hot.Uint32, 0, math.MaxUint32},
	{hot.Uint64, 0, math.MaxUint64},
	{hot.Int64, 1 << 63, math.MaxInt64},
	{hot.Float64, 0, math.MaxUint64},
	{hot.Timestamp, 1 << 63, math.MaxInt64},
	{hot.TimestampNanos, 1 << 63, math.MaxInt64},
}

var counts = []int{1, 63, 64, 65, 2047, hot.Rows}

// size is what the file of one chunk of one column with a name of one letter takes.
func size(rows, width int, some bool) int64 {
	n := 24 + 28 + 1 + rows*width
	if some {
		n += (rows + 63) / 64 * 8
	}
	return int64(n)
}

func TestWidths(t *testing.T) {
	tests := []struct {
		name  string
		span  uint64
		width int
	}{
		{"all the same", 0, 0},
		{"two neighbors", 1, 1},
		{"the most that a byte holds", 1<<8 - 1, 1},
		{"one more than a byte holds", 1 << 8, 2},
		{"the most that two bytes hold", 1<<16 - 1, 2},
		{"one more than two bytes hold", 1 << 16, 4},
		{"the most that four bytes hold", 1<<32 - 1, 4},
		{"one more than four bytes hold", 1 << 32, 8},
		{"from the least to the greatest", math.MaxUint64, 8},
	}
	for _, test := range tests {
		for _, n := range numbers {
			room := n.most - n.least
			if test.span > room {
				continue
			}
			for _, least := range []uint64{n.least, n.least + (room-test.span)/2, n.most - test.span} {
				t.Run(fmt.Sprintf("%s/%v from %x on", test.name, n.kind, least), func(t *testing.T) {
					cells := []cell{num(least + test.span/2), num(least + test.span), num(least), num(least + test.span/3)}
					if test.span == 1 {
						cells[0].n = least + 1
					}
					f, p := create(t), partOf("c", n.kind, cells...)
					keep(t, f, p)
					checkKept(t, f, p)
					if want := size(4, test.width, false); f.Size() != want {
						t.Errorf("the file takes %d bytes, should be %d", f.Size(), want)
					}
				})
			}
		}
	}
}

// someRows are which rows have a value.
var someRows = []struct {
	name string
	has  func(row, rows int) bool
}{
	{"all rows have a value", func(int, int) bool { return true }},
	{"no row has a value", func(int, int) bool { return false }},
	{"every second row has a value", func(row, _ int) bool { return row%2 == 1 }},
	{"only the first row has a value", func(row, _ int) bool { return row == 0 }},
	{"only the last row has a value", func(row, rows int) bool { return row == rows-1 }},
	{"only the last row has none", func(row, rows int) bool { return row != rows-1 }},
	{"only rows of one word have a value", func(row, _ int) bool { return row < 64 }},
}

// cellsOf returns cells of a type that differ from row to row.
func cellsOf(kind hot.Type, rows int, has func(row, rows int) bool) []cell {
	cells := make([]cell, rows)
	for i := range cells {
		switch {
		case !has(i, rows):
		case isText(kind):
			cells[i] = texts(strings.Repeat("x", i%15) + fmt.Sprint(i))
		default:
			cells[i] = num(width(kind, uint64(i)*0x9E37_79B9_7F4A_7C15))
		}
	}
	return cells
}

func TestRowsWithoutValue(t *testing.T) {
	for _, some := range someRows {
		for _, rows := range counts {
			t.Run(fmt.Sprintf("%s/%d", some.name, rows), func(t *testing.T) {
				p := part{rows: rows}
				for kind := hot.Uint8; kind <= hot.Blob; kind++ {
					p = p.with(kind.String(), kind, cellsOf(kind, rows, some.has)...)
				}
				f := create(t)
				keep(t, f, p)
				checkKept(t, f, p)
			})
		}
	}
}

// What lies in rows without a value must not make a column wider, nor count among its values.
func TestJunkInRowsWithoutValue(t *testing.T) {
	for _, n := range numbers {
		t.Run(n.kind.String(), func(t *testing.T) {
			f, p := create(t), partOf("c", n.kind, cell{}, num(n.most), cell{}, num(n.most), cell{})
			keep(t, f, p)
			checkKept(t, f, p)
			if want := size(5, 0, true); f.Size() != want {
				t.Errorf("the file takes %d bytes, should be %d", f.Size(), want)
			}
			v := f.View(hot.All)
			if got, want := v.Range(0, 0), (hot.Range{Least: n.most, Most: n.most, Some: true}); got != want {
				t.Errorf("the range is %+v, should be %+v", got, want)
			}
		})
	}
}

func TestTexts(t *testing.T) {
	long := strings.Repeat("a text of which there is much ", 40_000)
	tests := []struct {
		name  string
		cells []cell
	}{
		{"an empty text is not NULL", []cell{texts(""), {}, texts("")}},
		{"twelve bytes and thirteen", []cell{texts("twelve bytes"), texts("and thirteen!")}},
		{"an empty one between long ones", []cell{texts("longer than twelve"), texts(""), texts("as long as that")}},
		{"one that takes more than is gathered", []cell{texts("short"), texts(long), texts("short too")}},
		{"bytes that are no text", []cell{texts("\x00\xff\xfe"), texts("\xc3")}},
		{"NULL first and last", []cell{{}, texts("between"), {}}},
	}
	for _, test := range tests {
		for _, kind := range []hot.Type{hot.Text, hot.Blob} {
			t.Run(fmt.Sprintf("%s/%v", test.name, kind), func(t *testing.T) {
				f, p := create(t), partOf("c", kind, test.cells...)
				keep(t, f, p)
				checkKept(t, f, p)
			})
		}
	}
}

func TestTypesAndNames(t *testing.T) {
	seen := []string{}
	for kind := hot.Uint8; kind <= hot.Blob; kind++ {
		name := kind.String()
		if got, ok := hot.TypeOf(name); !ok || got != kind || slices.Contains(seen, name) {
			t.Errorf("the type of %q is %d, should be %d", name, got, kind)
		}
		seen = append(seen, name)
	}
	for _, name := range []string{"", "INTEGER", "varchar"} {
		if got, ok := hot.TypeOf(name); ok {
			t.Errorf("the type of %q is %d, should be none", name, got)
		}
	}
}
