package api

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// typeArrow is the media type of an Arrow stream.
const typeArrow = "application/vnd.apache.arrow.stream"

// otherColumn is the column that marks the rows of what is beyond the limit: columns of numbers and times cannot say "other".
const otherColumn = "weir.other"

// arrowRows is how many records are sent at a time.
const arrowRows = 4096

// takesArrow tells whether a request's header asks for Arrow.
func takesArrow(h http.Header) bool {
	for _, list := range h.Values("Accept") {
		for part := range strings.SplitSeq(list, ",") {
			if kind, params, err := mime.ParseMediaType(part); err == nil && kind == typeArrow && params["q"] != "0" {
				return true
			}
		}
	}
	return false
}

func arrowType(kind string) arrow.DataType {
	switch kind {
	case flow.KindUint.String():
		return arrow.PrimitiveTypes.Uint64
	case flow.KindInt.String():
		return arrow.PrimitiveTypes.Int64
	case flow.KindFloat.String():
		return arrow.PrimitiveTypes.Float64
	case flow.KindTime.String():
		return arrow.FixedWidthTypes.Timestamp_ns
	}
	return arrow.BinaryTypes.String
}

// writeArrow sends a result: its columns, and one that marks "other". How far it may be trusted is in the schema's metadata.
func writeArrow(w http.ResponseWriter, q query.Question, res query.Result) {
	fields := make([]arrow.Field, 0, len(res.Columns)+1)
	for _, c := range res.Columns {
		meta := arrow.NewMetadata([]string{"unit"}, []string{c.Unit})
		fields = append(fields, arrow.Field{Name: c.Name, Type: arrowType(c.Type), Nullable: true, Metadata: meta})
	}
	fields = append(fields, arrow.Field{Name: otherColumn, Type: arrow.FixedWidthTypes.Boolean})
	maxError := ""
	if res.MaxError != nil {
		maxError = strconv.FormatFloat(*res.MaxError, 'g', -1, 64)
	}
	meta := arrow.NewMetadata([]string{"exactness", "max_error", "truncated", "gaps", "kernel_drops", "dropped"}, []string{
		string(res.Exactness), maxError, strconv.FormatBool(res.Truncated), strconv.FormatUint(res.Loss.Gaps, 10), strconv.FormatUint(res.Loss.KernelDrops, 10), strconv.FormatUint(res.Loss.Dropped, 10),
	})
	schema := arrow.NewSchema(fields, &meta)
	sendArrow(w, schema, len(res.Rows), func(b *array.RecordBuilder, i int) {
		for column, v := range res.Rows[i] {
			appendShown(b.Field(column), v)
		}
		b.Field(len(fields) - 1).(*array.BooleanBuilder).Append(isOther(q, res, res.Rows[i]))
	})
}

// isOther tells whether a row is of what is beyond the limit.
func isOther(q query.Question, res query.Result, row []any) bool {
	if !res.Truncated || len(q.By) == 0 {
		return false
	}
	for i, c := range res.Columns {
		if slices.Contains(q.By, c.Name) && row[i] != query.Other {
			return false
		}
	}
	return true
}

// appendShown appends a value as it stands in a row; what does not fit its column is null.
func appendShown(to array.Builder, v any) {
	switch b := to.(type) {
	case *array.StringBuilder:
		if s, ok := v.(string); ok {
			b.Append(s)
			return
		}
	case *array.Uint64Builder:
		if n, ok := v.(uint64); ok {
			b.Append(n)
			return
		}
	case *array.Int64Builder:
		if n, ok := v.(int64); ok {
			b.Append(n)
			return
		}
	case *array.Float64Builder:
		switch n := v.(type) {
		case float64:
			b.Append(n)
			return
		case uint64:
			b.Append(float64(n))
			return
		}
	case *array.TimestampBuilder:
		if s, ok := v.(string); ok {
			if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
				b.Append(arrow.Timestamp(t.UnixNano()))
				return
			}
		}
	}
	to.AppendNull()
}

// writeArrowRecords sends records with a column for each field but weir.elements.
func (h *handler) writeArrowRecords(w http.ResponseWriter, b *flow.Batch) {
	var fields []arrow.Field
	var from []*flow.Field
	for _, f := range h.reg.Fields() {
		if f.Scope != flow.ScopeRecord || f.Get == nil || f.Kind == flow.KindObject || strings.HasPrefix(f.Name, "related.") {
			continue
		}
		kind := arrowType(f.Kind.String())
		if f.List {
			kind = arrow.ListOf(kind)
		}
		fields, from = append(fields, arrow.Field{Name: f.Name, Type: kind, Nullable: true}), append(from, f)
	}
	var values []flow.Value
	sendArrow(w, arrow.NewSchema(fields, nil), len(b.Records), func(to *array.RecordBuilder, i int) {
		for column, f := range from {
			values = f.Get(values[:0], b, &b.Records[i])
			appendField(to.Field(column), values)
		}
	})
}

// appendField appends the values of a field: null where there are none.
func appendField(to array.Builder, values []flow.Value) {
	if len(values) == 0 {
		to.AppendNull()
		return
	}
	list, ok := to.(*array.ListBuilder)
	if !ok {
		appendValue(to, &values[0])
		return
	}
	list.Append(true)
	for i := range values {
		appendValue(list.ValueBuilder(), &values[i])
	}
}

func appendValue(to array.Builder, v *flow.Value) {
	switch b := to.(type) {
	case *array.Uint64Builder:
		b.Append(v.U)
	case *array.Int64Builder:
		b.Append(int64(v.U))
	case *array.Float64Builder:
		b.Append(v.F)
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(int64(v.U)))
	case *array.StringBuilder:
		b.Append(v.String())
	}
}

// sendArrow sends n rows as they are built, some thousand at a time.
func sendArrow(w http.ResponseWriter, schema *arrow.Schema, n int, appendRow func(b *array.RecordBuilder, i int)) {
	w.Header().Set("Content-Type", typeArrow)
	out := ipc.NewWriter(w, ipc.WithSchema(schema))
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range n {
		appendRow(b, i)
		if (i+1)%arrowRows != 0 && i+1 != n {
			continue
		}
		rows := b.NewRecordBatch()
		err := out.Write(rows)
		rows.Release()
		if err != nil {
			return // the reader has gone, and sees the answer cut short
		}
	}
	_ = out.Close() // with the schema, where there are no rows
}
