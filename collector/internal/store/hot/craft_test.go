package hot_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

var le = binary.LittleEndian

func sum(b ...byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// crafted is a block as a file has it.
type crafted struct {
	name               string
	kind, width, flags byte
	body               []byte
	beyond             uint32 // how much longer it claims to be
}

// craft returns a chunk of blocks.
func craft(rows int, blocks ...crafted) []byte {
	head, body := make([]byte, 24), []byte(nil)
	for _, b := range blocks {
		head = append(append(head, byte(len(b.name))), b.name...)
		head = append(head, b.kind, b.width, b.flags)
		head = append(head, make([]byte, 16)...)
		head = le.AppendUint32(head, uint32(len(b.body))+b.beyond)
		head = le.AppendUint32(head, 0)
		body = append(body, b.body...)
	}
	copy(head, "WHOT")
	le.PutUint32(head[4:], uint32(len(head)))
	le.PutUint32(head[8:], uint32(len(head)+len(body)))
	le.PutUint32(head[12:], uint32(rows))
	le.PutUint32(head[16:], uint32(len(blocks)))
	data := append(head, body...)
	seal(data)
	return data
}

// seal puts the right checksums where heads and blocks have theirs, as far as there are some.
func seal(data []byte) {
	for len(data) >= 24 {
		head, size := le.Uint32(data[4:]), le.Uint32(data[8:])
		if head < 24 || head > size || int64(size) > int64(len(data)) {
			return
		}
		sealBlocks(data[24:head], data[head:size])
		le.PutUint32(data[20:], sum(slices.Concat(data[:20], data[24:head])...))
		data = data[size:]
	}
}

func sealBlocks(heads, bodies []byte) {
	for len(heads) > 0 && len(heads) >= int(heads[0])+28 {
		end := int(heads[0]) + 28
		n := le.Uint32(heads[end-8:])
		if int64(n) > int64(len(bodies)) {
			return
		}
		le.PutUint32(heads[end-4:], sum(bodies[:n]...))
		heads, bodies = heads[end:], bodies[n:]
	}
}

// Heads whose checksum is right but which nobody writes are refused before anything is made of what they claim.
func TestCraftedHeads(t *testing.T) {
	u8 := crafted{name: "n", kind: byte(hot.Uint8), width: 1, body: []byte{1, 2}}
	with := func(change func(b *crafted)) []byte {
		b := u8
		change(&b)
		return craft(2, b)
	}
	change := func(at int, n uint32) []byte {
		data := craft(2, u8)
		le.PutUint32(data[at:], n)
		seal(data)
		return data
	}
	longer := append(craft(2, u8), 0)
	le.PutUint32(longer[8:], uint32(len(longer)))
	seal(longer)
	tests := []struct {
		name string
		data []byte
	}{
		{"no rows", craft(0)},
		{"more rows than a chunk can have", craft(hot.Rows + 1)},
		{"rows without end", change(12, 1<<32-1)},
		{"another beginning", change(0, 0)},
		{"a head of no length", change(4, 0)},
		{"a head that is too short", change(4, 23)},
		{"a head longer than the chunk", change(4, 56)},
		{"a head that ends within a block's", change(4, 40)},
		{"a head without end", change(4, 1<<32-1)},
		{"a chunk without end", change(8, 1<<32-1)},
		{"a chunk of a gigabyte", change(8, 1<<30)},
		{"a chunk shorter than its blocks", change(8, 54)},
		{"more blocks than listed", change(16, 2)},
		{"fewer blocks than listed", change(16, 0)},
		{"as many blocks as can be, none listed", change(16, 1024)},
		{"blocks without end", change(16, 1<<32-1)},
		{"a block longer than the chunk", with(func(b *crafted) { b.beyond = 1 })},
		{"a block of all that can be", with(func(b *crafted) { b.beyond = 1<<32 - 3 })},
		{"a block shorter than its rows", with(func(b *crafted) { b.body = b.body[:1] })},
		{"a block without room for which rows have a value", with(func(b *crafted) { b.flags = 1 })},
		{"a byte behind the last block", longer},
		{"type 0", with(func(b *crafted) { b.kind = 0 })},
		{"the first type that there is not", with(func(b *crafted) { b.kind = byte(hot.Blob) + 1 })},
		{"type 255", with(func(b *crafted) { b.kind = 255 })},
		{"a width that there is not", with(func(b *crafted) { b.width, b.body = 3, make([]byte, 6) })},
		{"a text with the width of a number", with(func(b *crafted) { b.kind = byte(hot.Text) })},
		{"a text shorter than its ends", with(func(b *crafted) { b.kind, b.width = byte(hot.Text), 4 })},
		{"a column twice", craft(2, u8, u8)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkRefused(t, test.data) })
	}
}

// checkRefused checks that nothing is taken of a file but perhaps the names of columns.
func checkRefused(t *testing.T, data []byte) {
	t.Helper()
	f, err := hot.Open(write(t, data), 2, true)
	if !errors.Is(err, hot.ErrBroken) {
		t.Fatalf("should be broken: %v", err)
	}
	defer f.Close()
	v := f.View(hot.All)
	for _, c := range v.Columns() {
		if c.Type.String() == "" {
			t.Errorf("column %q is of no type", c.Name)
		}
	}
	if v.Rows() != 0 || v.Chunks() != 0 {
		t.Errorf("there are %d rows in %d chunks", v.Rows(), v.Chunks())
	}
}

// Blocks whose checksum is right but which nobody writes are read as something or other.
func TestCraftedBlocks(t *testing.T) {
	ends := func(ends ...uint32) (b []byte) {
		for _, end := range ends {
			b = le.AppendUint32(b, end)
		}
		return append(b, "abcdef"...)
	}
	text := func(body []byte) crafted { return crafted{name: "n", kind: byte(hot.Text), width: 4, body: body} }
	tests := []struct {
		name  string
		block crafted
		cells []cell
	}{
		{"ends that go back", text(ends(4, 2, 6)), []cell{texts("abcd"), texts(""), texts("ef")}},
		{"ends beyond the texts", text(ends(2, 1<<32-1, 3)), []cell{texts("ab"), texts("cdef"), texts("")}},
		{"ends before the last text", text(ends(0, 1, 2)), []cell{texts(""), texts("a"), texts("b")}},
		{"numbers wider than their type", crafted{"n", byte(hot.Uint8), 8, 0, []byte(strings.Repeat("\x07\x01\x01\x01\x01\x01\x01\x01", 3)), 0},
			[]cell{num(7), num(7), num(7)}},
		{"rows with a value behind the last", crafted{"n", byte(hot.Uint8), 0, 1, []byte("\xfd\xff\xff\xff\xff\xff\xff\xff"), 0},
			[]cell{num(0), {}, num(0)}},
		{"flags that there are not", crafted{"n", byte(hot.Uint8), 0, 0xFE, nil, 0}, []cell{num(0), num(0), num(0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := open(t, write(t, craft(3, test.block)), 3)
			if err := checkView(f.View(hot.All), partOf("n", hot.Type(test.block.kind), test.cells...)); err != nil {
				t.Error(err)
			}
		})
	}
}
