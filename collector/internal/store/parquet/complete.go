package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/weirflow/weir/collector/internal/store"
)

// magic begins and ends a file. Before the one at the end is the size of the footer, in four bytes.
const magic = "PAR1"

const trailerSize = 4 + len(magic)

// maxFooter bounds the footers that are read: one of a full part of seventy columns has some hundred kilobytes.
const maxFooter = 64 << 20

// Members of parquet.thrift's structures.
const (
	fileSchema, fileRowGroups, fileColumnOrders           = 2, 4, 7
	elementType, elementRepetition, elementName           = 1, 3, 4
	elementChildren, elementConverted, elementLogical     = 5, 6, 10
	groupColumns, groupBytes, groupRows, groupCompressed  = 1, 2, 3, 6
	chunkOffset, chunkMeta                                = 2, 3
	metaType, metaEncodings, metaPath, metaCodec          = 1, 2, 3, 4
	metaValues, metaSize, metaCompressedSize, metaPage    = 5, 6, 7, 9
	metaDictionary, metaStatistics                        = 11, 12
	statisticsNulls, statisticsMax, statisticsMin         = 3, 5, 6
	pageType, pageSize, pageCompressedSize, pageData      = 1, 2, 3, 5
	dataValues, dataEncoding, dataDefinition, dataRepeats = 1, 2, 3, 4
	pageDictionary, dictionaryValues, dictionaryEncoding  = 7, 1, 2
)

// Values of parquet.thrift's enumerations.
const (
	optional           = 1
	encodingPlain      = 0
	encodingRLE        = 3
	encodingDictionary = 8 // RLE_DICTIONARY
	dictionaryPage     = 2
)

// errFile says that a file is no Parquet file of ours.
var errFile = errors.New("not a Parquet file as it should be")

// Complete adds the columns of the list that the file at path has not; all columns of the file must be in it, in its order. In all rows they
// have the value that constants gives by the column's name, a number's two's complement or a double's bits, or else NULL. It writes over the
// footer: a file that it fails on is lost.
func Complete(path string, columns []store.Column, constants map[string]uint64) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("complete: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	footer, at, err := readFooter(f)
	if err != nil {
		return fmt.Errorf("complete %s: %w", path, err)
	}
	tail, err := complete(footer, at, columns, constants)
	if err != nil {
		return fmt.Errorf("complete %s: %w", path, err)
	}
	if tail == nil {
		return nil
	}
	if _, err := f.WriteAt(tail, at); err != nil {
		return fmt.Errorf("complete %s: %w", path, err)
	}
	return nil
}

// readFooter returns the footer and where it begins.
func readFooter(f *os.File) (footer []byte, at int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	end := info.Size() - int64(trailerSize)
	trailer := make([]byte, trailerSize)
	if end < 0 {
		return nil, 0, errFile
	}
	if _, err := f.ReadAt(trailer, end); err != nil {
		return nil, 0, err
	}
	size := int64(binary.LittleEndian.Uint32(trailer))
	if !bytes.HasSuffix(trailer, []byte(magic)) || size > maxFooter || size+int64(len(magic)) > end {
		return nil, 0, errFile
	}
	footer = make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(f, end-size, size), footer); err != nil {
		return nil, 0, err
	}
	return footer, end - size, nil
}

// complete returns what takes the footer's place, which begins at an offset: pages and the new footer with all behind it. It is nil
// where no column is missing.
func complete(footer []byte, at int64, columns []store.Column, constants map[string]uint64) ([]byte, error) {
	file, err := parseStruct(footer)
	if err != nil {
		return nil, err
	}
	missing, err := extendSchema(&file, columns)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	for i := range missing {
		if err := missing[i].setValue(constants); err != nil {
			return nil, err
		}
	}
	pages := pages{at: at, made: map[pageKey]page{}}
	groups := file.getList(fileRowGroups)
	for i := range groups {
		if err := extendGroup(&groups[i], missing, &pages); err != nil {
			return nil, err
		}
	}
	if orders := file.get(fileColumnOrders); orders != nil && len(orders.list) > 0 {
		for _, m := range missing {
			orders.list = insert(orders.list, min(m.at, len(orders.list)), orders.list[0])
		}
	}
	out := file.append(pages.bytes)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(out)-len(pages.bytes)))
	return append(out, magic...), nil
}

// absent is a column that a file has not.
type absent struct {
	at     int // its place among the columns
	name   string
	column column
	value  string // as in a page, PLAIN; empty: NULL
}

// extendSchema adds the missing columns to the schema and returns them in their order.
func extendSchema(file *value, columns []store.Column) (missing []absent, err error) {
	schema := file.get(fileSchema)
	if schema == nil || len(schema.list) == 0 || schema.list[0].get(elementChildren) == nil {
		return nil, errFile
	}
	elements := schema.list[1:]
	complete := []value{schema.list[0]}
	for i, c := range columns {
		if len(elements) > 0 && elements[0].get(elementName) != nil && string(elements[0].get(elementName).bytes) == c.Name {
			complete, elements = append(complete, elements[0]), elements[1:]
			continue
		}
		m := absent{at: i, name: c.Name}
		var ok bool
		if m.column, ok = columnOf[c.Type]; !ok {
			return nil, fmt.Errorf("column %s: no such type: %s", c.Name, c.Type)
		}
		complete, missing = append(complete, m.element()), append(missing, m)
	}
	if len(elements) > 0 {
		return nil, fmt.Errorf("columns that are not documented, or not in their order: %w", errFile)
	}
	schema.list = complete
	complete[0].get(elementChildren).number = int64(len(columns))
	return missing, nil
}

// extendGroup adds the missing columns to a row group.
func extendGroup(group *value, missing []absent, pages *pages) error {
	rows, chunks := group.getNumber(groupRows), group.get(groupColumns)
	if chunks == nil || rows <= 0 || rows > math.MaxInt32 {
		return errFile
	}
	size := int64(0)
	for i := range missing {
		m := &missing[i]
		p := pages.of(rows, m.value)
		size += p.size
		if m.at > len(chunks.list) {
			return errFile
		}
		chunks.list = insert(chunks.list, m.at, m.chunk(rows, p))
	}
	for _, id := range []int16{groupBytes, groupCompressed} {
		if n := group.get(id); n != nil {
			n.number += size
		}
	}
	return nil
}
