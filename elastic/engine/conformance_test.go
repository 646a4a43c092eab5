package engine_test

import (
	"testing"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// opener returns what opens an engine over records, with caps as set.
func opener(s *server, set func(*engine.Config)) conformance.Open {
	return func(t *testing.T, b *flow.Batch) query.Engine {
		t.Helper()
		cfg := s.config()
		cfg.Flows = s.index(t, document.Flow, 2)
		cfg.Sessions = s.index(t, document.Session, 1)
		s.put(t, cfg.Flows, s.records(b)...)
		set(&cfg)
		return s.open(t, cfg)
	}
}

// TestListed asks more than a hundred questions by name, on every kind of server, of the data streams that weir-elastic setup makes there: where
// the server has it, of the kind that keeps no source.
func TestListed(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.setUp(t)
		conformance.RunListed(t, func(t *testing.T, b *flow.Batch) query.Engine {
			t.Helper()
			cfg := engine.ConfigOf(s.namespace(t))
			cfg.OpenSearch = s.config().OpenSearch
			s.put(t, cfg.Flows, s.records(b)...)
			e := s.open(t, cfg)
			checkRecords(t, e, b)
			return e
		})
	})
}

// checkRecords wants all records back as they were.
func checkRecords(t *testing.T, e query.Engine, b *flow.Batch) {
	t.Helper()
	q := query.Question{AllCopies: true, Limit: 1000}
	want, err := conformance.NewReference(b).Records(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Records(t.Context(), q)
	if err != nil || len(got.Records) != len(want.Records) {
		t.Fatalf("%d records, should be %d: %v", len(got.Records), len(want.Records), err)
	}
	reg := flow.NewRegistry()
	for i := range got.Records {
		a, b := flow.AppendJSON(nil, reg, got, &got.Records[i]), flow.AppendJSON(nil, reg, want, &want.Records[i])
		if string(a) != string(b) {
			t.Fatalf("record %d is\n%s\nshould be\n%s", i, a, b)
		}
	}
}

// TestConformance asks random questions. Each server is asked one half of the suite, records here and sessions below: what differs between
// servers is how they are asked, which the listed questions show.
func TestConformance(t *testing.T) {
	conformance.Run(t, opener(start(t, servertest.Elasticsearch), func(*engine.Config) {}))
}

func TestSessionConformance(t *testing.T) {
	s := start(t, servertest.OpenSearch)
	s.setUp(t)
	conformance.RunSessions(t, func(t *testing.T, told []*flow.SessionBatch) conformance.SessionEngine {
		t.Helper()
		cfg := engine.ConfigOf(s.namespace(t))
		cfg.OpenSearch = true
		for _, b := range told {
			s.put(t, cfg.Sessions, s.sessions(b)...)
		}
		return s.open(t, cfg)
	})
}
