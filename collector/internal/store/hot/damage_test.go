package hot_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// write makes a file of bytes.
func write(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// bytesOf returns the file of some chunks, and where each ends.
func bytesOf(t testing.TB, parts ...part) (data []byte, ends []int) {
	t.Helper()
	f := create(t)
	for _, p := range parts {
		keep(t, f, p)
		ends = append(ends, int(f.Size()))
	}
	data, err := os.ReadFile(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	return data, ends
}

// checkBroken opens a file that is damaged, checks what is left, and writes on.
func checkBroken(t *testing.T, data []byte, rows int64, left ...part) {
	t.Helper()
	f, err := hot.Open(write(t, data), rows, false)
	if !errors.Is(err, hot.ErrBroken) || f == nil {
		t.Fatalf("should be broken: %v", err)
	}
	defer f.Close()
	if err := checkView(f.View(hot.All), left...); err != nil {
		t.Error(err)
	}
	keep(t, f, d)
	checkKept(t, f, append(append([]part(nil), left...), d)...)
}

func TestOpenDamaged(t *testing.T) {
	data, ends := bytesOf(t, a, b, c)
	tests := []struct {
		name string
		data []byte
		rows int64
		left []part
	}{
		{"an empty file", nil, 10, nil},
		{"one byte", data[:1], 10, nil},
		{"it ends within what all heads have", data[:ends[0]+23], 30, []part{a}},
		{"it ends after what all heads have", data[:ends[0]+24], 30, []part{a}},
		{"it ends within a head", data[:ends[0]+40], 30, []part{a}},
		{"it ends within a block", data[:ends[1]-1], 30, []part{a}},
		{"it ends within the last chunk", data[:ends[2]-1], 60, []part{a, b}},
		{"it ends between chunks", data[:ends[1]], 60, []part{a, b}},
		{"more rows are asked than there are", data, 61, []part{a, b, c}},
		{"all rows that a file can have are asked", data, hot.All, []part{a, b, c}},
		{"the rows end within a chunk", data, 29, []part{a}},
		{"the rows end within the first chunk", data, 1, nil},
		{"what comes next is no chunk", append(append([]byte(nil), data...), make([]byte, 100)...), 70, []part{a, b, c}},
		{"it begins with something else", data[1:], 60, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkBroken(t, test.data, test.rows, test.left...) })
	}
}

// What lies behind the committed rows does not matter.
func TestOpenDamagedBehind(t *testing.T) {
	data, ends := bytesOf(t, a, b, c)
	flipped := append([]byte(nil), data...)
	flipped[ends[1]+5] ^= 0x40
	tests := []struct {
		name string
		data []byte
		rows int64
		left []part
	}{
		{"nothing was committed to an empty file", nil, 0, nil},
		{"nothing was committed", data, 0, nil},
		{"less than nothing", data, -5, nil},
		{"half a head", data[:ends[1]+9], 30, []part{a, b}},
		{"half a chunk", data[:ends[2]-9], 30, []part{a, b}},
		{"a head that is damaged", flipped, 30, []part{a, b}},
		{"a chunk that is whole", data, 30, []part{a, b}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := open(t, write(t, test.data), test.rows)
			if err := checkView(f.View(hot.All), test.left...); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each byte of a head counts.
func TestFlippedHead(t *testing.T) {
	data, ends := bytesOf(t, a, b, c)
	head := 24 + 28 + len("n") + 28 + len("name")
	for i := range head {
		for _, bit := range []byte{0x01, 0x80} {
			t.Run(fmt.Sprintf("byte %d, bit %x", i, bit), func(t *testing.T) {
				flipped := append([]byte(nil), data...)
				flipped[ends[0]+i] ^= bit
				checkBroken(t, flipped, 60, a)
			})
		}
	}
}

// A block that is damaged cannot be read; others can.
func TestFlippedBlock(t *testing.T) {
	data, ends := bytesOf(t, a, b, c)
	begin := ends[0] + 24 + 28 + len("n") + 28 + len("name")
	numbers := b.rows // of a byte each, before the texts
	for i := begin; i < ends[1]; i += 7 {
		t.Run(fmt.Sprint("byte ", i-begin), func(t *testing.T) {
			flipped := append([]byte(nil), data...)
			flipped[i] ^= 0x10
			f := open(t, write(t, flipped), 60)
			v := f.View(hot.All)
			broken := 0
			if i-begin >= numbers {
				broken = 1
			}
			reader := hot.Reader{View: &v}
			for column, c := range v.Columns() {
				to := newTarget()
				err := reader.Read(1, column, &to.Target, 0)
				if (column == broken) != errors.Is(err, hot.ErrBroken) {
					t.Errorf("column %v: %v", c, err)
				}
				if column == broken {
					err = to.check(c.Type, 0, nil)
				} else {
					err = errors.Join(err, to.check(c.Type, 0, b.of(c)))
				}
				if err != nil {
					t.Errorf("column %v: %v", c, err)
				}
			}
			if err := errors.Join(checkChunk(&v, 0, a), checkChunk(&v, 2, c)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenFails(t *testing.T) {
	tests := []struct {
		name, path string
		missing    bool
	}{
		{"a file that is not there", filepath.Join(t.TempDir(), "file"), true},
		{"a folder that is not there", filepath.Join(t.TempDir(), "folder", "file"), true},
		{"a folder in place of a file", t.TempDir(), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := hot.Open(test.path, 10, true)
			if err == nil || f != nil || errors.Is(err, hot.ErrBroken) || errors.Is(err, fs.ErrNotExist) != test.missing {
				t.Errorf("opened %v: %v", f, err)
			}
		})
	}
}

// A file that became shorter while it was open.
func TestReadOfShortened(t *testing.T) {
	f := create(t)
	keep(t, f, a, b)
	v := f.View(hot.All)
	if err := os.Truncate(f.Path(), f.Size()-1); err != nil {
		t.Fatal(err)
	}
	if err := checkChunk(&v, 0, a); err != nil {
		t.Error(err)
	}
	if err := checkChunk(&v, 1, b); err == nil {
		t.Error("rows that are gone were read")
	}
}
