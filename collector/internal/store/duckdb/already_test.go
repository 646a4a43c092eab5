//go:build cgo

package duckdb_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// capture is what an exporter sent: datagrams with two sets of records each. It makes batches afresh, as a decoder would.
type capture struct {
	datagrams int
	protocol  flow.Protocol
	account   *flow.Account
	symbols   *flow.Symbols
	taken     int // datagrams that an earlier run took: the mark does not go back
}

const (
	setsPerDatagram = 2
	recordsPerSet   = 5
)

func newCapture(datagrams int, p flow.Protocol) *capture {
	return &capture{datagrams: datagrams, protocol: p, account: flow.NewAccount(), symbols: flow.NewSymbols()}
}

func (c *capture) records() int { return c.datagrams * setsPerDatagram * recordsPerSet }

// again returns the same capture for another run of the program.
func (c *capture) again() *capture { return newCapture(c.datagrams, c.protocol) }

// datagram appends the records of some sets of a datagram.
func (c *capture) datagram(b *flow.Batch, n int, sets ...uint16) {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	id := flow.DatagramID{Hi: rng.Uint64(), Lo: rng.Uint64()}
	stream := c.account.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(0xc0000201), Domain: 7, Protocol: c.protocol})
	second := int64(1_772_438_400+n/3) * 1e9 // several datagrams have the same export time
	d := flow.Datagram{
		ID: id, Exporter: stream.Key.Exporter, Domain: 7, Protocol: c.protocol, Received: second, Exported: second, Stream: stream,
		Records: uint32(len(sets) * recordsPerSet), Mark: flow.StreamMark{Key: stream.Key, Next: uint32(max(n+1, c.taken)), Known: true, Order: second},
	}
	if c.protocol == flow.SFlow5 {
		d.Exported, d.HasUptime, d.Uptime = 0, true, uint32(n*10)
		d.Mark.Order = int64(d.Uptime)
	}
	b.Datagrams = append(b.Datagrams, d)
	for _, set := range sets {
		for i := range recordsPerSet {
			r := b.Grow()
			r.Meta, r.ID = uint32(len(b.Datagrams)-1), flow.EventID{Datagram: id, Set: set, Record: uint32(i)}
			r.End, r.Start, r.Created, r.Exporter, r.Domain, r.Protocol = second-1e9, second-2e9, second, d.Exporter, 7, c.protocol
			r.Bytes, r.Present = 100, flow.HasBytes
			r.Source.Bytes, r.RawBytes = 100, 100
			stream.Records.Add(1)
			stream.InFlight.Add(1)
		}
	}
}

// play writes datagrams from to of the capture, a few a batch.
func (c *capture) play(t *testing.T, s *duckdb.Store, from, to int, sets ...uint16) {
	t.Helper()
	for n := from; n < to; {
		b := flow.NewBatch(64, c.symbols)
		for ; n < to && len(b.Datagrams) < 7; n++ {
			c.datagram(b, n, sets...)
		}
		if err := s.WriteBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// settled wants the account of the capture's stream to add up, with so many records stored and stored before.
func (c *capture) settled(t *testing.T, stored, already int) {
	t.Helper()
	for _, s := range c.account.Streams() {
		if s.Stored.Load() != uint64(stored) || s.AlreadyStored.Load() != uint64(already) || s.InFlight.Load() != 0 {
			t.Errorf("stored %d, already stored %d, in flight %d; should be %d, %d, 0", s.Stored.Load(), s.AlreadyStored.Load(), s.InFlight.Load(), stored, already)
		}
		if s.Records.Load() != s.Stored.Load()+s.AlreadyStored.Load()+s.Dropped.Sum()+s.SetAside.Sum() {
			t.Errorf("the account does not add up: %d records", s.Records.Load())
		}
	}
}

func holds(t *testing.T, s *duckdb.Store, records int) {
	t.Helper()
	ids := map[flow.EventID]bool{}
	b, err := s.Records(t.Context(), query.Question{Limit: query.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Records {
		if ids[b.Records[i].ID] {
			t.Errorf("%s is stored twice", b.Records[i].ID)
		}
		ids[b.Records[i].ID] = true
	}
	if len(b.Records) != records {
		t.Errorf("%d records are stored, should be %d", len(b.Records), records)
	}
}

func TestTheSameCaptureIsStoredOnce(t *testing.T) {
	for _, protocol := range []flow.Protocol{flow.NetFlow9, flow.SFlow5} {
		for name, cfg := range map[string]store.Config{"all in memory": {}, "little memory": {RecentSets: 4}} {
			t.Run(protocol.String()+", "+name, func(t *testing.T) {
				cfg.Dir = t.TempDir()
				first := newCapture(50, protocol)
				s := open(t, cfg, store.Deps{})
				first.play(t, s, 0, 50, 1, 2)
				first.play(t, s, 0, 50, 1, 2)
				first.settled(t, first.records(), first.records())
				holds(t, s, first.records())

				for _, sealed := range []bool{false, true} {
					if sealed {
						if err := s.SealAll(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
					s = open(t, cfg, store.Deps{})
					second := first.again()
					second.play(t, s, 0, 50, 1, 2)
					second.settled(t, 0, second.records())
					holds(t, s, second.records())
				}
			})
		}
	}
}

func TestACaptureCutShortIsCompleted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	first := newCapture(40, flow.IPFIX)
	first.play(t, s, 0, 17, 1, 2)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir}, store.Deps{})
	second := first.again()
	second.play(t, s, 0, 40, 1, 2)
	second.settled(t, 23*setsPerDatagram*recordsPerSet, 17*setsPerDatagram*recordsPerSet)
	holds(t, s, second.records())
}

// TestSetsThatWaited: set 2 of each datagram comes late, when its template has come, in entries of its own; in the second run the
// templates are known from the start, so both come at once.
func TestSetsThatWaited(t *testing.T) {
	for name, cfg := range map[string]store.Config{"all in memory": {}, "little memory": {RecentSets: 4}} {
		t.Run(name, func(t *testing.T) {
			cfg.Dir = t.TempDir()
			s := open(t, cfg, store.Deps{})
			first := newCapture(30, flow.NetFlow9)
			first.play(t, s, 0, 30, 1)
			first.play(t, s, 0, 20, 2) // then the first run is killed: ten sets still wait
			first.settled(t, 50*recordsPerSet, 0)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, cfg, store.Deps{})
			second := first.again()
			second.play(t, s, 0, 30, 1, 2)
			second.settled(t, 10*recordsPerSet, 50*recordsPerSet)
			holds(t, s, second.records())
		})
	}
}

// TestRecordsInAnyOrder: lines of JSON may hold the records of a datagram in any order and over several batches.
func TestRecordsInAnyOrder(t *testing.T) {
	c := newCapture(1, flow.NetFlow9)
	whole := flow.NewBatch(0, c.symbols)
	c.datagram(whole, 0, 1, 2)
	s := open(t, store.Config{}, store.Deps{})
	order := rand.New(rand.NewPCG(5, 5)).Perm(len(whole.Records))
	for round := range 2 {
		for _, i := range order {
			b := part(whole, i, i+1)
			b.Datagrams = append(b.Datagrams, whole.Datagrams[0])
			b.Datagrams[0].Records, b.Records[0].Meta = 1, 0
			b.Datagrams[0].Exported = 0 // no order to go by
			if err := s.WriteBatch(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		holds(t, s, c.records())
		if got := s.Stats().AlreadyStored; got != uint64(round*c.records()) {
			t.Errorf("round %d: %d records already stored", round, got)
		}
	}
}

// TestOneBatchWithRepetitions: a batch may hold the same datagram twice.
func TestOneBatchWithRepetitions(t *testing.T) {
	s := open(t, store.Config{}, store.Deps{})
	c := newCapture(1, flow.NetFlow5)
	b := flow.NewBatch(0, c.symbols)
	for range 3 {
		c.datagram(b, 0, 1, 2)
	}
	write(t, s, b)
	c.settled(t, c.records(), 2*c.records())
	holds(t, s, c.records())
}

// TestAnExporterThatStartsAgain: an sFlow agent's uptime begins at 0 again; its datagrams are new ones.
func TestAnExporterThatStartsAgain(t *testing.T) {
	s := open(t, store.Config{RecentSets: 4}, store.Deps{})
	c := newCapture(60, flow.SFlow5)
	c.play(t, s, 30, 60, 1, 2)
	c.play(t, s, 0, 30, 1, 2)
	c.settled(t, c.records(), 0)
	holds(t, s, c.records())
	if asked := s.Stats().AskedBlocks; asked > 5 {
		t.Errorf("the stored records were searched for %d blocks, which the filter should have answered", asked)
	}
}
