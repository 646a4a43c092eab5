package document_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// known fails for members that the table of fields does not have, and returns the document.
func known(t *testing.T, kind document.Kind, text []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	fields := map[string]document.Field{}
	for _, f := range document.Fields(kind) {
		fields[f.Name] = f
		if v, has := doc[f.Name]; f.Always != "" && (!has || !holds(v, f.Always)) {
			t.Errorf("%s: %s is %v, always %q", kind, f.Name, v, f.Always)
		}
	}
	for name, v := range doc {
		f, ok := fields[name]
		if !ok {
			t.Errorf("%s: %s is not among the fields", kind, name)
		}
		if _, list := v.([]any); list && !f.List && name != "observer.ip" {
			t.Errorf("%s: %s is a list", kind, name)
		}
		if !fits(f.Type, v) {
			t.Errorf("%s: %s is %v, no %s", kind, name, v, f.Type)
		}
	}
	return doc
}

func holds(v any, want string) bool {
	if list, ok := v.([]any); ok {
		return len(list) > 0 && list[0] == want
	}
	return v == want
}

// fits tells whether a server takes the value for the type.
func fits(typ string, v any) bool {
	if list, ok := v.([]any); ok {
		for _, one := range list {
			if !fits(typ, one) {
				return false
			}
		}
		return len(list) > 0
	}
	switch typ {
	case "ip":
		_, err := netip.ParseAddr(v.(string))
		return err == nil
	case "long", "double":
		n, ok := v.(float64)
		return ok && (typ == "double" || math.Abs(n) <= math.MaxInt64)
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "object", "flattened":
		_, ok := v.(map[string]any)
		return ok
	case "keyword":
		_, number := v.(float64)
		_, text := v.(string)
		return number || text
	}
	_, ok := v.(string)
	return ok
}

// TestRecordsReadBack: a record comes back from its document as it comes back from its own JSON, and again from the same document with
// nested names.
func TestRecordsReadBack(t *testing.T) {
	rng, reg, e, reader := rand.New(rand.NewPCG(1, 2)), flow.NewRegistry(), document.NewEncoder(document.Config{Tenant: "north"}), document.NewReader()
	for range 20 {
		b := filtertest.RandomBatch(rng, 50)
		for i := range b.Records {
			own := flow.AppendJSON(nil, reg, b, &b.Records[i])
			doc := e.AppendRecord(nil, b, &b.Records[i])
			known(t, document.Flow, doc)
			want := flow.NewBatch(1, flow.NewSymbols())
			if err := flow.ParseJSON(own, reg, want); err != nil {
				t.Fatal(err)
			}
			for _, text := range [][]byte{doc, nested(t, doc)} {
				got := flow.NewBatch(1, flow.NewSymbols())
				n, err := reader.Record(text, got)
				if err != nil || n != 1 {
					t.Fatalf("%d, %v\n%s", n, err, text)
				}
				if diff := cmp.Diff(shown(reg, want), shown(reg, got)); diff != "" {
					t.Fatalf("%s\n%s", diff, text)
				}
			}
		}
	}
}

// shown is a record with its lists in order of their members: servers may sort them.
func shown(reg *flow.Registry, b *flow.Batch) map[string]any {
	var doc map[string]any
	_ = json.Unmarshal(flow.AppendJSON(nil, reg, b, &b.Records[0]), &doc)
	return doc
}

// nested is a document as servers that keep no source show it: objects in place of dotted names.
func nested(t *testing.T, text []byte) []byte {
	t.Helper()
	var flat map[string]json.RawMessage
	if err := json.Unmarshal(text, &flat); err != nil {
		t.Fatal(err)
	}
	root := map[string]any{}
	for name, v := range flat {
		at, parts := root, strings.Split(name, ".")
		for _, p := range parts[:len(parts)-1] {
			if at[p] == nil {
				at[p] = map[string]any{}
			}
			at = at[p].(map[string]any)
		}
		at[parts[len(parts)-1]] = v
	}
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCountersBeyondLong: what no long holds is cut, so that the document is taken.
func TestCountersBeyondLong(t *testing.T) {
	b := flow.NewBatch(1, flow.NewSymbols())
	r := b.Grow()
	r.Present, r.SamplingInterval, r.End = flow.HasBytes|flow.HasReverseBytes, 1, 1e18
	r.Source.Bytes, r.Destination.Bytes, r.Bytes, r.RawBytes = math.MaxUint64-1, 1, math.MaxUint64, math.MaxUint64
	doc := document.NewEncoder(document.Config{}).AppendRecord(nil, b, r)
	if !strings.Contains(string(doc), `"network.bytes":9223372036854775807,`) || !strings.Contains(string(doc), `"source.bytes":9223372036854775807,`) {
		t.Errorf("%s", doc)
	}
	if r.Bytes != math.MaxUint64 {
		t.Error("the record was changed")
	}
	if _, err := document.NewReader().Record(doc, flow.NewBatch(1, flow.NewSymbols())); err != nil {
		t.Error(err)
	}
}

func TestSumsTellTheirRecords(t *testing.T) {
	b := filtertest.RandomBatch(rand.New(rand.NewPCG(1, 2)), 1)
	doc := document.NewEncoder(document.Config{}).AppendSum(nil, b, &b.Records[0], 17)
	if n, err := document.NewReader().Record(doc, flow.NewBatch(1, flow.NewSymbols())); n != 17 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestEventType(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(r *flow.Record)
		want string
	}{
		"plain":             {func(*flow.Record) {}, `["connection"]`},
		"denied":            {func(r *flow.Record) { r.Present, r.FirewallEvent = flow.HasFirewallEvent, 3 }, `["connection","denied"]`},
		"created":           {func(r *flow.Record) { r.Present, r.FirewallEvent = flow.HasFirewallEvent, 1 }, `["connection","start","allowed"]`},
		"deleted":           {func(r *flow.Record) { r.Present, r.FirewallEvent = flow.HasFirewallEvent, 2 }, `["connection","end"]`},
		"dropped by router": {func(r *flow.Record) { r.Present, r.ForwardingStatus = flow.HasForwardingStatus, 130 }, `["connection","denied"]`},
		"forwarded":         {func(r *flow.Record) { r.Present, r.ForwardingStatus = flow.HasForwardingStatus, 64 }, `["connection"]`},
	} {
		b := flow.NewBatch(1, flow.NewSymbols())
		r := b.Grow()
		c.set(r)
		if doc := string(document.NewEncoder(document.Config{}).AppendRecord(nil, b, r)); !strings.Contains(doc, `"event.type":`+c.want) {
			t.Errorf("%s: %s", name, doc)
		}
	}
}

// TestEncodingDoesNotAllocate.
func TestEncodingDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's pools allocate")
	}
	rng, e := rand.New(rand.NewPCG(1, 2)), document.NewEncoder(document.Config{Tenant: "north"})
	b, told := filtertest.RandomBatch(rng, 50), filtertest.LastStates(filtertest.RandomSessions(rng, 50))
	buf := make([]byte, 0, 1<<20)
	if n := testing.AllocsPerRun(20, func() {
		buf = buf[:0]
		for i := range b.Records {
			buf = e.AppendRecord(buf, b, &b.Records[i])
		}
		for i := range told.Sessions {
			buf = e.AppendSession(buf, told, &told.Sessions[i])
		}
	}); n > 0 {
		t.Errorf("%g allocations for 100 documents", n)
	}
}
