package pipeline_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/pipeline"
)

// TestGeoThroughPipeline: the files that the configuration names are opened by Start, and records carry what they tell.
func TestGeoThroughPipeline(t *testing.T) {
	cfg := defaultConfig()
	cfg.Geo.Country, cfg.Geo.ASN = "../enrich/geo/testdata/lite.mmdb", "../enrich/geo/testdata/lite.mmdb"
	core, err := pipeline.Assemble(cfg, discard())
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	p, err := core.Pipeline(replaying(), pipeline.Sinks{Records: m}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	line := `{"event.end":"2026-03-02T00:00:00Z","event.created":"2026-03-02T00:00:01Z","observer.ip":"192.0.2.9","source.ip":"192.0.2.1","destination.ip":"10.0.0.2","network.iana_number":1,"network.bytes":84,"network.packets":1}`
	path := filepath.Join(t.TempDir(), "ping.jsonl")
	if err := os.WriteFile(path, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Replay(context.Background(), []string{path}, pipeline.ReplayConfig{}), p.Drain(context.Background())); err != nil {
		t.Fatal(err)
	}
	if len(m.records) != 1 {
		t.Fatalf("%d records", len(m.records))
	}
	from, to := m.records[0].Source, m.records[0].Destination
	if from.ASN != 64500 || from.Country != [2]byte{'C', 'H'} || to.ASN != 0 || to.Country != [2]byte{} {
		t.Errorf("source AS %d in %q, destination AS %d in %q", from.ASN, from.Country, to.ASN, to.Country)
	}
	if st := core.Geo.Stats(); st.Lookups != 1 || st.Found != 1 {
		t.Errorf("%+v", st)
	}
}

// TestMissingGeoFile: a pipeline does not start without its files, and nothing of it stays behind.
func TestMissingGeoFile(t *testing.T) {
	cfg := defaultConfig()
	cfg.Geo.ASN = filepath.Join(t.TempDir(), "asn.mmdb")
	core, err := pipeline.Assemble(cfg, discard())
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(replaying(), pipeline.Sinks{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("start: %v", err)
	}
	p.Stop()
	if err := pipeline.CheckFiles(cfg); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("check: %v", err)
	}
}
