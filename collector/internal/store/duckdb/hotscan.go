//go:build cgo

package duckdb

/*
#include <stdlib.h>

extern void weirHotBind(void *info);
extern void weirHotInit(void *info);
extern void weirHotScan(void *info, void *output);
extern void weirHotForget(void *data);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// The rows of the hour that is being written lie in files of package hot, which DuckDB reads by the table function weir_hot. DuckDB calls
// the functions of this file, from threads of its own; what they have in memory of Go is behind handles.

// hotFunction is the name of the table function. Its parameters are the part's name (VARCHAR), how many rows count, and between which times,
// the last included, rows may be left out that ended at others (BIGINT, the latter in microseconds since the Unix epoch).
const hotFunction = "weir_hot"

// hotRow is the column with the number of a row in its file.
const hotRow = "hot_row"

// registerHot makes the table function known to a database.
func registerHot(db duck.Database, files *hotFiles) error {
	var c duck.Connection
	if duck.Connect(db, &c) != duck.StateSuccess {
		return errors.New("connect to database")
	}
	defer duck.Disconnect(&c)
	f := duck.CreateTableFunction()
	defer duck.DestroyTableFunction(&f)
	duck.TableFunctionSetName(f, hotFunction)
	for _, kind := range []duck.Type{duck.TypeVarchar, duck.TypeBigInt, duck.TypeBigInt, duck.TypeBigInt} {
		t := duck.CreateLogicalType(kind)
		duck.TableFunctionAddParameter(f, t)
		duck.DestroyLogicalType(&t)
	}
	duck.TableFunctionSetExtraInfo(f, remembered(files), C.weirHotForget)
	duck.TableFunctionSetBind(f, C.weirHotBind)
	duck.TableFunctionSetInit(f, C.weirHotInit)
	duck.TableFunctionSetFunction(f, C.weirHotScan)
	duck.TableFunctionSupportsProjectionPushdown(f, true)
	if duck.RegisterTableFunction(c, f) != duck.StateSuccess {
		return errors.New("register the table function " + hotFunction)
	}
	return nil
}

// remembered returns memory of C that stands for a value of Go, until weirHotForget.
func remembered(v any) unsafe.Pointer {
	p := C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0))))
	*(*cgo.Handle)(p) = cgo.NewHandle(v)
	return p
}

func recalled[T any](p unsafe.Pointer) T { return (*(*cgo.Handle)(p)).Value().(T) }

//export weirHotForget
func weirHotForget(data unsafe.Pointer) {
	(*(*cgo.Handle)(data)).Delete()
	C.free(data)
}

//export weirHotBind
func weirHotBind(info unsafe.Pointer) {
	b := duck.BindInfo{Ptr: info}
	files := recalled[*hotFiles](duck.BindGetExtraInfo(b))
	name := parameter(b, 0, duck.GetVarchar)
	view, ok := files.view(name, parameter(b, 1, duck.GetInt64))
	if !ok {
		duck.BindSetError(b, "there is no hot file "+name)
		return
	}
	lost, _ := files.lostOf(name)
	scan := &hotScan{name: name, files: files, view: view, lost: lost, since: parameter(b, 2, duck.GetInt64), until: parameter(b, 3, duck.GetInt64), end: view.Column("event_end")}
	for _, column := range view.Columns() {
		addResult(b, column.Name, typeByName[column.Type.String()])
	}
	addResult(b, hotRow, duck.TypeBigInt)
	duck.BindSetCardinality(b, duck.IdxT(view.Rows()), false)
	duck.BindSetBindData(b, remembered(scan), C.weirHotForget)
}

func parameter[T any](b duck.BindInfo, i int, get func(duck.Value) T) T {
	v := duck.BindGetParameter(b, duck.IdxT(i))
	defer duck.DestroyValue(&v)
	return get(v)
}

var typeByName = map[string]duck.Type{
	"UTINYINT": duck.TypeUTinyInt, "USMALLINT": duck.TypeUSmallInt, "UINTEGER": duck.TypeUInteger, "UBIGINT": duck.TypeUBigInt,
	"BIGINT": duck.TypeBigInt, "DOUBLE": duck.TypeDouble, "VARCHAR": duck.TypeVarchar, "BLOB": duck.TypeBlob,
	"TIMESTAMP": duck.TypeTimestamp, "TIMESTAMP_NS": duck.TypeTimestampNS,
}

func addResult(b duck.BindInfo, name string, kind duck.Type) {
	t := duck.CreateLogicalType(kind)
	defer duck.DestroyLogicalType(&t)
	duck.BindAddResultColumn(b, name, t)
}

//export weirHotInit
func weirHotInit(info unsafe.Pointer) {
	i := duck.InitInfo{Ptr: info}
	read := &hotRead{hotScan: recalled[*hotScan](duck.InitGetBindData(i))}
	for n := range duck.InitGetColumnCount(i) {
		read.columns = append(read.columns, duck.InitGetColumnIndex(i, n))
	}
	duck.InitSetMaxThreads(i, duck.IdxT(read.view.Chunks()/chunksPerThread+1))
	duck.InitSetInitData(i, remembered(read), C.weirHotForget)
}

// chunksPerThread is how many chunks are worth a thread.
const chunksPerThread = 16

//export weirHotScan
func weirHotScan(info, output unsafe.Pointer) {
	f := duck.FunctionInfo{Ptr: info}
	read := recalled[*hotRead](duck.FunctionGetInitData(f))
	if err := read.next(duck.DataChunk{Ptr: output}); err != nil {
		duck.FunctionSetError(f, fmt.Sprint(err))
	}
}
