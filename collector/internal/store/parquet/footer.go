package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// magic begins and ends a file. Before the one at the end is the size of the footer, in four bytes.
const magic = "PAR1"

const trailerSize = 4 + len(magic)

// maxFooter bounds the footers that are read: one of a full part of seventy columns has some hundred kilobytes.
const maxFooter = 64 << 20

// Members of parquet.thrift's structures.
const (
	fileVersion, fileSchema, fileRows, fileRowGroups      = 1, 2, 3, 4
	fileCreator, fileColumnOrders                         = 6, 7
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
