package parquet

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
)

// Layout is where the columns of a file's row groups lie. It does not change and may be shared.
type Layout struct {
	columns map[string]int // by name
	types   []valueType    // by column
	single  []bool         // by column: it has one value in all rows
	groups  []groupLayout
}

// valueType is how the values of a column are written.
type valueType struct {
	physical int64
	scale    uint64 // what values are multiplied by: times in milliseconds come in microseconds, as DuckDB has them
}

// bytes is the size of a value of fixed size; 0: it has none.
func (t valueType) bytes() int {
	switch t.physical {
	case typeInt32:
		return 4
	case typeInt64, typeDouble:
		return 8
	}
	return 0
}

type groupLayout struct {
	rows   int64
	chunks []chunkLayout // by column
}

// chunkLayout is where a column of a row group lies.
type chunkLayout struct {
	at    int64
	size  int32
	codec int8
	empty bool // all its values are NULL
}

// ReadLayout reads the layout of a file from its footer.
func ReadLayout(f *os.File) (*Layout, error) {
	footer, at, err := readFooter(f)
	if err != nil {
		return nil, fmt.Errorf("read footer of %s: %w", f.Name(), err)
	}
	file, err := parseStruct(footer)
	if err != nil {
		return nil, fmt.Errorf("read footer of %s: %w", f.Name(), err)
	}
	l := &Layout{columns: map[string]int{}}
	if err := l.readSchema(file.getList(fileSchema)); err != nil {
		return nil, fmt.Errorf("read footer of %s: %w", f.Name(), err)
	}
	groups := file.getList(fileRowGroups)
	l.groups = make([]groupLayout, len(groups))
	for i := range groups {
		if err := l.groups[i].read(&groups[i], len(l.types), at); err != nil {
			return nil, fmt.Errorf("row group %d of %s: %w", i, f.Name(), err)
		}
	}
	for i := range l.types {
		l.single = append(l.single, isSingle(groups, i))
	}
	return l, nil
}

func (l *Layout) readSchema(elements []value) error {
	if len(elements) == 0 {
		return errFile
	}
	for i := range elements[1:] {
		e := &elements[1+i]
		name := e.get(elementName)
		if name == nil || e.getNumber(elementRepetition) != optional || e.getNumber(elementChildren) != 0 {
			return fmt.Errorf("column %d is no plain one with NULLs: %w", i, errFile)
		}
		t := valueType{physical: e.getNumber(elementType), scale: 1}
		if isMillis(e) {
			t.scale = 1000
		}
		l.columns[string(name.bytes)] = i
		l.types = append(l.types, t)
	}
	return nil
}

// isMillis tells whether a column has times in milliseconds.
func isMillis(e *value) bool {
	const millis, logicalTime, unit = 9, 8, 2
	if c := e.get(elementConverted); c != nil && c.number == millis {
		return true
	}
	logical := e.get(elementLogical)
	if logical == nil || logical.get(logicalTime) == nil {
		return false
	}
	u := logical.get(logicalTime).get(unit)
	return u != nil && u.get(1) != nil
}

func (g *groupLayout) read(group *value, columns int, end int64) error {
	chunks := group.getList(groupColumns)
	g.rows = group.getNumber(groupRows)
	if len(chunks) != columns || g.rows <= 0 || g.rows > math.MaxInt32 {
		return errFile
	}
	g.chunks = make([]chunkLayout, columns)
	for i := range chunks {
		meta := chunks[i].get(chunkMeta)
		if meta == nil {
			return errFile
		}
		c := &g.chunks[i]
		c.at, c.codec = meta.getNumber(metaPage), int8(meta.getNumber(metaCodec))
		if d := meta.get(metaDictionary); d != nil && d.number > 0 {
			c.at = min(c.at, d.number)
		}
		size := meta.getNumber(metaCompressedSize)
		if size <= 0 || size > math.MaxInt32 || c.at < 0 || c.at > end-size {
			return fmt.Errorf("column %d does not lie in the file: %w", i, errFile)
		}
		c.size = int32(size)
		if s := meta.get(metaStatistics); s != nil && s.get(statisticsNulls) != nil {
			c.empty = s.getNumber(statisticsNulls) == g.rows
		}
	}
	return nil
}

// Groups is the number of row groups.
func (l *Layout) Groups() int { return len(l.groups) }

// Rows is the number of rows of a row group.
func (l *Layout) Rows(group int) int64 { return l.groups[group].rows }

// Columns returns the names of the columns, sorted.
func (l *Layout) Columns() []string { return slices.Sorted(maps.Keys(l.columns)) }

// Has tells whether the file has a column of a name that has any value in a row group.
func (l *Layout) Has(group int, column string) bool {
	i, ok := l.columns[column]
	return ok && !l.groups[group].chunks[i].empty
}

// Uses tells whether the file has a column of a name that has any value.
func (l *Layout) Uses(column string) bool {
	for group := range l.groups {
		if l.Has(group, column) {
			return true
		}
	}
	return false
}

// Bytes is about how much memory the layout takes.
func (l *Layout) Bytes() int {
	const chunk, column = 16, 80
	return len(l.groups)*len(l.types)*chunk + len(l.types)*column
}
