//go:build cgo

package duckdb

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// sealedKinds are the documented types and how wide DuckDB's cells of them are; 0: texts.
var sealedKinds = map[string]int{
	"UTINYINT": 1, "USMALLINT": 2, "UINTEGER": 4, "UBIGINT": 8, "BIGINT": 8, "DOUBLE": 8, "TIMESTAMP": 8, "TIMESTAMP_NS": 8, "VARCHAR": 0, "BLOB": 0,
}

// sealedPatterns make a row's value of its number; false: it has none.
var sealedPatterns = map[string]func(rng *rand.Rand, i int) (uint64, bool){
	"nothing":      func(*rand.Rand, int) (uint64, bool) { return 0, false },
	"one":          func(*rand.Rand, int) (uint64, bool) { return 77, true },
	"few":          func(rng *rand.Rand, _ int) (uint64, bool) { return rng.Uint64N(9) * 25, true },
	"runs":         func(_ *rand.Rand, i int) (uint64, bool) { return uint64(i/24) * 0x9e37_79b9, true },
	"all_differ":   func(rng *rand.Rand, _ int) (uint64, bool) { return rng.Uint64(), true },
	"small_steps":  func(rng *rand.Rand, i int) (uint64, bool) { return uint64(3*i) + rng.Uint64N(3), true },
	"falling":      func(_ *rand.Rand, i int) (uint64, bool) { return -uint64(i), true },
	"gaps":         func(rng *rand.Rand, _ int) (uint64, bool) { return rng.Uint64(), rng.IntN(3) > 0 },
	"hardly_any":   func(rng *rand.Rand, _ int) (uint64, bool) { return rng.Uint64N(3), rng.IntN(400) == 0 },
	"half_of_rows": func(_ *rand.Rand, i int) (uint64, bool) { return uint64(i), i < 1500 },
}

// TestDuckDBReadsSealedFiles holds what package parquet writes to what DuckDB reads of it, and to what it finds by statistics and dictionaries.
func TestDuckDBReadsSealedFiles(t *testing.T) {
	var columns []store.Column
	for kind := range sealedKinds {
		for pattern := range sealedPatterns {
			columns = append(columns, store.Column{Name: pattern + "_" + kind, Type: kind})
		}
	}
	c, rng := readerConn(t), rand.New(rand.NewPCG(3, 4))
	path := filepath.Join(t.TempDir(), "x.parquet")
	wanted := writeSealedColumns(t, path, columns, []int{3000, 1, 64, 2049}, rng)
	r, l := openReader(t, path)
	for _, column := range columns {
		t.Run(column.Name, func(t *testing.T) {
			got := readColumn(t, c, path, `"`+column.Name+`"`, sealedKinds[column.Type])
			if diff := cmp.Diff(wanted[column.Name], got); diff != "" {
				t.Fatal(diff)
			}
			for range 3 {
				checkCounts(t, c, path, column, got, rng)
			}
			checkReader(t, r, l, column, got, rng)
		})
	}
}

// checkReader holds package parquet's reader to the same values.
func checkReader(t *testing.T, r *parquet.Reader, l *parquet.Layout, column store.Column, values []string, rng *rand.Rand) {
	t.Helper()
	width, first := sealedKinds[column.Type], 0
	for group := range l.Groups() {
		in := values[first:][:l.Rows(group)]
		first += len(in)
		if width > 0 && column.Type[0] != 'T' && column.Type != "DOUBLE" {
			checkFind(t, r, group, column.Name, in, rng)
		}
		checkPick(t, r, group, column.Name, width, in, someRows(rng, len(in)))
	}
}

// writeSealedColumns writes row groups of so many rows and returns the values by column, as readColumn does.
func writeSealedColumns(t *testing.T, path string, columns []store.Column, groups []int, rng *rand.Rand) map[string][]string {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := parquet.NewWriter(f, columns, newPack())
	if err != nil {
		t.Fatal(err)
	}
	wanted, first := map[string][]string{}, 0
	for _, rows := range groups {
		w.Begin(rows)
		for _, column := range columns {
			pattern := column.Name[:len(column.Name)-len(column.Type)-1]
			cells, list := sealedCells(column.Type, first, rows, func(i int) (uint64, bool) { return sealedPatterns[pattern](rng, i) })
			wanted[column.Name] = append(wanted[column.Name], list...)
			if err := w.Put(cells); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.End(); err != nil {
			t.Fatal(err)
		}
		first += rows
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return wanted
}

// sealedCells makes the cells of a column, and what DuckDB is to read of them.
func sealedCells(kind string, first, rows int, value func(i int) (uint64, bool)) (cells *parquet.Cells, list []string) {
	cells = &parquet.Cells{Valid: make([]uint64, rows/64+1)}
	width := sealedKinds[kind]
	for i := range rows {
		n, ok := value(first + i)
		if !ok {
			list = append(list, "NULL")
			continue
		}
		cells.Valid[i>>6] |= 1 << (i & 63)
		switch {
		case width == 0:
			cells.Texts = append(cells.Texts, fmt.Sprintf("a text %d", n))
			n = uint64(len(cells.Texts) - 1)
			if at := slices.Index(cells.Texts, cells.Texts[n]); uint64(at) < n {
				cells.Texts, n = cells.Texts[:n], uint64(at)
			}
			list = append(list, readerValue(true, 0, []byte(cells.Texts[n]), 0))
		case kind == "TIMESTAMP": // milliseconds, which DuckDB reads as microseconds
			n >>= 20
			list = append(list, readerValue(true, n*1000, nil, 8))
		case kind == "DOUBLE":
			n &^= 1 << 62 // no infinity, and nothing that is no number
			list = append(list, readerValue(true, n, nil, 8))
		case kind == "TIMESTAMP_NS":
			n >>= 3
			list = append(list, readerValue(true, n, nil, 8))
		default:
			n = n << (64 - 8*width) >> (64 - 8*width)
			list = append(list, readerValue(true, n, nil, width))
		}
		cells.Numbers = append(cells.Numbers, n)
	}
	return cells, list
}

// checkCounts counts the rows of a value that DuckDB finds by statistics and dictionaries.
func checkCounts(t *testing.T, c *conn, path string, column store.Column, values []string, rng *rand.Rand) {
	t.Helper()
	value := values[rng.IntN(len(values))]
	n, err := strconv.ParseUint(value, 0, 64)
	var literal string
	switch {
	case column.Type == "VARCHAR" && value != "NULL":
		text, err := strconv.Unquote(value)
		if err != nil {
			t.Fatal(err)
		}
		literal = quote(text)
	case err != nil || column.Type == "DOUBLE" || column.Type == "BLOB" || column.Type[0] == 'T':
		return
	case column.Type == "BIGINT":
		literal = fmt.Sprintf("%d::BIGINT", int64(n))
	default:
		literal = fmt.Sprintf("%d::%s", n, column.Type)
	}
	want := int64(0)
	for _, v := range values {
		if v == value {
			want++
		}
	}
	r, err := c.query(t.Context(), fmt.Sprintf(`SELECT count(*) FROM %s WHERE "%s" = %s`, readNumbered(path), column.Name, literal))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if !r.next() || get[int64](r, 0) != want {
		t.Errorf("%d rows have %s, not %d", get[int64](r, 0), value, want)
	}
}
