package hot_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// FuzzOpen opens any bytes as a file and reads all that is in it. Sealed ones have the right checksums, so that more of them is read.
func FuzzOpen(f *testing.F) {
	mixed := part{rows: 3}
	for kind := hot.Uint8; kind <= hot.Blob; kind++ {
		mixed = mixed.with(kind.String(), kind, cellsOf(kind, 3, someRows[int(kind)%2*2].has)...)
	}
	for _, parts := range [][]part{{}, {a}, {a, b}, {mixed, a}, {{rows: 9}}, {numbered(1, hot.Rows)}} {
		data, _ := bytesOf(f, parts...)
		f.Add(data, int64(math.MaxInt64), false)
		f.Add(data, int64(10), true)
	}
	f.Add(craft(3, crafted{"n", byte(hot.Text), 4, 0, make([]byte, 12), 0}), int64(3), true)
	f.Add(craft(3, crafted{"n", byte(hot.Uint16), 4, 1, make([]byte, 20), 0}), int64(3), true)
	// One file is enough: each process runs one input at a time.
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, data []byte, rows int64, sealed bool) {
		if sealed {
			data = slices.Clone(data)
			seal(data)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		before := allocated()
		readAll(t, path, rows)
		if n := allocated() - before; n > 1<<20+64*uint64(len(data)) {
			t.Errorf("%d bytes were allocated for a file of %d", n, len(data))
		}
	})
}

// allocated is how many bytes were allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// readAll reads what is in a file, whatever it is.
func readAll(t *testing.T, path string, rows int64) {
	t.Helper()
	f, err := hot.Open(path, rows, true)
	if f == nil {
		t.Fatalf("a file that is there: %v", err)
	}
	defer f.Close()
	if err != nil && !errors.Is(err, hot.ErrBroken) {
		t.Errorf("another error: %v", err)
	}
	v := f.View(hot.All)
	if err == nil && v.Rows() != max(rows, 0) || v.Rows() > max(rows, 0) {
		t.Errorf("there are %d rows, %d were asked: %v", v.Rows(), rows, err)
	}
	var data [hot.Rows]uint64
	reader := hot.Reader{View: &v}
	for number, c := range v.Columns() {
		if v.Constant(number, chunksOf(&v)); c.Type.String() == "" {
			t.Errorf("column %q is of no type", c.Name)
		}
		for i := range v.Chunks() {
			_, n := v.Chunk(i)
			to := hot.Target{Data: pointer(&data), Texts: func(_ int, all []byte, ends []uint32) { checkEnds(t, all, ends, n) }}
			if err := reader.Read(i, number, &to, hot.Rows-n); err != nil && !errors.Is(err, hot.ErrBroken) {
				t.Errorf("chunk %d, %v: another error: %v", i, c, err)
			}
			v.Range(number, i)
		}
	}
}

// checkEnds checks that texts can be taken by their ends.
func checkEnds(t *testing.T, all []byte, ends []uint32, rows int) {
	t.Helper()
	last := uint32(0)
	for _, end := range ends {
		if end < last || int(end) > len(all) {
			t.Fatalf("a text of %d bytes ends at %d, the one before at %d", len(all), end, last)
		}
		last = end
	}
	if len(ends) != rows {
		t.Errorf("there are %d texts of %d rows", len(ends), rows)
	}
}
