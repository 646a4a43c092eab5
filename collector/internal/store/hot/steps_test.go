package hot_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// history is the model of what was done to a file.
type history struct {
	appended, flushed, committed []part
}

// Random steps leave a file with what the model has.
func TestRandomSteps(t *testing.T) {
	columns := randomColumns()
	for seed := range int64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r, f, h := rand.New(rand.NewSource(seed)), create(t), history{}
			for range 25 {
				f = h.step(t, r, f, columns)
				if err := checkView(f.View(hot.All), h.flushed...); err != nil {
					t.Fatal(err)
				}
			}
			checkKept(t, f, h.committed...)
		})
	}
}

func (h *history) step(t *testing.T, r *rand.Rand, f *hot.File, columns []hot.Column) *hot.File {
	t.Helper()
	switch r.Intn(10) {
	case 0, 1, 2, 3:
		p := randomPart(r, columns[r.Intn(17):][:3]) // so little that it is not written by itself
		add(t, f, p)
		h.appended = append(h.appended, p)
	case 4, 5:
		flush(t, f)
		h.flushed = h.appended
	case 6, 7:
		f.Commit()
		h.committed = h.flushed
	case 8:
		f.Rollback()
		h.rollback()
	case 9:
		if r.Intn(2) == 0 {
			return h.reopen(t, f)
		}
		h.uncommit(t, r, f)
	}
	return f
}

// rollback clips the chunks that stay, so that what is appended next is not seen in those that were committed.
func (h *history) rollback() {
	h.committed = h.committed[:len(h.committed):len(h.committed)]
	h.appended, h.flushed = h.committed, h.committed
}

func (h *history) reopen(t *testing.T, f *hot.File) *hot.File {
	t.Helper()
	f.Close()
	again, err := hot.Open(f.Path(), f.Rows(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	h.rollback()
	return again
}

func (h *history) uncommit(t *testing.T, r *rand.Rand, f *hot.File) {
	t.Helper()
	n, rows := r.Intn(len(h.committed)+1), int64(0)
	for _, p := range h.committed[:n] {
		rows += int64(p.rows)
	}
	if !f.Uncommit(rows) {
		t.Fatalf("there was no commit at %d rows", rows)
	}
	h.committed = h.committed[:n]
	h.rollback()
}
