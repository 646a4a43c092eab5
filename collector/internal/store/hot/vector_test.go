package hot_test

import (
	"testing"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// A vector that is reset can be filled again: nothing of what was in it before is left.
func TestReset(t *testing.T) {
	all := func(int, int) bool { return true }
	for kind := hot.Uint8; kind <= hot.Blob; kind++ {
		t.Run(kind.String(), func(t *testing.T) {
			full := partOf("c", kind, cellsOf(kind, hot.Rows, all)...)
			few := cellsOf(kind, 100, someRows[2].has)
			f, vectors := create(t), full.vectors()
			appendRows := func(rows int) {
				t.Helper()
				if err := f.Append(full.columns, vectors, rows); err != nil {
					t.Fatal(err)
				}
				vectors[0].Reset()
			}
			appendRows(hot.Rows)
			fill(&vectors[0], kind, few)
			appendRows(100)
			appendRows(3)
			flush(t, f)
			f.Commit()
			checkKept(t, f, full, partOf("c", kind, few...), part{rows: 3})
		})
	}
}

// Width is how wide cells are in memory, and SetCells copies so many bytes for each.
func TestSetCells(t *testing.T) {
	all := func(int, int) bool { return true }
	for _, n := range numbers {
		t.Run(n.kind.String(), func(t *testing.T) {
			for _, rows := range []int{1, 65, hot.Rows} {
				p := partOf("c", n.kind, cellsOf(n.kind, rows, all)...)
				filled, vectors := p.vectors(), make([]hot.Vector, 1)
				raw := unsafe.Slice((*byte)(pointer(hot.Cells[uint64](&filled[0]))), rows*n.kind.Width())
				vectors[0].SetCells(raw)
				for row := range rows {
					vectors[0].Mark(row, 1)
				}
				f := create(t)
				if err := f.Append(p.columns, vectors, rows); err != nil {
					t.Fatal(err)
				}
				flush(t, f)
				f.Commit()
				checkKept(t, f, p)
			}
		})
	}
	if hot.Text.Width() != 0 || hot.Blob.Width() != 0 {
		t.Error("texts have no width")
	}
}
