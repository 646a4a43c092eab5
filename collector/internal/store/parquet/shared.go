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
	signed    bool
}

const none = -1

// columnOf has what DuckDB writes for the documented types, but times to the millisecond as such.
var columnOf = map[string]column{
	"UTINYINT": {typeInt32, 11, 0, false}, "USMALLINT": {typeInt32, 12, 0, false}, "UINTEGER": {typeInt32, 13, 0, false},
	"UBIGINT": {typeInt64, 14, 0, false}, "BIGINT": {typeInt64, 18, 0, true}, "DOUBLE": {typeDouble, none, 0, false},
	"VARCHAR": {typeByteArray, 0, 0, false}, "BLOB": {typeByteArray, none, 0, false},
	"TIMESTAMP": {typeInt64, 9, 1, true}, "TIMESTAMP_NS": {typeInt64, none, 3, true},
}

// element returns the column's SchemaElement.
func (c *written) element() value {
	list := []member{{elementType, i32(c.kind.physical)}, {elementRepetition, i32(optional)}, {elementName, text(c.name)}}
	if c.kind.converted != none {
		list = append(list, member{elementConverted, i32(c.kind.converted)})
	}
	if c.kind.unit != 0 {
		const logicalTime, adjustedToUTC, unit = 8, 1, 2
		time := structure(member{adjustedToUTC, value{kind: kindFalse}}, member{unit, structure(member{c.kind.unit, structure()})})
		list = append(list, member{elementLogical, structure(member{logicalTime, time})})
	}
	return structure(list...)
}

// chunk returns the column's ColumnChunk in a row group of so many rows.
func (c *written) chunk(rows int64, p page, statistics value) value {
	encodings := []value{i32(encodingPlain), i32(encodingRLE)}
	if p.encoding != encodingPlain {
		encodings = append(encodings, i32(p.encoding))
	}
	meta := []member{
		{metaType, i32(c.kind.physical)},
		{metaEncodings, listOf(kindI32, encodings...)},
		{metaPath, listOf(kindBinary, text(c.name))},
		{metaCodec, i32(p.codec)},
		{metaValues, i64(rows)},
		{metaSize, i64(p.whole)},
		{metaCompressedSize, i64(p.size)},
		{metaPage, i64(p.data)}}
	if p.encoding == encodingDictionary {
		meta = append(meta, member{metaDictionary, i64(p.at)})
	}
	meta = append(meta, member{metaStatistics, statistics})
	return structure(member{chunkOffset, i64(p.at)}, member{chunkMeta, structure(meta...)})
}

// page is what a column chunk has: where it begins in the file, where its page of data does, and how it is written. Sizes are with headers.
type page struct {
	at, data        int64
	size, whole     int64 // with and without compression
	codec, encoding int64
}

// pageKey is by what pages differ: columns of all types, and row groups of that size, share them.
type pageKey struct {
	rows  int64
	value string // in all of them, PLAIN; empty: NULL
}

// encoding returns that of pages of one value, or of NULLs.
func (k *pageKey) encoding() int64 {
	if k.value == "" {
		return encodingPlain
	}
	return encodingDictionary
}

func (k *pageKey) statistics() value {
	if k.value == "" {
		return nullsOf(k.rows)
	}
	return statisticsOf(0, k.value, k.value)
}

// appendPagesOf appends pages of one value, or of NULLs, and returns where that of data begins among them.
func appendPagesOf(dst []byte, key pageKey) (pages []byte, data int) {
	begin := len(dst)
	// Definition levels, run length encoded after their size: a run of as many zeros, or ones, as there are rows.
	valid := byte(0)
	if key.value != "" {
		valid = 1
		dst = appendPage(dst, len(key.value), []byte(key.value), member{pageType, i32(dictionaryPage)}, dictionaryHeader(1))
	}
	body := appendSameLevels(nil, key.rows, valid)
	if key.value != "" { // indexes of the dictionary, of one bit, likewise: all zeros
		body = append(binary.AppendUvarint(append(body, 1), uint64(key.rows)<<1), 0)
	}
	data = len(dst) - begin
	return appendPage(dst, len(body), body, member{pageType, i32(0)}, dataHeader(key.rows, key.encoding())), data
}

// appendSameLevels appends definition levels, after their size: all rows have a value, or none has.
func appendSameLevels(dst []byte, rows int64, valid byte) []byte {
	run := append(binary.AppendUvarint(nil, uint64(rows)<<1), valid)
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(run))), run...)
}

func dataHeader(rows, encoding int64) member {
	return member{pageData, structure(member{dataValues, i32(rows)}, member{dataEncoding, i32(encoding)},
		member{dataDefinition, i32(encodingRLE)}, member{dataRepeats, i32(encodingRLE)})}
}

func dictionaryHeader(words int64) member {
	return member{pageDictionary, structure(member{dictionaryValues, i32(words)}, member{dictionaryEncoding, i32(encodingPlain)})}
}

// statisticsOf returns how many rows have no value, with the least and the greatest value, PLAIN but for a text.
func statisticsOf(nulls int64, least, most string) value {
	return structure(member{statisticsNulls, i64(nulls)}, member{statisticsMax, text(most)}, member{statisticsMin, text(least)})
}

// nullsOf is statisticsOf without the values.
func nullsOf(nulls int64) value { return structure(member{statisticsNulls, i64(nulls)}) }

// appendPage appends a page that is of a size without its compression, with the header's members: its type and what that type needs.
func appendPage(dst []byte, size int, body []byte, kind, of member) []byte {
	header := structure(kind, member{pageSize, i32(int64(size))}, member{pageCompressedSize, i32(int64(len(body)))}, of)
	return append(header.append(dst), body...)
}
