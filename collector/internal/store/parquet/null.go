package parquet

import (
	"encoding/binary"
	"fmt"
)

// Physical types of Parquet.
const (
	typeInt32     = 1
	typeInt64     = 2
	typeDouble    = 5
	typeByteArray = 6
)

// column says how a documented type is written.
type column struct {
	physical  int64
	converted int64 // ConvertedType of parquet.thrift; none: it has none
	unit      int16 // of a time: which of the TimeUnit union is set; 0: it is none
}

const none = -1

// columnOf has what DuckDB writes for the documented types, but times to the millisecond as such.
var columnOf = map[string]column{
	"UTINYINT": {typeInt32, 11, 0}, "USMALLINT": {typeInt32, 12, 0}, "UINTEGER": {typeInt32, 13, 0}, "UBIGINT": {typeInt64, 14, 0},
	"BIGINT": {typeInt64, 18, 0}, "DOUBLE": {typeDouble, none, 0}, "VARCHAR": {typeByteArray, 0, 0}, "BLOB": {typeByteArray, none, 0},
	"TIMESTAMP": {typeInt64, 9, 1}, "TIMESTAMP_NS": {typeInt64, none, 3},
}

// element returns the column's SchemaElement.
func (m *absent) element() value {
	list := []member{{elementType, i32(m.column.physical)}, {elementRepetition, i32(optional)}, {elementName, text(m.name)}}
	if m.column.converted != none {
		list = append(list, member{elementConverted, i32(m.column.converted)})
	}
	if m.column.unit != 0 {
		const logicalTime, adjustedToUTC, unit = 8, 1, 2
		time := structure(member{adjustedToUTC, value{kind: kindFalse}}, member{unit, structure(member{m.column.unit, structure()})})
		list = append(list, member{elementLogical, structure(member{logicalTime, time})})
	}
	return structure(list...)
}

// setValue sets the column's value, if there is one for it.
func (m *absent) setValue(constants map[string]uint64) error {
	bits, ok := constants[m.name]
	if !ok {
		return nil
	}
	plain := binary.LittleEndian.AppendUint64(nil, bits)
	switch m.column.physical {
	case typeInt32:
		plain = plain[:4]
	case typeInt64, typeDouble:
	default:
		return fmt.Errorf("column %s: no constant of its type", m.name)
	}
	m.value = string(plain)
	return nil
}

// chunk returns the column's ColumnChunk in a row group.
func (m *absent) chunk(rows int64, p page) value {
	encodings := []value{i32(encodingPlain), i32(encodingRLE)}
	statistics := structure(member{statisticsNulls, i64(rows)})
	if m.value != "" {
		encodings = append(encodings, i32(encodingDictionary))
		statistics = structure(member{statisticsNulls, i64(0)}, member{statisticsMax, text(m.value)}, member{statisticsMin, text(m.value)})
	}
	meta := []member{
		{metaType, i32(m.column.physical)},
		{metaEncodings, listOf(kindI32, encodings...)},
		{metaPath, listOf(kindBinary, text(m.name))},
		{metaCodec, i32(0)},
		{metaValues, i64(rows)},
		{metaSize, i64(p.size)},
		{metaCompressedSize, i64(p.size)},
		{metaPage, i64(p.data)}}
	if m.value != "" {
		meta = append(meta, member{metaDictionary, i64(p.at)})
	}
	meta = append(meta, member{metaStatistics, statistics})
	return structure(member{chunkOffset, i64(p.at)}, member{chunkMeta, structure(meta...)})
}

// page is what a column chunk has: where it begins in the file, where its page of data does, and its size with its headers.
type page struct{ at, data, size int64 }

// pageKey is by what pages differ: columns of all types, and row groups of that size, share them.
type pageKey struct {
	rows  int64
	value string // as of absent
}

// pages makes pages of one value, or of NULLs.
type pages struct {
	at    int64 // where the first begins
	bytes []byte
	made  map[pageKey]page
}

func (p *pages) of(rows int64, value string) page {
	key := pageKey{rows, value}
	if made, ok := p.made[key]; ok {
		return made
	}
	begin := len(p.bytes)
	// Definition levels, run length encoded after their size: a run of as many zeros, or ones, as there are rows.
	valid, encoding := byte(0), int64(encodingPlain)
	if value != "" {
		valid, encoding = 1, encodingDictionary
		p.add([]byte(value), member{pageType, i32(dictionaryPage)},
			member{pageDictionary, structure(member{dictionaryValues, i32(1)}, member{dictionaryEncoding, i32(encodingPlain)})})
	}
	run := append(binary.AppendUvarint(nil, uint64(rows)<<1), valid)
	body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(run))), run...)
	if value != "" { // indexes of the dictionary, of one bit, likewise: all zeros
		body = append(binary.AppendUvarint(append(body, 1), uint64(rows)<<1), 0)
	}
	data := len(p.bytes)
	p.add(body, member{pageType, i32(0)},
		member{pageData, structure(member{dataValues, i32(rows)}, member{dataEncoding, i32(encoding)},
			member{dataDefinition, i32(encodingRLE)}, member{dataRepeats, i32(encodingRLE)})})
	made := page{at: p.at + int64(begin), data: p.at + int64(data), size: int64(len(p.bytes) - begin)}
	p.made[key] = made
	return made
}

// add adds a page with the header's members: its type and what that type needs.
func (p *pages) add(body []byte, kind, of member) {
	size := i32(int64(len(body)))
	header := structure(kind, member{pageSize, size}, member{pageCompressedSize, size}, of)
	p.bytes = append(header.append(p.bytes), body...)
}
