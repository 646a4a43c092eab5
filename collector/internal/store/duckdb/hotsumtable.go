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
	texts     []*numbered // by column of the set; nil: it is of numbers
	types     []hot.Type
	block, at int
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
	for _, name := range table.set.Columns {
		i := slices.IndexFunc(documented, func(c store.Column) bool { return c.Name == name })
		kind, texts := documented[i].Type, (*numbered)(nil)
		if p, ok := files.coded[store.Flows][name]; ok {
			texts = p.texts(files.names.Load())
		}
		number, _ := hot.TypeOf(kind)
		scan.texts, scan.types = append(scan.texts, texts), append(scan.types, number)
		addResult(b, name, duck.CreateLogicalType(typeByName[kind]))
	}
	for _, name := range append([]string{"flows"}, counters[:]...) {
		addResult(b, name, duck.CreateLogicalType(duck.TypeUBigInt))
	}
	duck.BindSetBindData(b, remembered(scan), C.weirHotForget)
}

//export weirSumsInit
func weirSumsInit(info unsafe.Pointer) {
	i := duck.InitInfo{Ptr: info}
	scan := *recalled[*sumScan](duck.InitGetBindData(i)) // a statement may read it more than once
	duck.InitSetMaxThreads(i, 1)
	duck.InitSetInitData(i, remembered(&scan), C.weirHotForget)
}

//export weirSumsScan
func weirSumsScan(info, output unsafe.Pointer) {
	scan := recalled[*sumScan](duck.FunctionGetInitData(duck.FunctionInfo{Ptr: info}))
	out := duck.DataChunk{Ptr: output}
	for scan.block < len(scan.blocks) {
		b := scan.blocks[scan.block]
		n := min(len(b.keys)-scan.at, hot.Rows)
		if n > 0 {
			scan.fill(out, b, n)
			scan.at += n
			return
		}
		scan.block, scan.at = scan.block+1, 0
	}
}

// fill fills a chunk with the next sums of a block.
func (s *sumScan) fill(out duck.DataChunk, b *blockSums, n int) {
	keys := b.keys[s.at : s.at+n]
	copy(unsafe.Slice((*int64)(vectorOf(out, 0)), n), b.ends[s.at:])
	for i := range s.set.Columns {
		s.fillColumn(duck.DataChunkGetVector(out, duck.IdxT(1+i)), keys, i)
	}
	column := 1 + len(s.set.Columns)
	copy(unsafe.Slice((*uint64)(vectorOf(out, column)), n), b.flows[s.at:])
	for i := range b.sums {
		copy(unsafe.Slice((*uint64)(vectorOf(out, column+1+i)), n), b.sums[i][s.at:])
	}
	duck.DataChunkSetSize(out, duck.IdxT(n))
}

func vectorOf(out duck.DataChunk, column int) unsafe.Pointer {
	return duck.VectorGetData(duck.DataChunkGetVector(out, duck.IdxT(column)))
}

// fillColumn fills a column of the set.
func (s *sumScan) fillColumn(v duck.Vector, keys []sumKey, column int) {
	data, texts := duck.VectorGetData(v), s.texts[column]
	duck.VectorEnsureValidityWritable(v)
	valid := duck.VectorGetValidity(v)
	for i := range keys {
		n, ok := keys[i].cells[column], keys[i].valid>>column&1 != 0
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
