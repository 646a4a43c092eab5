package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

func TestPartNames(t *testing.T) {
	p := store.Part{Kind: store.Flows, Hour: store.PartHour(time.Date(2026, 3, 2, 8, 59, 59, 0, time.UTC)), N: 12}
	if p.Table() != "flows_2026030208_12" || p.Path() != "flows/date=2026-03-02/hour=08/part-12.parquet" {
		t.Errorf("%s, %s", p.Table(), p.Path())
	}
	for _, parse := range []func() (store.Part, bool){
		func() (store.Part, bool) { return store.ParseTable(p.Table()) },
		func() (store.Part, bool) { return store.ParsePath(p.Path()) },
	} {
		if back, ok := parse(); !ok || back != p {
			t.Errorf("%v %v, should be %v", back, ok, p)
		}
	}
	for _, bad := range []string{"flows_none", "flows_2026030299_1", "flows_2026030208_0", "flows_2026030208_1; DROP TABLE x", "names"} {
		if _, ok := store.ParseTable(bad); ok {
			t.Errorf("%q is no name of a part", bad)
		}
	}
	for _, bad := range []string{"flows/date=2026-13-02/hour=08/part-1.parquet", "flows/part-1.parquet", "flows/date=2026-03-02/hour=08/part-1.parquet.tmp", "/flows/date=2026-03-02/hour=08/part-1.parquet"} {
		if _, ok := store.ParsePath(bad); ok {
			t.Errorf("%q is no sealed file", bad)
		}
	}
}

// TestEveryFieldHasColumns proves that nothing of a record is lost: fields are in columns, or follow from others that are.
func TestEveryFieldHasColumns(t *testing.T) {
	columns := map[string]int{}
	names, known := map[string]bool{}, map[string]bool{}
	for _, c := range store.Columns() {
		columns[c.Field]++
		if names[c.Name] {
			t.Errorf("two columns %s", c.Name)
		}
		names[c.Name] = true
	}
	virtual := map[string]string{
		"@timestamp": "event.end", "network.transport": "network.iana_number", "weir.tcp.flags": "weir.tcp.flags_bits",
		"related.ip": "source.ip", "related.port": "source.port",
	}
	for _, f := range flow.NewRegistry().Fields() {
		switch {
		case f.Scope == flow.ScopeSession: // sessions are made of records when they are asked for
		case virtual[f.Name] != "":
			if columns[virtual[f.Name]] == 0 {
				t.Errorf("%s follows from %s, which has no column", f.Name, virtual[f.Name])
			}
		case columns[f.Name] == 0:
			t.Errorf("%s has no column", f.Name)
		}
		known[f.Name] = true
	}
	for field := range columns {
		if !known[field] {
			t.Errorf("a column holds %s, which is no field", field)
		}
	}
}

func TestOverlaps(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 8, minute, 0, 0, time.UTC) }
	f := store.Sealed{EventMin: at(10), EventMax: at(20)}
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     bool
	}{
		{"no bounds", time.Time{}, time.Time{}, true}, {"within", at(12), at(13), true}, {"around", at(1), at(30), true},
		{"before", at(1), at(10), false}, {"after", at(21), at(30), false}, {"ends with its first record", at(1), at(10).Add(1), true},
		{"begins with its last", at(20), at(30), true}, {"open end", at(21), time.Time{}, false}, {"open start", time.Time{}, at(10), false},
	} {
		if got := f.Overlaps(c.from, c.to); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestRetention(t *testing.T) {
	f := store.Sealed{CommitTo: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	day := 24 * time.Hour
	if f.Expired(f.CommitTo.Add(day), day) || !f.Expired(f.CommitTo.Add(day+1), day) || f.Expired(f.CommitTo.Add(9*day), 0) {
		t.Error("a file is kept for the retention after its last commit, or for ever")
	}
}

func TestConfig(t *testing.T) {
	if _, err := (store.Config{}).Complete(); err == nil {
		t.Error("a store needs a folder")
	}
	if _, err := (store.Config{Dir: "x", SealRows: -1}).Complete(); err == nil {
		t.Error("a negative limit makes no sense")
	}
	c, err := store.Config{Dir: "x", CommitRows: 5}.Complete()
	want := store.DefaultConfig("x")
	want.CommitRows = 5
	if err != nil || c != want {
		t.Errorf("%+v, %v; should be %+v", c, err, want)
	}
}

func TestPublish(t *testing.T) {
	dir, rel := t.TempDir(), "flows/date=2026-03-02/hour=08/part-1.parquet"
	path := filepath.Join(dir, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Publish(dir, rel); err == nil {
		t.Error("there was nothing to publish")
	}
	if err := os.WriteFile(store.TempPath(path), []byte("records"), 0o644); err != nil {
		t.Fatal(err)
	}
	size, err := store.Publish(dir, rel)
	if err != nil || size != 7 {
		t.Errorf("%d bytes, %v", size, err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "records" {
		t.Errorf("%q, %v", text, err)
	}
}
