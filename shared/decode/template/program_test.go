package template_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

func newSession() (*template.Session, *flow.Batch) {
	limits := &template.Limits{
		MaxTemplates: 8, MaxFields: 64, MaxTemplateBytes: 1 << 20, MaxNames: 1 << 16, WaitSets: 4, WaitBytes: 4096, WaitBytesAll: 8192, MaxRecords: 64,
	}
	account, symbols := &flow.Stream{}, flow.NewSymbols()
	b := flow.NewBatch(8, symbols)
	b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: account, Exported: 1_700_000_000_000_000_000})
	s := template.NewSession(limits, account, symbols)
	s.Begin(b, 0, 0)
	return s, b
}

// decode decodes one record of the fields.
func decode(t *testing.T, fields []template.Field, data []byte) (flow.Record, []flow.Element) {
	t.Helper()
	s, b := newSession()
	s.Define(template.Definition{ID: 256, Fields: fields})
	w, _ := wire.NewWindow(append(make([]byte, 8), data...), 8, 8+len(data))
	s.Data(template.Set{ID: 256, Data: w})
	if f := s.Fault(); f.Reason != flow.ReasonNone || len(b.Records) != 1 {
		t.Fatalf("%v: %d records", f, len(b.Records))
	}
	var elements []flow.Element
	for e, rest, ok := flow.NextElement(b.ElementsOf(&b.Records[0])); ok; e, rest, ok = flow.NextElement(rest) {
		elements = append(elements, e)
	}
	r := b.Records[0]
	r.ElementsOff, r.ElementsLen = 0, 0
	return r, elements
}

// randomFields makes fields of all kinds: those with a place in the record in their usual and in odd sizes, and unknown ones.
func randomFields(rnd *rand.Rand) (fields []template.Field, size int) {
	widths := []uint16{0, 1, 2, 3, 4, 4, 6, 8, 8, 12, 16, 16, 40}
	pens := []uint32{0, 0, 0, 0, 0, 9, 29305, 4242}
	for range 1 + rnd.IntN(30) {
		f := template.Field{PEN: pens[rnd.IntN(len(pens))], ID: uint16(1 + rnd.IntN(360)), Length: widths[rnd.IntN(len(widths))]}
		if f.PEN == 0 && rnd.IntN(50) == 0 {
			f.ID = 40001 + uint16(rnd.IntN(5))
		}
		fields = append(fields, f)
		size += int(f.Length)
	}
	return fields, size
}

// TestHeadAndTailAgree: the compiled head of a template and the path for fields behind one of variable length do the same. Here
// a variable field of no bytes in front moves all others to the tail.
func TestHeadAndTailAgree(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		fields, size := randomFields(rnd)
		if size == 0 {
			continue
		}
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(rnd.IntN(256))
		}
		head, headElements := decode(t, fields, data)
		tail, tailElements := decode(t, append([]template.Field{{PEN: 4242, ID: 1, Length: template.VariableLength}}, fields...), append([]byte{0}, data...))
		if d := cmp.Diff(head, tail); d != "" {
			t.Errorf("seed %d, %v: records (-head +tail):\n%s", seed, fields, d)
		}
		if d := cmp.Diff(headElements, tailElements); d != "" {
			t.Errorf("seed %d, %v: elements (-head +tail):\n%s", seed, fields, d)
		}
		if t.Failed() {
			return
		}
	}
}

// TestNothingIsThrownAway: every field that no rule of the record takes is an element with its very bytes, in order.
func TestNothingIsThrownAway(t *testing.T) {
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		var fields []template.Field
		var data []byte
		var want []flow.Element
		for i := range 1 + rnd.IntN(20) {
			n := rnd.IntN(20)
			value := bytes.Repeat([]byte{byte(i + 1)}, n)
			f := template.Field{PEN: 4242, ID: uint16(i), Length: uint16(n)} // of an enterprise that nobody knows
			if rnd.IntN(4) == 0 {
				f.Length = template.VariableLength
				data = append(data, byte(n))
			}
			fields = append(fields, f)
			data = append(data, value...)
			if n > 0 {
				want = append(want, flow.Element{PEN: f.PEN, ID: f.ID, Value: value})
			}
		}
		if len(data) == 0 {
			continue
		}
		_, got := decode(t, fields, data)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
	}
}
