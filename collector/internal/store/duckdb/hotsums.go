//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// A collector that takes many records has millions of them in the hour that is being written, which every panel of a dashboard would read
// again. So blocks of rows are summed by minutes, as rollups of sealed files are, when a question is first asked that needs the sums; later ones
// read what has come in since.

// sumBlockRows is how many rows a block has, in multiples of [store.Config.RollupRows]; maxBlockSums is how many sums it has at most, and
// maxSumBytes what all take: where there are more, questions read rows.
const (
	sumBlockRows = 64
	maxBlockSums = 4096
	maxSumBytes  = 64 << 20
)

// rowRange is some rows of a hot file, the last not included.
type rowRange struct{ from, to int64 }

// textOfRanges is a list of rows as a parameter of the table function.
func textOfRanges(list []rowRange) string {
	parts := make([]string, len(list))
	for i, r := range list {
		parts[i] = fmt.Sprintf("%d-%d", r.from, r.to)
	}
	return strings.Join(parts, ",")
}

// rangesOf reads what textOfRanges has written.
func rangesOf(text string) (list []rowRange, ok bool) {
	if text == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(text, ",") {
		var r rowRange
		if _, err := fmt.Sscanf(part, "%d-%d", &r.from, &r.to); err != nil {
			return nil, false
		}
		list = append(list, r)
	}
	return list, true
}

// sumTable is sums that a statement reads.
type sumTable struct {
	columns  []string // that rows are told apart by
	counters int
	blocks   func() sumReader // from the first on
}

// sumReader returns the next sums; nil at the end.
type sumReader func() (*rowSums, error)

// blockTable is sums of blocks, and the rows that they are of.
type blockTable struct {
	blocks []*rowSums
	rows   []rowRange
}

// table is what a statement reads.
func (t *blockTable) table(set *store.RollupSet) *sumTable {
	return &sumTable{columns: set.Columns, counters: len(counters), blocks: func() sumReader {
		i := -1
		return func() (*rowSums, error) {
			if i++; i >= len(t.blocks) {
				return nil, nil
			}
			return t.blocks[i], nil
		}
	}}
}

// sumsOf returns the sums of a part's rows that lie in a range of time, of those blocks that lie in it whole; nil where there are none.
func (s *Store) sumsOf(ctx context.Context, h *hotStock, set *store.RollupSet, z zone) (*blockTable, error) {
	sums := s.hotFiles.sums.of(h.part.Table(), set.Number)
	sums.mu.Lock()
	defer sums.mu.Unlock()
	t := &blockTable{}
	for _, b := range sumBlocksOf(&h.view, sumBlockRows*s.cfg.RollupRows) {
		if !b.within(&h.view, z) {
			continue
		}
		done, known := sums.blocks[b.number]
		if !known {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			done = s.sumUp(h, set, &b)
			sums.keep(b.number, done)
		}
		if done != nil {
			t.add(done, b.rows)
		}
	}
	if len(t.blocks) == 0 {
		return nil, nil
	}
	return t, nil
}

// add adds a block, which begins where the last ends or later.
func (t *blockTable) add(b *rowSums, rows rowRange) {
	t.blocks = append(t.blocks, b)
	if n := len(t.rows); n > 0 && t.rows[n-1].to == rows.from {
		t.rows[n-1].to = rows.to
		return
	}
	t.rows = append(t.rows, rows)
}

// sumUp sums a block; nil where it has too many sums, or a chunk that cannot be read.
func (s *Store) sumUp(h *hotStock, set *store.RollupSet, b *sumBlock) *rowSums {
	if lost, _ := s.hotFiles.lostOf(h.part.Table()); len(lost) > 0 {
		return nil
	}
	sums, err := sumChunks(&h.view, set, b)
	if err != nil {
		return nil // who reads the rows says what is wrong
	}
	if kept := &s.hotFiles.sums; sums == nil || kept.bytes.Load()+sums.bytes() > maxSumBytes {
		kept.refused.Add(1)
		return nil
	}
	return sums
}

// sumChunks sums the rows of a block that count, by minutes; nil where there are too many sums.
func sumChunks(view *hot.View, set *store.RollupSet, b *sumBlock) (*rowSums, error) {
	a := newRowAdder(view, set.Columns, len(counters), time.Minute)
	a.cursor.chunk = b.from
	for range b.to - b.from {
		if _, err := a.next(); err != nil {
			return nil, err
		}
		if a.out.n() > maxBlockSums {
			return nil, nil
		}
	}
	a.out.finish()
	return a.out, nil
}

// sumBlock is rows that are summed together: those of some chunks that have all been committed.
type sumBlock struct {
	number   int64
	from, to int // chunks
	rows     rowRange
}

// sumBlocksOf cuts a view into blocks of about so many rows. Those of a longer view of the same file begin alike.
func sumBlocksOf(view *hot.View, size int64) (list []sumBlock) {
	for i := range view.Chunks() {
		first, rows := view.Chunk(i)
		number := first / size
		if n := len(list); n == 0 || list[n-1].number != number {
			list = append(list, sumBlock{number: number, from: i, rows: rowRange{from: first}})
		}
		b := &list[len(list)-1]
		b.to, b.rows.to = i+1, first+int64(rows)
	}
	if n := len(list); n > 0 && list[n-1].rows.to < (list[n-1].number+1)*size {
		list = list[:n-1] // more may come
	}
	return list
}

// within tells whether all rows of a block ended in a range of time.
func (b *sumBlock) within(view *hot.View, z zone) bool {
	end := view.Column("event_end")
	for i := b.from; i < b.to; i++ {
		r := view.Range(end, i)
		if !r.All || !fits(int64(r.Least)) || !fits(int64(r.Most)) {
			return false
		}
		// The nanoseconds beyond the millisecond are in a column of their own.
		if int64(r.Least)*1000 < z.from || int64(r.Most)*1000+999_999 >= z.to && z.to != math.MaxInt64 {
			return false
		}
	}
	return true
}

// fits tells whether a time in microseconds is one in nanoseconds, too.
func fits(us int64) bool { return us > math.MinInt64/1000+1000 && us < math.MaxInt64/1000-1000 }
