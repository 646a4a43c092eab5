package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/member"
)

// Reader reads documents back. It is immutable, and safe for concurrent use.
type Reader struct {
	reg    *flow.Registry
	record map[string]*flow.Field // of the fields that a record's own JSON has
	whole  map[string]bool        // fields whose value is an object
}

// NewReader returns a reader.
func NewReader() *Reader {
	r := &Reader{reg: flow.NewRegistry(), record: map[string]*flow.Field{}, whole: map[string]bool{}}
	for _, kind := range Kinds() {
		for _, f := range Fields(kind) {
			if f.Type == typeObject || f.Type == "flattened" {
				r.whole[f.Name] = true
			}
		}
	}
	for _, f := range r.reg.Fields() {
		if f.Get != nil && !strings.HasPrefix(f.Name, "related.") {
			r.record[f.Name] = f
		}
	}
	return r
}

// fields are the values of a document by their dotted names.
type fields map[string]json.RawMessage

// flat reads a document with flat or nested names, or both.
func (r *Reader) flat(text []byte) (fields, error) {
	out := fields{}
	if err := r.flatten(out, "", text); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return out, nil
}

func (r *Reader) flatten(out fields, prefix string, text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err //nolint:wrapcheck // flat wraps it
	}
	for key, value := range members {
		name := prefix + key
		if len(value) > 0 && value[0] == '{' && !r.whole[name] {
			if err := r.flatten(out, name+".", value); err != nil {
				return err
			}
			continue
		}
		if !bytes.Equal(value, []byte("null")) {
			out[name] = value
		}
	}
	return nil
}

// Record appends the record of a document to the batch, whose table gets the names, and returns how many records the document is the sum of:
// 1 for a single one. What a document does not hold is made of what it does, as [flow.ParseJSON] says.
func (r *Reader) Record(text []byte, b *flow.Batch) (records uint64, err error) {
	values, err := r.flat(text)
	if err != nil {
		return 0, err
	}
	line := []byte{'{'}
	for name, value := range values {
		f := r.record[name]
		if f == nil || saturated(name, value) {
			continue
		}
		if len(line) > 1 {
			line = append(line, ',')
		}
		line = append(member.AppendString(line, name), ':')
		line = append(line, asWritten(f, value)...)
	}
	if err := flow.ParseJSON(append(line, '}'), r.reg, b); err != nil {
		return 0, fmt.Errorf("document: %w", err)
	}
	return max(values.uint("weir.aggregate.records"), 1), nil
}

// saturated tells of a sum that was cut: it is made of its parts then.
func saturated(name string, value json.RawMessage) bool {
	return (name == "network.bytes" || name == "network.packets") && string(bytes.Trim(value, `"`)) == "9223372036854775807"
}

// asWritten returns a value as a record's JSON has it: servers that make the source of columns give numbers that are kept as texts in quotes.
func asWritten(f *flow.Field, value json.RawMessage) json.RawMessage {
	switch f.Kind {
	case flow.KindUint, flow.KindInt, flow.KindFloat:
		return bytes.ReplaceAll(value, []byte{'"'}, nil)
	}
	return value
}

// Alert returns the alert of a document of an alert or of an event.
func (r *Reader) Alert(text []byte) (a flow.Alert, err error) {
	values, err := r.flat(text)
	if err == nil {
		err = values.object(alertObject, &a)
	}
	return a, err
}

// Exporter returns the exporter of a document.
func (r *Reader) Exporter(text []byte) (x query.Exporter, err error) {
	values, err := r.flat(text)
	if err == nil {
		err = values.object(exporterObject, &x)
	}
	return x, err
}

// object reads a field that is kept whole.
func (v fields) object(name string, into any) error {
	text, ok := v[name]
	if !ok {
		return fmt.Errorf("document: %w: %s", errNoField, name)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("document: %s: %w", name, err)
	}
	return nil
}

var errNoField = errors.New("a field is missing")
