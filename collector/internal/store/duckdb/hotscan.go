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

	"github.com/weirflow/weir/collector/internal/store"
)

// The rows of the hour that is being written lie in files of package hot, which DuckDB reads by the table function weir_hot. DuckDB calls
// the functions of this file, from threads of its own; what they have in memory of Go is behind handles.

// hotFunction is the name of the table function. Its parameters are the part's name (VARCHAR), how many rows count, between which times they
// ended, the last included (BIGINT, the latter in microseconds since the Unix epoch), and the second halves of the addresses of which they have one, hexadecimal
// with commas between, or none (VARCHAR), and ranges of rows that are skipped (VARCHAR). Rows of other times and addresses may be among them.
const hotFunction = "weir_hot"

// hotRow is the column with the number of a row in its file.
const hotRow = "hot_row"

// registerHot makes the table functions known to a database.
func registerHot(db duck.Database, files *hotFiles) error {
	var c duck.Connection
	if duck.Connect(db, &c) != duck.StateSuccess {
		return errors.New("connect to database")
	}
	defer duck.Disconnect(&c)
	rows, sums := rowsTableFunction(files), sumsTableFunction(files)
	return errors.Join(rows.register(c), sums.register(c))
}

func rowsTableFunction(files *hotFiles) tableFunction {
	return tableFunction{
		name: hotFunction, parameters: []duck.Type{duck.TypeVarchar, duck.TypeBigInt, duck.TypeBigInt, duck.TypeBigInt, duck.TypeVarchar, duck.TypeVarchar},
		source: files, bind: C.weirHotBind, init: C.weirHotInit, scan: C.weirHotScan, projects: true,
	}
}

// tableFunction is one that DuckDB calls by functions of C.
type tableFunction struct {
	name             string
	parameters       []duck.Type
	source           any // what it knows
	bind, init, scan unsafe.Pointer
	projects         bool // only the columns are asked for that a statement reads
}

func (t *tableFunction) register(c duck.Connection) error {
	f := duck.CreateTableFunction()
	defer duck.DestroyTableFunction(&f)
	duck.TableFunctionSetName(f, t.name)
	for _, kind := range t.parameters {
		parameter := duck.CreateLogicalType(kind)
		duck.TableFunctionAddParameter(f, parameter)
		duck.DestroyLogicalType(&parameter)
	}
	duck.TableFunctionSetExtraInfo(f, remembered(t.source), C.weirHotForget)
	duck.TableFunctionSetBind(f, t.bind)
	duck.TableFunctionSetInit(f, t.init)
	duck.TableFunctionSetFunction(f, t.scan)
	duck.TableFunctionSupportsProjectionPushdown(f, t.projects)
	if duck.RegisterTableFunction(c, f) != duck.StateSuccess {
		return errors.New("register the table function " + t.name)
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
	scan := &hotScan{
		name: name, files: files, view: view, lost: lost,
		since: parameter(b, 2, duck.GetInt64), until: parameter(b, 3, duck.GetInt64), end: view.Column("event_end"),
	}
	if scan.addresses, ok = newLowSearch(&view, parameter(b, 4, duck.GetVarchar)); !ok {
		duck.BindSetError(b, "the halves of addresses are not numbers")
		return
	}
	if scan.skip, ok = rangesOf(parameter(b, 5, duck.GetVarchar)); !ok {
		duck.BindSetError(b, "the rows that are skipped are no ranges")
		return
	}
	if files.names.Load() == nil {
		duck.BindSetError(b, "the names in hot files are not known yet")
		return
	}
	part, _ := store.ParseTable(name)
	scan.shown = files.shownColumns(part, view.Columns())
	for i, column := range view.Columns() {
		addResult(b, column.Name, scan.typeOf(i))
	}
	addResult(b, hotRow, duck.CreateLogicalType(duck.TypeBigInt))
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

func addResult(b duck.BindInfo, name string, t duck.LogicalType) {
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
