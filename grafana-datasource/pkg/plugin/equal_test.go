//go:build cgo

package plugin_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/query"
)

// TestEqualsCommand: the command that the inspector shows of a panel gives the numbers that the panel has.
func TestEqualsCommand(t *testing.T) {
	c := collector(t)
	d := source(t, c.URL)
	compared := 0
	for _, g := range goldens {
		res := must(t, d, g.query, g.of)
		command, _, _ := strings.Cut(res.Frames[0].Meta.ExecutedQueryString, "\n")
		if !strings.HasPrefix(command, "weir query ") || strings.Contains(g.query, `"percent"`) {
			continue
		}
		compared++
		t.Run(g.name, func(t *testing.T) {
			text := shell(t, command+" --url "+c.URL+" --format json")
			if strings.Contains(command, "--records") || strings.Contains(command, "--sessions") {
				compareRows(t, res, text)
				return
			}
			var want query.Result
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if diff := cmp.Diff(numbersOf(want), shownNumbers(t, res)); diff != "" {
				t.Errorf("%s: (-command +panel)\n%s", command, diff)
			}
		})
	}
	if compared < 12 {
		t.Errorf("only %d queries were compared", compared)
	}
}

// shell runs a command as a user would who copied it, with this test's weir.
func shell(t *testing.T, command string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Env = append(cmd.Environ(), "PATH="+filepath.Dir(lab.weir)+":/usr/bin:/bin")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, errs.String())
	}
	return out.Bytes()
}

// numbersOf are all numbers of a result, sorted: rows and columns are arranged in other ways in frames.
func numbersOf(res query.Result) (list []float64) {
	for _, row := range res.Rows {
		for _, v := range row {
			switch n := v.(type) {
			case float64:
				list = append(list, n)
			case uint64:
				list = append(list, float64(n))
			}
		}
	}
	slices.Sort(list)
	return list
}

func shownNumbers(t *testing.T, res backend.DataResponse) (list []float64) {
	t.Helper()
	for _, frame := range res.Frames {
		for _, f := range frame.Fields {
			if f.Type() != data.FieldTypeNullableFloat64 {
				continue
			}
			for i := range f.Len() {
				if v := f.At(i).(*float64); v != nil {
					list = append(list, *v)
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

// compareRows compares the bytes and times of records or sessions.
func compareRows(t *testing.T, res backend.DataResponse, text []byte) {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	f := res.Frames[0]
	if f.Rows() != len(list) || len(list) == 0 {
		t.Fatalf("%d rows, %d by the command", f.Rows(), len(list))
	}
	for i, object := range list {
		for _, pair := range [][2]string{{"network.bytes", "network.bytes"}, {"client.bytes", "bytes_out"}, {"server.bytes", "bytes_in"}} {
			if want, ok := object[pair[1]]; ok {
				field, _ := f.FieldByName(pair[0])
				if field == nil || *field.At(i).(*float64) != want.(float64) {
					t.Errorf("row %d: %s is %v by the command", i, pair[0], want)
				}
			}
		}
		end, _ := object["@timestamp"].(string)
		if end == "" {
			end, _ = object["end"].(string)
		}
		want, err := time.Parse(time.RFC3339Nano, end)
		field, _ := f.FieldByName("@timestamp")
		if err != nil || !field.At(i).(*time.Time).Equal(want) {
			t.Errorf("row %d: ends %v, by the command %s", i, field.At(i), end)
		}
	}
}
