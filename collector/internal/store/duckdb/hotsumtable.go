//go:build cgo

package duckdb

/*
extern void weirSumsBind(void *info);
extern void weirSumsInit(void *info);
extern void weirSumsScan(void *info, void *output);
extern void weirHotForget(void *data);
*/
import "C"

import (
	"slices"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// sumsFunction is the name of the table function of sums of blocks. Its parameter is the number that keptSums.lend gave (BIGINT). Its columns are
// event_end, of the first of the records, those of the set, flows and the counters.
const sumsFunction = "weir_hot_sums"

func sumsTableFunction(files *hotFiles) tableFunction {
	return tableFunction{
		name: sumsFunction, parameters: []duck.Type{duck.TypeBigInt}, source: files, bind: C.weirSumsBind, init: C.weirSumsInit, scan: C.weirSumsScan,
	}
}

// sumScan reads sums, by one thread.
type sumScan struct {
	*sumTable
	texts []*numbered // by column; nil: it is of numbers
	types []hot.Type
	next  sumReader
	block *rowSums // nil: there is none yet
	at    int
}

//export weirSumsBind
func weirSumsBind(info unsafe.Pointer) {
	b := duck.BindInfo{Ptr: info}
	files := recalled[*hotFiles](duck.BindGetExtraInfo(b))
	table := files.sums.lentAs(parameter(b, 0, duck.GetInt64))
	if table == nil {
		duck.BindSetError(b, "there are no such sums")
		return
	}
	scan := &sumScan{sumTable: table}
	addResult(b, "event_end", duck.CreateLogicalType(duck.TypeTimestamp))
	documented := store.Columns()
	for _, name := range table.columns {
		i := slices.IndexFunc(documented, func(c store.Column) bool { return c.Name == name })
		kind, texts := documented[i].Type, (*numbered)(nil)
		if p, ok := files.coded[store.Flows][name]; ok {
			texts = p.texts(files.names.Load())
		}
		number, _ := hot.TypeOf(kind)
		scan.texts, scan.types = append(scan.texts, texts), append(scan.types, number)
		addResult(b, name, duck.CreateLogicalType(typeByName[kind]))
	}
	for _, name := range append([]string{"flows"}, counters[:table.counters]...) {
		addResult(b, name, duck.CreateLogicalType(duck.TypeUBigInt))
	}
	duck.BindSetBindData(b, remembered(scan), C.weirHotForget)
}

//export weirSumsInit
func weirSumsInit(info unsafe.Pointer) {
	i := duck.InitInfo{Ptr: info}
	scan := *recalled[*sumScan](duck.InitGetBindData(i)) // a statement may read it more than once
	scan.next = scan.blocks()
	duck.InitSetMaxThreads(i, 1)
	duck.InitSetInitData(i, remembered(&scan), C.weirHotForget)
}

//export weirSumsScan
func weirSumsScan(info, output unsafe.Pointer) {
	f := duck.FunctionInfo{Ptr: info}
	scan := recalled[*sumScan](duck.FunctionGetInitData(f))
	if err := scan.fill(duck.DataChunk{Ptr: output}); err != nil {
		duck.FunctionSetError(f, err.Error())
	}
}

// fill fills a chunk with the next sums; none are left where it stays empty.
func (s *sumScan) fill(out duck.DataChunk) (err error) {
	for s.block == nil || s.at == s.block.n() {
		if s.block, err = s.next(); err != nil || s.block == nil {
			return err
		}
		s.at = 0
	}
	n := min(s.block.n()-s.at, hot.Rows)
	for i := range s.columns {
		s.fillColumn(duck.DataChunkGetVector(out, duck.IdxT(1+i)), i, n)
	}
	s.fillWords(out, 0, s.block.key(), n)
	for i := range 1 + s.counters {
		s.fillWords(out, 1+len(s.columns)+i, s.block.key()+1+i, n)
	}
	duck.DataChunkSetSize(out, duck.IdxT(n))
	s.at += n
	return nil
}

// fillWords fills a column with a word of each of the next entries.
func (s *sumScan) fillWords(out duck.DataChunk, column, word, n int) {
	cells := unsafe.Slice((*uint64)(duck.VectorGetData(duck.DataChunkGetVector(out, duck.IdxT(column)))), n)
	for i := range cells {
		cells[i] = s.block.at(s.at + i)[word]
	}
}

// fillColumn fills a column that rows are told apart by.
func (s *sumScan) fillColumn(v duck.Vector, column, rows int) {
	data, texts := duck.VectorGetData(v), s.texts[column]
	duck.VectorEnsureValidityWritable(v)
	valid := duck.VectorGetValidity(v)
	for i := range rows {
		n, ok := s.block.value(s.at+i, column)
		if texts != nil {
			if ok = ok && n-texts.first < uint64(len(texts.texts)); ok {
				duck.VectorAssignStringElement(v, duck.IdxT(i), texts.texts[n-texts.first])
			}
		} else {
			putNumber(data, s.types[column], i, n)
		}
		duck.ValiditySetRowValidity(valid, duck.IdxT(i), ok)
	}
}

// putNumber sets a cell of a column.
func putNumber(data unsafe.Pointer, t hot.Type, i int, n uint64) {
	switch t {
	case hot.Uint8:
		*(*uint8)(unsafe.Add(data, i)) = uint8(n)
	case hot.Uint16:
		*(*uint16)(unsafe.Add(data, 2*i)) = uint16(n)
	case hot.Uint32:
		*(*uint32)(unsafe.Add(data, 4*i)) = uint32(n)
	default:
		*(*uint64)(unsafe.Add(data, 8*i)) = n
	}
}
