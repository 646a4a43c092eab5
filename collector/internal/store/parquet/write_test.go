package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/weirflow/weir/collector/internal/store"
)

func packForTest(t testing.TB) Pack {
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(dst, page []byte) ([]byte, error) { return e.EncodeAll(page, dst), nil }
}

func unpackForTest(t testing.TB) Unpack {
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(dst, frame []byte) (int, error) {
		out, err := d.DecodeAll(frame, dst[:0])
		return len(out), err
	}
}

// counting returns n numbers made of their places.
func counting(n int, number func(i int) uint64) []uint64 {
	list := make([]uint64, n)
	for i := range list {
		list[i] = number(i)
	}
	return list
}

// TestWriter: what was put into a column comes back, whatever its encoding.
func TestWriter(t *testing.T) {
	const rows = 5000
	steps := func(i int) uint64 { return uint64(i) * 3 }
	mixed := func(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }
	third := make([]uint64, rows/64+1) // every third row has a value
	for i := 0; i < rows; i += 3 {
		third[i>>6] |= 1 << (i & 63)
	}
	words := []string{"a", "", "longer than a cell of DuckDB", "ä"}
	many := make([]string, maxWords+1)
	for i := range many {
		many[i] = fmt.Sprint("word ", i)
	}
	for _, c := range []struct {
		name, kind string
		cells      Cells
		encoding   int64
	}{
		{"few numbers", "UBIGINT", Cells{Numbers: counting(rows, func(i int) uint64 { return mixed(i % 7) })}, encodingDictionary},
		{"runs", "UBIGINT", Cells{Numbers: counting(rows, func(i int) uint64 { return mixed(i / 24) })}, encodingDictionary},
		{"runs that begin anywhere", "USMALLINT", Cells{Numbers: counting(rows, func(i int) uint64 { return uint64((i + 3) / 11) })}, encodingDictionary},
		{"all differ", "UBIGINT", Cells{Numbers: counting(rows, mixed)}, encodingDelta},
		{"all differ, 32 bits", "UINTEGER", Cells{Numbers: counting(rows, func(i int) uint64 { return mixed(i) >> 32 })}, encodingDelta},
		{"steps of one size", "TIMESTAMP", Cells{Numbers: counting(rows, steps)}, encodingDelta},
		{"negative", "BIGINT", Cells{Numbers: counting(rows, func(i int) uint64 { return -steps(i) })}, encodingDelta},
		{"the greatest 32 bits first", "UINTEGER", Cells{Numbers: counting(rows, func(i int) uint64 { return math.MaxUint32 - steps(i) })}, encodingDelta},
		{"doubles that differ", "DOUBLE", Cells{Numbers: counting(rows, func(i int) uint64 { return math.Float64bits(float64(i) / 7) })}, encodingPlain},
		{"gaps", "UBIGINT", Cells{Numbers: counting((rows+2)/3, mixed), Valid: third}, encodingDelta},
		{"gaps, few numbers", "UTINYINT", Cells{Numbers: counting((rows+2)/3, func(i int) uint64 { return uint64(i % 200) }), Valid: third}, encodingDictionary},
		{"texts", "VARCHAR", Cells{Numbers: counting(rows, func(i int) uint64 { return uint64(i % 4) }), Texts: words}, encodingDictionary},
		{"one text", "BLOB", Cells{Numbers: counting(rows, func(int) uint64 { return 1 }), Texts: words}, encodingDictionary},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, c.kind, &c.cells, rows, c.encoding)
		})
	}
	t.Run("more texts than a dictionary has", func(t *testing.T) {
		check(t, "VARCHAR", &Cells{Numbers: counting(len(many), func(i int) uint64 { return uint64(i) }), Texts: many}, len(many), encodingPlain)
	})
	for _, rows := range []int{1, 7, 8, 9, 255, 256, 257, 2048, 2049, 2050} {
		t.Run(fmt.Sprint(rows, " rows"), func(t *testing.T) {
			check(t, "UBIGINT", &Cells{Numbers: counting(rows, mixed)}, rows, -1)
			check(t, "USMALLINT", &Cells{Numbers: counting(rows, func(i int) uint64 { return uint64(i % 5) })}, rows, -1)
		})
	}
}

// check writes a column and reads it again.
func check(t *testing.T, kind string, cells *Cells, rows int, encoding int64) {
	t.Helper()
	w, out := begin(t, store.Column{Name: "c", Type: kind})
	w.Begin(rows)
	if err := w.Put(cells); err != nil {
		t.Fatal(err)
	}
	if encoding >= 0 && w.encoder.encoding != encoding {
		t.Errorf("encoding %d, want %d", w.encoder.encoding, encoding)
	}
	r := finish(t, w, out)
	want := Values{Valid: make([]bool, rows), Numbers: make([]uint64, rows), Texts: make([][]byte, rows)}
	list := make([]int, rows)
	next := 0
	for i := range list {
		list[i] = i
		if cells.Valid != nil && cells.Valid[i>>6]>>(i&63)&1 == 0 {
			continue
		}
		want.Valid[i] = true
		if cells.Texts != nil {
			want.Texts[i] = []byte(cells.Texts[cells.Numbers[next]])
		} else {
			want.Numbers[i] = cells.Numbers[next] * r.layout.types[0].scale
		}
		next++
	}
	var got Values
	if err := r.Pick(0, "c", list, &got); err != nil {
		t.Fatal(err)
	}
	for i, valid := range got.Valid {
		if !valid {
			got.Numbers[i], got.Texts[i] = 0, nil
		}
	}
	if cells.Texts == nil {
		clear(got.Texts)
	} else {
		clear(got.Numbers)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
		t.Error(diff)
	}
}

func begin(t *testing.T, columns ...store.Column) (*Writer, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, columns, packForTest(t))
	if err != nil {
		t.Fatal(err)
	}
	return w, &out
}

// finish ends the row group and the file, and returns a reader of it.
func finish(t *testing.T, w *Writer, out *bytes.Buffer) *Reader {
	t.Helper()
	if err := errors.Join(w.End(), w.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := ReadLayout(f)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(unpackForTest(t))
	r.Open(bytes.NewReader(out.Bytes()), l)
	return r
}

// TestDictionaryIsSorted: words are in order where they lie near each other, few or many; hashes are not moved. Values stay the same.
func TestDictionaryIsSorted(t *testing.T) {
	const ipv4 = 0xffff << 32
	for _, c := range []struct {
		name   string
		value  func(i int) uint64
		sorted bool
	}{
		{"few", func(i int) uint64 { return uint64(100 - i%100) }, true},
		{"addresses", func(i int) uint64 { return ipv4 + uint64(i%3000)*0x9e3779b1&0xffffffff }, true},
		{"one", func(int) uint64 { return 5 }, true},
		{"as far apart as can be", func(i int) uint64 { return uint64(i%2000) * (1<<50 - 1) / 1999 }, true},
		{"hashes", func(i int) uint64 { return uint64(1+i%3000) * 0x9e3779b97f4a7c15 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d dictionary
			list := counting(9000, c.value)
			if !d.read(list, maxWords) {
				t.Fatal("too many words")
			}
			if slices.IsSorted(d.words) != c.sorted {
				t.Errorf("sorted: %t", !c.sorted)
			}
			for i, n := range list {
				if d.words[d.places[i]] != n {
					t.Fatalf("value %d is %d, not %d", i, d.words[d.places[i]], n)
				}
			}
		})
	}
}

// TestSharedPages: columns without a value, or with one number, take the room of their metadata alone.
func TestSharedPages(t *testing.T) {
	w, out := begin(t, store.Column{Name: "nothing", Type: "VARCHAR"}, store.Column{Name: "nothing_else", Type: "TIMESTAMP"},
		store.Column{Name: "seven", Type: "UBIGINT"}, store.Column{Name: "seven_too", Type: "UBIGINT"}, store.Column{Name: "put", Type: "UTINYINT"})
	for group := range 3 {
		w.Begin(1000)
		if group == 1 { // given up: what it shared is not in the file
			w.PutSame(99)
			w.Begin(1000)
		}
		put(t, w, nil, nil)
		w.PutSame(7)
		put(t, w, counting(1000, func(int) uint64 { return 7 }), counting(1000, func(int) uint64 { return 3 }))
		if group < 2 {
			if err := w.End(); err != nil {
				t.Fatal(err)
			}
		}
	}
	pages := int(w.at)
	r := finish(t, w, out)
	if pages > 250 {
		t.Errorf("pages take %d bytes", pages)
	}
	for _, name := range r.layout.Columns() {
		if used := !strings.HasPrefix(name, "nothing"); r.layout.Uses(name) != used || !r.layout.Single(name) {
			t.Errorf("%s is used: %t, has one value: %t", name, !used, r.layout.Single(name))
		}
	}
	var v Values
	if err := r.Pick(2, "seven_too", []int{0, 999}, &v); err != nil || v.Numbers[0] != 7 || v.Numbers[1] != 7 {
		t.Error(v.Numbers, err)
	}
	if rows, err := r.Find(nil, 1, "put", NewWanted([]uint64{3})); err != nil || len(rows) != 1000 {
		t.Error(len(rows), err)
	}
}

// put puts columns of numbers.
func put(t *testing.T, w *Writer, columns ...[]uint64) {
	t.Helper()
	for _, numbers := range columns {
		if err := w.Put(&Cells{Numbers: numbers}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStatistics: the least and the greatest are by the type's order; there are none where they mean nothing or are long.
func TestStatistics(t *testing.T) {
	long := strings.Repeat("x", maxStatistic+1)
	number := func(n uint64) string { return string(columnPlain64(n)) }
	for _, c := range []struct {
		name, kind  string
		numbers     []uint64
		texts       []string
		least, most string
	}{
		{"unsigned", "UBIGINT", []uint64{5, math.MaxUint64, 3}, nil, number(3), number(math.MaxUint64)},
		{"signed", "BIGINT", []uint64{5, math.MaxUint64, 3}, nil, number(math.MaxUint64), number(5)},
		{"doubles", "DOUBLE", []uint64{math.Float64bits(1.5), math.Float64bits(-2)}, nil, number(math.Float64bits(-2)), number(math.Float64bits(1.5))},
		{"not a number", "DOUBLE", []uint64{math.Float64bits(1.5), math.Float64bits(math.NaN())}, nil, "", ""},
		{"texts", "VARCHAR", []uint64{2, 0, 1}, []string{"b", "c", "a"}, "a", "c"},
		{"a long text", "VARCHAR", []uint64{0, 1}, []string{"b", long}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := begin(t, store.Column{Name: "c", Type: c.kind})
			w.Begin(len(c.numbers))
			if err := w.Put(&Cells{Numbers: c.numbers, Texts: c.texts}); err != nil {
				t.Fatal(err)
			}
			s := w.chunks[0].get(chunkMeta).get(metaStatistics)
			least, most := "", ""
			if s.get(statisticsMin) != nil {
				least, most = string(s.get(statisticsMin).bytes), string(s.get(statisticsMax).bytes)
			}
			if least != c.least || most != c.most {
				t.Errorf("%x to %x, want %x to %x", least, most, c.least, c.most)
			}
		})
	}
}

func columnPlain64(n uint64) []byte { return (&column{physical: typeInt64}).plain(nil, n) }

func TestWriterRefuses(t *testing.T) {
	if _, err := NewWriter(&bytes.Buffer{}, []store.Column{{Name: "c", Type: "HUGEINT"}}, nil); err == nil || !strings.Contains(err.Error(), "column c: no such type: HUGEINT") {
		t.Error(err)
	}
	w, _ := begin(t, store.Column{Name: "c", Type: "UBIGINT"})
	w.Begin(1)
	if err := w.End(); err == nil {
		t.Error("a row group without its column was taken")
	}
	w.encoder.pack = func([]byte, []byte) ([]byte, error) { return nil, os.ErrInvalid }
	if err := w.Put(&Cells{Numbers: []uint64{1}, Texts: []string{"", "x"}}); !errors.Is(err, os.ErrInvalid) || !strings.Contains(err.Error(), "column c") {
		t.Error(err)
	}
}

func TestReadLayoutRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	for name, content := range map[string]string{
		"an empty file": "", "no magic": "PAR1xxxxxxxxxxxxxxxx", "a footer beyond the file": "PAR1\xff\xff\x00\x00PAR1",
		"a footer that is none": "PAR1\xff\xff\xff\xff\x04\x00\x00\x00PAR1",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadLayout(f); !errors.Is(err, errFile) && !errors.Is(err, errThrift) {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
}

// FuzzFooter proves that no footer brings the reader of structures down, and that what it reads is the same when written and read again.
func FuzzFooter(f *testing.F) {
	c := written{"c", columnOf["UBIGINT"]}
	seed := structure(member{fileSchema, listOf(kindStruct, c.element())}, member{100, value{kind: kindDouble, number: 7}})
	f.Add(seed.append(nil))
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, footer []byte) {
		v, err := parseStruct(footer)
		if err != nil {
			return
		}
		if again, err := parseStruct(v.append(nil)); err != nil || !cmp.Equal(v, again, cmp.AllowUnexported(value{}, member{})) {
			t.Errorf("not the same when written and read again: %v", err)
		}
	})
}

// FuzzColumn proves that any numbers come back.
func FuzzColumn(f *testing.F) {
	f.Add([]byte("numbers of eight bytes"), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, repeat byte) {
		kinds := []string{"UBIGINT", "UINTEGER", "BIGINT"}
		var numbers []uint64
		for len(data) > 0 {
			n := min(8, len(data))
			number := bitsAt(data[:n], 0, 8*n)
			if repeat%3 == 1 {
				number &= math.MaxUint32
			}
			for range 1 + repeat/16 {
				numbers = append(numbers, number)
			}
			data = data[n:]
		}
		if len(numbers) > 0 {
			check(t, kinds[repeat%3], &Cells{Numbers: numbers}, len(numbers), -1)
		}
	})
}
