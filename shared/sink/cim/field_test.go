package cim_test

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/cim"
)

// known fails for members that the table of fields does not have, that do not fit their type, or that repeat, and returns their names.
func known(t *testing.T, kind cim.Kind, text []byte) []string {
	t.Helper()
	fields := map[string]cim.Field{}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, f := range cim.Fields(kind) {
		fields[f.Name] = f
		if v, has := members[f.Name]; f.Always != "" && (!has || v != f.Always) {
			t.Errorf("%s: %s is %v, always %q", kind, f.Name, v, f.Always)
		}
	}
	names := memberNames(t, text)
	for i, name := range names {
		f, ok := fields[name]
		v := members[name]
		_, list := v.([]any)
		switch {
		case slices.Contains(names[:i], name):
			t.Errorf("%s: %s is there twice\n%s", kind, name, text)
		case !ok:
			t.Errorf("%s: %s is not among the fields", kind, name)
		case list != f.List:
			t.Errorf("%s: %s is a list: %v", kind, name, list)
		case !fits(&f, v):
			t.Errorf("%s: %s is %v, no %s", kind, name, v, f.Type)
		}
	}
	if !strings.HasPrefix(string(text), `{"timestamp":`) || strings.Contains(string(text), "\n") {
		t.Errorf("%s: no line that begins with its time: %s", kind, text)
	}
	return names
}

func memberNames(t *testing.T, text []byte) (names []string) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
	}
	return names
}

var macForm = regexp.MustCompile(`^[0-9a-f]{2}(:[0-9a-f]{2}){5}$`)

func fits(f *cim.Field, v any) bool {
	if list, ok := v.([]any); ok {
		return len(list) > 0 && !slices.ContainsFunc(list, func(one any) bool { return !fits(f, one) })
	}
	text, isText := v.(string)
	switch f.Type {
	case "number", "time":
		_, ok := v.(float64)
		return ok
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "object":
		_, ok := v.(map[string]any)
		return ok
	case "address":
		_, err := netip.ParseAddr(text)
		return err == nil
	case "mac":
		_, err := net.ParseMAC(text)
		return err == nil && macForm.MatchString(text)
	}
	return isText && text != ""
}

// TestEveryFieldOfTheRegistryHasAPlace: told, under the name that searches ask for, or left out with a reason.
func TestEveryFieldOfTheRegistryHasAPlace(t *testing.T) {
	for _, kind := range []cim.Kind{cim.Flow, cim.Traffic, cim.Session} {
		told, out := map[string][]string{}, map[string]string{}
		for _, f := range cim.Fields(kind) {
			for _, name := range f.Registry {
				told[name] = append(told[name], f.Name)
			}
		}
		for _, o := range cim.LeftOut(kind) {
			out[o.Name] = o.Reason
		}
		for _, f := range flow.NewRegistry().Fields() {
			names, reason := told[f.Name], out[f.Name]
			want := filter.SplunkName(f)
			if want == "_time" {
				want = "timestamp"
			}
			has := f.Get != nil
			if kind == cim.Session {
				has = f.OfSession != nil
			}
			switch {
			case (len(names) == 0) == (reason == ""):
				t.Errorf("%s: %s is told as %v, and left out for %q", kind, f.Name, names, reason)
			case len(names) > 0 && !slices.Contains(names, want):
				t.Errorf("%s: %s is %v, searches ask for %s", kind, f.Name, names, want)
			case has && len(names) == 0 && kind != cim.Traffic && !strings.HasPrefix(f.Name, "related."):
				t.Errorf("%s: %s can be asked for and is in no event", kind, f.Name)
			}
		}
	}
}

// TestFieldsAgree: a name has one type and one meaning as to CIM in all kinds, and is written for Splunk: none of its own names, no spaces.
func TestFieldsAgree(t *testing.T) {
	type shape struct {
		typ string
		cim bool
	}
	shapes := map[string]shape{}
	own := []string{"source", "host", "sourcetype", "index", "time", "_time", "_raw", "linecount", "punct", "eventtype", "tag", "splunk_server"}
	name := regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)
	for _, kind := range cim.Kinds() {
		seen := map[string]bool{}
		for _, f := range cim.Fields(kind) {
			if seen[f.Name] {
				t.Errorf("%s: %s is listed twice", kind, f.Name)
			}
			seen[f.Name] = true
			is := shape{f.Type, f.CIM}
			if was, known := shapes[f.Name]; known && was != is && f.Name != "dvc" {
				t.Errorf("%s is %v and %v", f.Name, was, is)
			}
			shapes[f.Name] = is
			if f.Doc == "" || f.Type == "" || f.Example == "" {
				t.Errorf("%s: %s has no type, words or example", kind, f.Name)
			}
			if slices.Contains(own, f.Name) || !name.MatchString(f.Name) {
				t.Errorf("%s: Splunk has its own %s, or does not take it", kind, f.Name)
			}
		}
	}
}

// TestEventsOfRecords: random records have no fields beyond the table, and together all of it.
func TestEventsOfRecords(t *testing.T) {
	rng, encoder := rand.New(rand.NewPCG(71, 72)), cim.NewEncoder(cim.Config{})
	b := filtertest.RandomBatch(rng, 500)
	seen := map[cim.Kind]map[string]bool{cim.Flow: {}, cim.Session: {}}
	for i := range b.Records {
		for _, name := range known(t, cim.Flow, encoder.AppendFlow(nil, b, &b.Records[i])) {
			seen[cim.Flow][name] = true
		}
	}
	s := filtertest.LastStates(filtertest.RandomSessions(rng, 500))
	for i := range s.Sessions {
		one := &s.Sessions[i]
		one.Truncated = i%7 == 0
		part := cim.Part{Number: uint32(i % 3), Start: one.Start, Bytes: 5}
		for _, name := range known(t, cim.Session, encoder.AppendSession(nil, s, one, part)) {
			seen[cim.Session][name] = true
		}
	}
	for kind, names := range seen {
		for _, f := range cim.Fields(kind) {
			if !names[f.Name] {
				t.Errorf("%s: no event has %s", kind, f.Name)
			}
		}
	}
}

// TestNoAllocations: events of records and sessions are made in memory that is there.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Log("not counted: the race detector drops pooled values at random")
		return
	}
	rng, encoder := rand.New(rand.NewPCG(73, 74)), cim.NewEncoder(cim.Config{})
	b, s, dst := filtertest.RandomBatch(rng, 200), filtertest.LastStates(filtertest.RandomSessions(rng, 200)), make([]byte, 0, 1<<16)
	allocs := testing.AllocsPerRun(5, func() {
		for i := range b.Records {
			encoder.AppendFlow(dst, b, &b.Records[i])
			encoder.AppendTraffic(dst, b, &b.Records[i], 3)
		}
		for i := range s.Sessions {
			encoder.AppendSession(dst, s, &s.Sessions[i], cim.Whole(&s.Sessions[i]))
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations for 600 events", allocs)
	}
}

func BenchmarkAppendFlow(b *testing.B) {
	batch, encoder := filtertest.RandomBatch(rand.New(rand.NewPCG(75, 76)), 1000), cim.NewEncoder(cim.Config{})
	dst := make([]byte, 0, 1<<16)
	b.ReportAllocs()
	for i := range b.N {
		dst = encoder.AppendFlow(dst[:0], batch, &batch.Records[i%1000])
	}
}
