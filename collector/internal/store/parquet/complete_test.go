package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
)

// footerOf makes a footer with columns of a type and row groups of so many rows.
func footerOf(names []string, rows ...int64) []byte {
	root := structure(member{elementName, text("root")}, member{elementChildren, i32(int64(len(names)))})
	schema := []value{root}
	var groups, orders []value
	for _, name := range names {
		m := absent{name: name, column: columnOf["UBIGINT"]}
		schema = append(schema, m.element())
		orders = append(orders, structure(member{1, structure()}))
	}
	for _, n := range rows {
		var chunks []value
		for _, name := range names {
			m := absent{name: name, column: columnOf["UBIGINT"]}
			chunks = append(chunks, m.chunk(n, page{4, 4, 100}))
		}
		groups = append(groups, structure(member{groupColumns, listOf(kindStruct, chunks...)}, member{groupBytes, i64(1000)},
			member{groupRows, i64(n)}, member{groupCompressed, i64(500)}))
	}
	// Members this package does not know are kept: version, an id far away, a double, a list of booleans.
	file := structure(member{1, i32(1)}, member{fileSchema, listOf(kindStruct, schema...)}, member{fileRowGroups, listOf(kindStruct, groups...)},
		member{fileColumnOrders, listOf(kindStruct, orders...)}, member{100, value{kind: kindDouble, number: 0x3ff0000000000000}},
		member{101, value{kind: kindList, of: kindTrue, list: []value{{kind: kindTrue, number: 1}, {kind: kindTrue, number: 2}}}})
	return file.append(nil)
}

func documented(names ...string) (list []store.Column) {
	for i, name := range names {
		types := []string{"UBIGINT", "VARCHAR", "TIMESTAMP", "TIMESTAMP_NS", "DOUBLE", "UTINYINT", "BLOB"}
		list = append(list, store.Column{Name: name, Type: types[i%len(types)]})
	}
	return list
}

// TestComplete adds columns before, between and behind those of a file.
func TestComplete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	footer := footerOf([]string{"b", "d"}, 245760, 245760, 7)
	const data = "PAR1the pages"
	whole := append([]byte(data), footer...)
	whole = append(binary.LittleEndian.AppendUint32(whole, uint32(len(footer))), magic...)
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	columns := documented("a", "b", "c", "d", "e")
	columns[1].Type, columns[3].Type = "UBIGINT", "UBIGINT"
	if err := Complete(path, columns, nil); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(got, []byte(data)) {
		t.Error("pages were written over")
	}
	size := int(binary.LittleEndian.Uint32(got[len(got)-trailerSize:]))
	file, err := parseStruct(got[len(got)-trailerSize-size : len(got)-trailerSize])
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range file.getList(fileSchema)[1:] {
		names = append(names, string(e.get(elementName).bytes))
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, names); diff != "" {
		t.Errorf("schema:\n%s", diff)
	}
	if n := len(file.getList(fileColumnOrders)); n != 5 {
		t.Errorf("%d column orders", n)
	}
	for g, group := range file.getList(fileRowGroups) {
		checkGroup(t, g, &group, got)
	}
	if d, b := file.get(100), file.get(101); d == nil || d.number != 0x3ff0000000000000 || b == nil || b.list[1].number != 2 {
		t.Error("members that are not known were lost")
	}
	// A second time there is nothing to add.
	if err := Complete(path, columns, nil); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, got) {
		t.Error("changed by completing it again", err)
	}
}

// checkGroup looks at the columns of a row group, and at the page of NULLs of one that was added.
func checkGroup(t *testing.T, g int, group *value, file []byte) {
	rows := []int64{245760, 245760, 7}[g]
	var names []string
	for _, c := range group.getList(groupColumns) {
		names = append(names, string(c.get(chunkMeta).getList(metaPath)[0].bytes))
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, names); diff != "" {
		t.Errorf("row group %d:\n%s", g, diff)
	}
	meta := group.getList(groupColumns)[0].get(chunkMeta)
	at, size := meta.getNumber(metaPage), meta.getNumber(metaSize)
	if group.getNumber(groupBytes) != 1000+3*size || group.getNumber(groupCompressed) != 500+3*size || meta.getNumber(metaValues) != rows {
		t.Errorf("row group %d: sizes are wrong", g)
	}
	body := file[at : at+size]
	run := binary.AppendUvarint(nil, uint64(rows)<<1)
	if !bytes.HasSuffix(body, append(run, 0)) {
		t.Errorf("row group %d: its page is %x", g, body)
	}
}

func TestCompleteRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	footer := footerOf([]string{"b", "a"}, 1)
	for name, content := range map[string][]byte{
		"an empty file": nil, "no magic": []byte("PAR1xxxxxxxxxxxxxxxx"), "a footer beyond the file": []byte("PAR1\xff\xff\x00\x00PAR1"),
		"a footer that is none": []byte("PAR1\xff\xff\xff\xff\x04\x00\x00\x00PAR1"),
		"columns out of order":  append(binary.LittleEndian.AppendUint32(append([]byte("PAR1"), footer...), uint32(len(footer))), magic...),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Complete(path, documented("a", "b"), nil); !errors.Is(err, errFile) && !errors.Is(err, errThrift) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Complete(path+".none", nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// FuzzComplete proves that no footer brings it down, and that what it makes of one is a footer.
func FuzzComplete(f *testing.F) {
	f.Add(footerOf([]string{"b", "d"}, 245760, 7))
	f.Add(footerOf(nil))
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, footer []byte) {
		v, err := parseStruct(footer)
		if err != nil {
			return
		}
		if again, err := parseStruct(v.append(nil)); err != nil || !cmp.Equal(v, again, cmp.AllowUnexported(value{}, member{})) {
			t.Errorf("not the same when written and read again: %v", err)
		}
		tail, err := complete(footer, 100, documented("a", "b", "c", "d"), map[string]uint64{"a": 7})
		if err != nil || tail == nil {
			return
		}
		size := int(binary.LittleEndian.Uint32(tail[len(tail)-trailerSize:]))
		if _, err := parseStruct(tail[len(tail)-trailerSize-size : len(tail)-trailerSize]); err != nil {
			t.Error(err)
		}
	})
}

// TestCompleteConstant adds columns that have one number in all rows: a dictionary of it, and runs of ones and zeros.
func TestCompleteConstant(t *testing.T) {
	columns := documented("a", "b", "c", "d", "e", "f", "g")
	columns[1].Type = "UBIGINT"
	const at = 100
	tail, err := complete(footerOf([]string{"b"}, 1000), at, columns, map[string]uint64{"a": 0xffff_0a00_0001, "e": 0x3ff0000000000000, "f": 6})
	if err != nil {
		t.Fatal(err)
	}
	size := int(binary.LittleEndian.Uint32(tail[len(tail)-trailerSize:]))
	file, err := parseStruct(tail[len(tail)-trailerSize-size : len(tail)-trailerSize])
	if err != nil {
		t.Fatal(err)
	}
	chunks := file.getList(fileRowGroups)[0].getList(groupColumns)
	const runs = "\x03\x00\x00\x00\xd0\x0f\x01\x01\xd0\x0f\x00" // 1000 levels of 1; indexes of one bit: 1000 of 0
	for i, plain := range map[int]string{0: "\x01\x00\x00\x0a\xff\xff\x00\x00", 4: "\x00\x00\x00\x00\x00\x00\xf0\x3f", 5: "\x06\x00\x00\x00"} {
		meta := chunks[i].get(chunkMeta)
		dictionary, data, size := meta.getNumber(metaDictionary)-at, meta.getNumber(metaPage)-at, meta.getNumber(metaSize)
		if dictionary < 0 || !bytes.HasSuffix(tail[dictionary:data], []byte(plain)) {
			t.Errorf("column %d: its dictionary is %x", i, tail[dictionary:data])
		}
		if !bytes.HasSuffix(tail[data:dictionary+size], []byte(runs)) {
			t.Errorf("column %d: its page is %x", i, tail[data:dictionary+size])
		}
		statistics := meta.get(metaStatistics)
		if statistics.getNumber(statisticsNulls) != 0 || string(statistics.get(statisticsMin).bytes) != plain || string(statistics.get(statisticsMax).bytes) != plain {
			t.Errorf("column %d: its statistics are %+v", i, statistics)
		}
	}
	if _, err := complete(footerOf([]string{"b"}, 1000), at, columns, map[string]uint64{"g": 1}); err == nil {
		t.Error("a constant of a type that has none was taken")
	}
}
