package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/weirflow/weir/shared/flow"
)

// UnmarshalJSON reads a result as its columns say, so that rows hold what the engine put in: uint64, int64, float64, string or nil.
func (r *Result) UnmarshalJSON(data []byte) error {
	type plain Result // without this method
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode((*plain)(r)); err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	for _, row := range r.Rows {
		if len(row) != len(r.Columns) {
			return fmt.Errorf("read result: a row of %d values under %d columns", len(row), len(r.Columns))
		}
		for i, v := range row {
			number, ok := v.(json.Number)
			if !ok {
				continue
			}
			value, err := numberOf(number.String(), r.Columns[i].Type)
			if err != nil {
				return fmt.Errorf("read result: column %s: %w", r.Columns[i].Name, err)
			}
			row[i] = value
		}
	}
	return nil
}

func numberOf(text, kind string) (any, error) {
	switch kind {
	case flow.KindUint.String():
		return strconv.ParseUint(text, 10, 64)
	case flow.KindInt.String():
		return strconv.ParseInt(text, 10, 64)
	}
	return strconv.ParseFloat(text, 64)
}
