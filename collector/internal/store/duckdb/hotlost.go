//go:build cgo

package duckdb

import "maps"

// Of a hot file that is damaged, or lies on a disk that is, the chunks that cannot be read are left out.

// lostRows are the chunks of a file that cannot be read, by the numbers of their first rows: how many each has.
type lostRows map[int64]int64

// lose notes that a chunk cannot be read, and reports whether it is left out from now on. Rows that are not committed are not: who reads them
// must know.
func (h *hotFiles) lose(name string, first, rows int64, err error) bool {
	left, known := h.noteLost(name, first, rows, err)
	if left && !known {
		h.sums.drop(name) // they have been read when that was possible still; who sums holds their lock and asks for that of h
	}
	return left
}

// noteLost does so, and reports besides whether it was known.
func (h *hotFiles) noteLost(name string, first, rows int64, err error) (left, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.byName[name]
	if f == nil || first+rows > f.Rows() {
		return false, false
	}
	if _, ok := h.lost[name][first]; ok {
		return true, true
	}
	if h.lost == nil {
		h.lost = map[string]lostRows{}
	}
	more := lostRows{first: rows} // scans have the earlier ones
	maps.Copy(more, h.lost[name])
	h.lost[name] = more
	h.count.Add(rows)
	h.log.Error("rows that were committed cannot be read, and are left out of answers from now on", "file", f.Path(), "rows", rows, "error", err)
	return true, false
}

// lostOf returns the chunks of a part that cannot be read, and how many rows they have.
func (h *hotFiles) lostOf(name string) (lost lostRows, rows int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for n := range maps.Values(h.lost[name]) {
		rows += n
	}
	return h.lost[name], rows
}

// leaveOut has the chunks of a run claimed again but for one.
func (r *hotRead) leaveOut(from, chunk, to int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range []chunkRun{{from, chunk}, {chunk + 1, to}} {
		if run.from < run.to {
			r.again = append(r.again, run)
		}
	}
}

// brokenChunk is the error about a chunk that cannot be read.
type brokenChunk struct {
	chunk int
	error
}

func (b *brokenChunk) Unwrap() error { return b.error }
