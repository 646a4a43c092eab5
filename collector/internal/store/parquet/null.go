package parquet

import "encoding/binary"

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

// chunk returns the column's ColumnChunk in a row group.
func (m *absent) chunk(rows int64, p page) value {
	meta := structure(
		member{metaType, i32(m.column.physical)},
		member{metaEncodings, listOf(kindI32, i32(encodingPlain), i32(encodingRLE))},
		member{metaPath, listOf(kindBinary, text(m.name))},
		member{metaCodec, i32(0)},
		member{metaValues, i64(rows)},
		member{metaSize, i64(p.size)},
		member{metaCompressedSize, i64(p.size)},
		member{metaPage, i64(p.at)},
		member{metaStatistics, structure(member{statisticsNulls, i64(rows)})})
	return structure(member{chunkOffset, i64(p.at)}, member{chunkMeta, meta})
}

// page is a page of NULLs: where it begins in the file, and its size with its header.
type page struct{ at, size int64 }

// pages makes pages of NULLs, one for each number of rows: columns of all types, and row groups of that size, share it.
type pages struct {
	at     int64 // where the first begins
	bytes  []byte
	byRows map[int64]page
}

func (p *pages) of(rows int64) page {
	if made, ok := p.byRows[rows]; ok {
		return made
	}
	// Definition levels, run length encoded after their size: a run of as many zeros as there are rows.
	run := append(binary.AppendUvarint(nil, uint64(rows)<<1), 0)
	body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(run))), run...)
	header := structure(
		member{pageType, i32(0)},
		member{pageSize, i32(int64(len(body)))},
		member{pageCompressedSize, i32(int64(len(body)))},
		member{pageData, structure(member{dataValues, i32(rows)}, member{dataEncoding, i32(encodingPlain)},
			member{dataDefinition, i32(encodingRLE)}, member{dataRepeats, i32(encodingRLE)})})
	begin := len(p.bytes)
	p.bytes = append(header.append(p.bytes), body...)
	made := page{at: p.at + int64(begin), size: int64(len(p.bytes) - begin)}
	p.byRows[rows] = made
	return made
}
