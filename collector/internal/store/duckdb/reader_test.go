//go:build cgo

package duckdb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// readerColumns are what DuckDB writes in every encoding that it chooses, with all, some and no NULLs. i is the row; width is that of a
// value, 0 of texts.
var readerColumns = []struct {
	name, is string
	width    int
}{
	{"few_numbers", "(i % 7)::UBIGINT", 8},
	{"few_with_gaps", "CASE WHEN hash(i) % 3 > 0 THEN (hash(i) % 50)::UINTEGER END", 4},
	{"runs_of_gaps", "CASE WHEN i // 500 % 2 = 0 THEN (i // 100)::USMALLINT END", 2},
	{"all_differ", "hash(i)::UBIGINT", 8},
	{"all_differ_with_gaps", "CASE WHEN hash(i, 1) % 10 > 0 THEN hash(i)::UBIGINT END", 8},
	{"small_steps", "(i * 3 + hash(i) % 3)::UINTEGER", 4},
	{"negative", "(hash(i) % 100000)::BIGINT - 50000", 8},
	{"one_number", "5::UTINYINT", 1},
	{"no_number", "NULL::UBIGINT", 8},
	{"millis", "make_timestamp_ms(1700000000000 + i // 3)::TIMESTAMP_MS", 8},
	{"micros", "make_timestamp(1700000000000000 + i)", 8},
	{"nanos", "make_timestamp_ns(1700000000000000000 + i)", 8},
	{"few_texts", "'text ' || i % 9", 0},
	{"texts_with_gaps", "CASE WHEN hash(i) % 4 > 0 THEN repeat('x', (hash(i) % 30)::INT) || i END", 0},
	{"bytes", "encode('b' || hash(i))", 0},
	{"doubles", "(hash(i) % 1000000)::DOUBLE / 7", 8},
	{"few_doubles", "(i % 3)::DOUBLE", 8},
}

// parquetOptions are those that DuckDB has sealed files with in earlier versions: these are read still.
const parquetOptions = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION V2, WRITE_BLOOM_FILTER false"

const readerRows, readerGroup = 10_240, 4096

// writeReaderFile makes a file of row groups of 4,096 rows.
func writeReaderFile(t *testing.T, c *conn) string {
	path := filepath.Join(t.TempDir(), "x.parquet")
	var list []string
	for _, k := range readerColumns {
		list = append(list, k.is+" AS "+k.name)
	}
	err := c.exec(t.Context(), fmt.Sprintf("COPY (SELECT %s FROM range(%d) r(i)) TO %s (%s, DICTIONARY_SIZE_LIMIT 1024, ROW_GROUP_SIZE %d)",
		strings.Join(list, ", "), readerRows, quote(path), parquetOptions, readerGroup))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func openReader(t *testing.T, path string) (*parquet.Reader, *parquet.Layout) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRead(f) })
	l, err := parquet.ReadLayout(f)
	if err != nil {
		t.Fatal(err)
	}
	r := newPieceReader()
	r.Open(f, l)
	return r, l
}

func readerConn(t *testing.T) *conn {
	s, err := Open(t.Context(), store.DefaultConfig(t.TempDir()), store.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := s.connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

// readerValue is a value as a text that tells all of it; NULL is "NULL".
func readerValue(valid bool, number uint64, text []byte, width int) string {
	switch {
	case !valid:
		return "NULL"
	case width == 0:
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%#x", number<<(64-8*width)>>(64-8*width))
}

// TestReaderReadsWhatDuckDBWrites holds package parquet's reader to DuckDB's, by columns that are written in every encoding.
func TestReaderReadsWhatDuckDBWrites(t *testing.T) {
	c, rng := readerConn(t), rand.New(rand.NewPCG(1, 2))
	path := writeReaderFile(t, c)
	r, l := openReader(t, path)
	if l.Groups() != 3 || l.Rows(2) != readerRows-2*readerGroup {
		t.Fatalf("%d row groups, the last of %d rows", l.Groups(), l.Rows(2))
	}
	for _, k := range readerColumns {
		t.Run(k.name, func(t *testing.T) {
			want := readColumn(t, c, path, k.name, k.width)
			for group := range l.Groups() {
				if has := l.Has(group, k.name); has != (k.name != "no_number") {
					t.Errorf("group %d: has values: %v", group, has)
				}
				in := want[group*readerGroup:][:l.Rows(group)]
				checkPick(t, r, group, k.name, k.width, in, someRows(rng, len(in)))
				if k.width > 0 && k.name != "millis" && !strings.Contains(k.name, "doubles") {
					checkFind(t, r, group, k.name, in, rng)
					checkPick(t, r, group, k.name, k.width, in, someRows(rng, len(in))) // by the page that was kept
				}
			}
		})
	}
}

// readColumn reads a column by DuckDB.
func readColumn(t *testing.T, c *conn, path, name string, width int) (list []string) {
	r, err := c.query(t.Context(), fmt.Sprintf("SELECT %s FROM %s ORDER BY file_row_number", name, readNumbered(path)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	for r.nextChunk() {
		for i := range r.size {
			var n uint64
			var text []byte
			switch col := r.cols[0]; {
			case !col.isValid(i):
			case width == 0:
				text = at[stringT](col, i).bytes()
			case width == 1:
				n = uint64(*at[uint8](col, i))
			case width == 2:
				n = uint64(*at[uint16](col, i))
			case width == 4:
				n = uint64(*at[uint32](col, i))
			default:
				n = *at[uint64](col, i)
			}
			list = append(list, readerValue(r.cols[0].isValid(i), n, text, width))
		}
	}
	return list
}

func someRows(rng *rand.Rand, n int) []int {
	rows := []int{0, n - 1}
	for range rng.IntN(60) {
		rows = append(rows, rng.IntN(n))
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

func checkPick(t *testing.T, r *parquet.Reader, group int, column string, width int, want []string, rows []int) {
	t.Helper()
	var v parquet.Values
	if err := r.Pick(group, column, rows, &v); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if got := readerValue(v.Valid[i], v.Numbers[i], v.Texts[i], width); got != want[row] {
			t.Fatalf("row %d of group %d: %s, want %s", row, group, got, want[row])
		}
	}
}

// checkFind looks for the values of some rows, and for one that is not there.
func checkFind(t *testing.T, r *parquet.Reader, group int, column string, values []string, rng *rand.Rand) {
	t.Helper()
	wanted := []uint64{0xdead_0000_beef}
	for range rng.IntN(5) {
		if n, err := strconv.ParseUint(values[rng.IntN(len(values))], 0, 64); err == nil {
			wanted = append(wanted, n)
		}
	}
	var want []int
	for row, text := range values {
		if n, err := strconv.ParseUint(text, 0, 64); err == nil && slices.Contains(wanted, n) {
			want = append(want, row)
		}
	}
	got, err := r.Find(nil, group, column, parquet.NewWanted(wanted))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("group %d: %x found in rows %v, want %v", group, wanted, got, want)
	}
}

// TestReaderOfDamagedFiles: whatever became of a file's pages, reading them gives errors or values, and ends.
func TestReaderOfDamagedFiles(t *testing.T) {
	c, rng := readerConn(t), rand.New(rand.NewPCG(3, 4))
	path := writeReaderFile(t, c)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, l := openReader(t, path)
	for range 3000 {
		data := slices.Clone(whole)
		for range 1 + rng.IntN(2000) {
			data[rng.IntN(len(data))] ^= byte(1 + rng.IntN(255))
		}
		r.Open(bytes.NewReader(data), l)
		k, group := readerColumns[rng.IntN(len(readerColumns))], rng.IntN(l.Groups())
		var v parquet.Values
		_ = r.Pick(group, k.name, someRows(rng, int(l.Rows(group))), &v)
		if k.width > 0 {
			_, _ = r.Find(nil, group, k.name, parquet.NewWanted([]uint64{5}))
			_ = r.Pick(group, k.name, someRows(rng, int(l.Rows(group))), &v)
		}
	}
}
