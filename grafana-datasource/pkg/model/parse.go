package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/query"
)

// Caps of a query: what people write by hand is far below them.
const (
	maxQuery = 256 << 10 // bytes of JSON
	maxList  = 200       // members of a list
)

// Parse reads a query. Members that are not known are ignored: Grafana adds its own. Errors are *[query.Error] and name the member.
func Parse(text []byte) (Query, error) {
	var q Query
	if len(text) > maxQuery {
		return q, &query.Error{Part: "query", Text: fmt.Sprintf("%d bytes are too long: at most %d", len(text), maxQuery)}
	}
	if err := json.Unmarshal(text, &q); err != nil {
		return q, &query.Error{Part: "query", Text: "cannot be read: " + err.Error()}
	}
	if q.QueryType == "" {
		q.QueryType = Series
	}
	formats := Formats(q.QueryType)
	if formats == nil {
		return q, &query.Error{Part: "queryType", Text: fmt.Sprintf("no type %q%s", q.QueryType, choices(string(q.QueryType), Types()))}
	}
	if q.Format == "" {
		q.Format = formats[0]
	}
	if !slices.Contains(formats, q.Format) {
		return q, &query.Error{Part: "format", Text: fmt.Sprintf("%s has no format %q%s", q.QueryType, q.Format, choices(string(q.Format), formats))}
	}
	return q, q.checkMembers()
}

func (q *Query) checkMembers() error {
	for name, n := range map[string]int{"by": len(q.By), "more": len(q.More), "fields": len(q.Fields), "adhoc": len(q.Adhoc), "detectors": len(q.Detectors), "states": len(q.States)} {
		if n > maxList {
			return &query.Error{Part: name, Text: fmt.Sprintf("%d are too many: at most %d", n, maxList)}
		}
	}
	for i := range q.Adhoc {
		if len(q.Adhoc[i].Values) > 100*maxList {
			return &query.Error{Part: "adhoc", Text: fmt.Sprintf("%d values are too many: at most %d", len(q.Adhoc[i].Values), 100*maxList)}
		}
	}
	switch q.QueryType {
	case Interfaces:
		values := InterfaceValues()
		if q.Format == Points {
			values = PointValues()
		}
		return checkValue(q.Value, values)
	case Exporters:
		return checkValue(q.Value, ExporterValues())
	}
	return nil
}

func checkValue(value string, known []string) error {
	if value != "" && !slices.Contains(known, value) {
		return &query.Error{Part: "value", Text: fmt.Sprintf("no value %q%s", value, choices(value, known))}
	}
	return nil
}

// choices says what would do: the one that was meant, or all.
func choices[T ~string](given string, known []T) string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	if near := filter.Nearest(given, names); near != "" && given != "" {
		return "; did you mean " + near + "?"
	}
	return ": use " + strings.Join(names, ", ")
}
