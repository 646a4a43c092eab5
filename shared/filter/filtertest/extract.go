package filtertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
)

// Extract returns what Splunk extracts of an event that is an object of JSON (KV_MODE = json), with _raw and with _time of a time in ns. Members of
// objects are NAME.MEMBER, those of arrays NAME{}; alias puts the fields that it names in place of NAME{}, as an alias of props.conf does.
func Extract(raw []byte, ns int64, alias func(name string) bool) (Event, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, fmt.Errorf("%w: %s", err, raw)
	}
	e := Event{"_raw": {string(raw)}, "_time": {new(big.Rat).SetFrac64(ns, 1e9).RatString()}}
	e.extract("", object, alias)
	return e, nil
}

func (e Event) extract(name string, v any, alias func(string) bool) {
	switch v := v.(type) {
	case map[string]any:
		if name != "" {
			name += "."
		}
		for member, value := range v {
			e.extract(name+member, value, alias)
		}
	case []any:
		if !alias(name) {
			name += "{}"
		}
		for _, value := range v {
			e.extract(name, value, alias)
		}
	case nil:
	default:
		e[name] = append(e[name], fmt.Sprint(v))
	}
}
