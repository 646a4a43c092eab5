//go:build cgo

package duckdb_test

import (
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// open opens a store that commits only when told to, in a folder that goes with the test.
func open(t *testing.T, cfg store.Config, deps store.Deps) *duckdb.Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.CommitEvery == 0 {
		cfg.CommitEvery = time.Hour
	}
	cfg.Threads = 3
	s, err := duckdb.Open(t.Context(), cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// addDatagrams gives each record of the batch the datagram that its event.id names, and the datagrams their streams of the account.
func addDatagrams(b *flow.Batch, account *flow.Account) *flow.Batch {
	index := map[flow.DatagramID]uint32{}
	for i := range b.Records {
		r := &b.Records[i]
		at, ok := index[r.ID.Datagram]
		if !ok {
			at = uint32(len(b.Datagrams))
			index[r.ID.Datagram] = at
			stream := account.Stream(flow.StreamKey{Exporter: r.Exporter, Domain: r.Domain, Protocol: r.Protocol})
			b.Datagrams = append(b.Datagrams, flow.Datagram{
				ID: r.ID.Datagram, Exporter: r.Exporter, Domain: r.Domain, Protocol: r.Protocol, Stream: stream, Exported: r.Created,
				Received: r.Created, Mark: flow.StreamMark{Key: stream.Key, Next: at + 1, Known: true, Order: r.Created},
			})
		}
		r.Meta = at
		d := &b.Datagrams[at]
		d.Records++
		d.Stream.Records.Add(1)
		d.Stream.InFlight.Add(1)
	}
	return b
}

// part returns records from to of the batch as a batch of its own.
func part(b *flow.Batch, from, to int) *flow.Batch {
	out := flow.NewBatch(to-from, b.Symbols)
	for i := from; i < to; i++ {
		r := out.Grow()
		*r = b.Records[i]
		r.ElementsOff = uint32(len(out.Elements))
		out.Elements = append(out.Elements, b.ElementsOf(&b.Records[i])...)
	}
	return out
}

func write(t *testing.T, s *duckdb.Store, b *flow.Batch) {
	t.Helper()
	if err := s.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestConformance holds the engine to the reference over records that are hot, sealed, and half and half, then with rollups of what is sealed.
func TestConformance(t *testing.T) {
	for name, sealed := range map[string]float64{"hot": 0, "sealed": 1, "mixed": 0.5} {
		t.Run(name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T, b *flow.Batch) query.Engine {
				cfg := store.Config{}
				if sealed == 0.5 {
					cfg.RollupRows, cfg.ApproximateRows = 1, 1
				}
				s := open(t, cfg, store.Deps{Symbols: b.Symbols})
				n := int(float64(len(b.Records)) * sealed)
				account := flow.NewAccount()
				write(t, s, addDatagrams(part(b, 0, n), account))
				if err := s.SealAll(t.Context()); err != nil {
					t.Fatal(err)
				}
				write(t, s, addDatagrams(part(b, n, len(b.Records)), account))
				return s
			})
		})
	}
}

// TestListedQuestions asks the listed questions across the border of hot and sealed records, and again after a restart.
func TestListedQuestions(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		t.Run(map[bool]string{false: "hot and sealed", true: "after a restart"}[restarted], func(t *testing.T) {
			conformance.RunListed(t, func(t *testing.T, b *flow.Batch) query.Engine {
				cfg, deps := store.Config{Dir: t.TempDir(), CommitEvery: time.Hour, RollupRows: 1, ApproximateRows: 1}, store.Deps{Symbols: b.Symbols}
				s := open(t, cfg, deps)
				half, account := len(b.Records)/2, flow.NewAccount()
				write(t, s, addDatagrams(part(b, 0, half), account))
				if err := s.SealAll(t.Context()); err != nil {
					t.Fatal(err)
				}
				write(t, s, addDatagrams(part(b, half, len(b.Records)), account))
				if !restarted {
					return s
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				return open(t, cfg, deps)
			})
		})
	}
}
