package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/weirflow/weir/shared/query"
)

const typeArrow = "application/vnd.apache.arrow.stream"

// rowsOf asks for Arrow and returns its rows as JSON would have them.
func rowsOf(t *testing.T, s *httptest.Server, path, body string) (rows []map[string]any, schema *arrow.Schema) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", query.TypeJSON)
	req.Header.Set("Accept", typeArrow+", application/json;q=0.5")
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") != typeArrow {
		t.Fatalf("%v", res.Header)
	}
	r, err := ipc.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for r.Next() {
		batch := r.RecordBatch()
		for i := range int(batch.NumRows()) {
			row := map[string]any{}
			for c := range int(batch.NumCols()) {
				if v := valueAt(t, batch.Column(c), i); v != nil {
					row[batch.ColumnName(c)] = v
				}
			}
			rows = append(rows, row)
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return rows, r.Schema()
}

// valueAt is what JSON would say of a value.
func valueAt(t *testing.T, column arrow.Array, i int) any {
	t.Helper()
	if column.IsNull(i) {
		return nil
	}
	v := column.GetOneForMarshal(i)
	if ts, ok := column.(*array.Timestamp); ok {
		v = time.Unix(0, int64(ts.Value(i))).UTC().Format(time.RFC3339Nano)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, text)
}

func parsed(t *testing.T, text []byte) (v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil && err != io.EOF {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// TestArrowRecords: Arrow says of every record what JSON says, but for elements.
func TestArrowRecords(t *testing.T) {
	s := everything(t)
	rows, _ := rowsOf(t, s, query.PathRecords, `{"all_copies":true}`)
	_, text := ask(t, s, http.MethodPost, query.PathRecords, query.TypeJSON, `{"all_copies":true}`)
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); n++ {
		want := parsed(t, lines.Bytes()).(map[string]any)
		delete(want, "weir.elements")
		if n < len(rows) && !reflect.DeepEqual(rows[n], want) {
			for name := range want {
				if !reflect.DeepEqual(rows[n][name], want[name]) {
					t.Errorf("record %d: %s: %v, want %v", n, name, rows[n][name], want[name])
				}
			}
			for name := range rows[n] {
				if _, ok := want[name]; !ok {
					t.Errorf("record %d has %s", n, name)
				}
			}
		}
	}
	if n != len(rows) || n == 0 {
		t.Errorf("%d records, want %d", len(rows), n)
	}
}

// TestArrowResults: the rows of a top list, where "other" is marked; nothing is a stream without rows.
func TestArrowResults(t *testing.T) {
	s := everything(t)
	for _, body := range []string{
		`{"by":["source.ip","destination.port"],"limit":2,"all_copies":true}`, `{"measure":"bps"}`, `{"by":["destination.port"],"limit":3,"filter":"source.port > 0 and source.port < 0"}`,
		`{"by":["source.ip"],"limit":1,"interval":"1m","all_copies":true}`,
	} {
		rows, schema := rowsOf(t, s, query.PathAggregate, body)
		_, text := ask(t, s, http.MethodPost, query.PathAggregate, query.TypeJSON, body)
		var want query.Result
		if err := json.Unmarshal([]byte(text), &want); err != nil || len(want.Rows) != len(rows) {
			t.Fatalf("%s: %d rows, want %s (%v)", body, len(rows), text, err)
		}
		if i := schema.Metadata().FindKey("exactness"); i < 0 || schema.Metadata().Values()[i] != string(want.Exactness) || schema.NumFields() != len(want.Columns)+1 {
			t.Errorf("%s: %v", body, schema)
		}
		others := 0
		for i, row := range rows {
			other := row["weir.other"] == true
			if other {
				others++
			}
			for c, column := range want.Columns {
				v, _ := json.Marshal(want.Rows[i][c])
				expected := parsed(t, v)
				if other && expected == query.Other && column.Type == "unsigned" {
					expected = nil
				}
				if !reflect.DeepEqual(row[column.Name], expected) {
					t.Errorf("%s: row %d: %s is %v, want %v", body, i, column.Name, row[column.Name], expected)
				}
			}
		}
		if (others > 0) != want.Truncated {
			t.Errorf("%s: %d rows of others, truncated %v", body, others, want.Truncated)
		}
	}
}
