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

// TestListed asks more than a hundred questions by name, on every kind of server.
func TestListed(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		conformance.RunListed(t, opener(s, func(*engine.Config) {}))
	})
}

// TestConformance asks random questions. Each server is asked one half of the suite, records here and sessions below: what differs between
// servers is how they are asked, which the listed questions show.
func TestConformance(t *testing.T) {
	conformance.Run(t, opener(start(t, servertest.Elasticsearch), func(*engine.Config) {}))
}

func TestSessionConformance(t *testing.T) {
	s := start(t, servertest.OpenSearch)
	conformance.RunSessions(t, func(t *testing.T, told []*flow.SessionBatch) conformance.SessionEngine {
		t.Helper()
		cfg := s.config()
		cfg.Sessions = s.index(t, document.Session, 2)
		for _, b := range told {
			s.put(t, cfg.Sessions, s.sessions(b)...)
		}
		return s.open(t, cfg)
	})
}
