//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func openInternal(t *testing.T, cfg store.Config, deps store.Deps) *Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.CommitEvery == 0 {
		cfg.CommitEvery = time.Hour
	}
	s, err := Open(t.Context(), cfg, deps)
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

// applications returns a batch of n records of one datagram with names of applications.
func applications(account *flow.Account, symbols *flow.Symbols, datagram uint64, n int) *flow.Batch {
	b := flow.NewBatch(n, symbols)
	stream := account.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(1), Protocol: flow.IPFIX})
	id := flow.DatagramID{Hi: datagram, Lo: datagram}
	b.Datagrams = append(b.Datagrams, flow.Datagram{
		ID: id, Exporter: stream.Key.Exporter, Protocol: flow.IPFIX, Stream: stream, Records: uint32(n), Exported: int64(datagram),
		Mark: flow.StreamMark{Next: uint32(datagram), Known: true, Order: int64(datagram)},
	})
	for i := range n {
		r := b.Grow()
		r.ID, r.End = flow.EventID{Datagram: id, Record: uint32(i)}, int64(i+1)*1e9
		r.Application = symbols.Intern(fmt.Sprintf("application %d of datagram %d", i, datagram))
	}
	stream.Records.Add(uint64(n))
	stream.InFlight.Add(int64(n))
	return b
}

func flows(t *testing.T, s *Store, filter string) uint64 {
	t.Helper()
	res, err := s.Aggregate(t.Context(), query.Question{Filter: filter, Measure: query.Flows})
	if err != nil {
		t.Fatal(err)
	}
	return res.Rows[0][0].(uint64)
}

// TestATransactionThatFails: its records count as dropped, are not taken for stored when they come again, and the store goes on.
func TestATransactionThatFails(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	write := func(datagram uint64) error {
		if err := s.WriteBatch(t.Context(), applications(account, symbols, datagram, 5)); err != nil {
			return err
		}
		return s.Flush(t.Context())
	}
	if err := write(1); err != nil {
		t.Fatal(err)
	}
	rename := func(from, to string) {
		t.Helper()
		s.writer.mu.Lock()
		defer s.writer.mu.Unlock()
		if err := s.writer.conn.exec(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
			t.Fatal(err)
		}
	}
	rename("names", "elsewhere")
	if err := s.WriteAlerts(t.Context(), []flow.Alert{{ID: "a", State: flow.AlertActive}}); err != nil {
		t.Fatal(err)
	}
	if write(2) == nil {
		t.Fatal("a commit without its table should fail")
	}
	stream := account.Streams()[0]
	if stream.Dropped[flow.DroppedStore].Load() != 5 || stream.Stored.Load() != 5 || stream.InFlight.Load() != 0 {
		t.Errorf("dropped %d, stored %d, in flight %d", stream.Dropped[flow.DroppedStore].Load(), stream.Stored.Load(), stream.InFlight.Load())
	}
	rename("elsewhere", "names")
	for _, datagram := range []uint64{2, 1, 3} {
		if err := write(datagram); err != nil {
			t.Fatal(err)
		}
	}
	if stream.Stored.Load() != 15 || stream.AlreadyStored.Load() != 5 {
		t.Errorf("stored %d, already stored %d; should be 15, 5", stream.Stored.Load(), stream.AlreadyStored.Load())
	}
	if n := flows(t, s, `network.application : "application 4 of datagram 2"`); n != 1 {
		t.Errorf("the name of the failed transaction is found %d times", n)
	}
	if alerts, err := s.Alerts(t.Context(), query.AlertQuestion{}); err != nil || len(alerts) != 1 {
		t.Errorf("the alert of the failed transaction: %v, %v", alerts, err)
	}
}

// TestNamesSurvive: numbers of names mean the same after a restart and when symbols have other numbers.
func TestNamesSurvive(t *testing.T) {
	dir := t.TempDir()
	for run := range 3 {
		s, err := Open(context.Background(), store.Config{Dir: dir}, store.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		symbols := flow.NewSymbols()
		for i := range run * 3 {
			symbols.Intern(fmt.Sprint("in the way ", i))
		}
		for datagram := range uint64(2) {
			if err := s.WriteBatch(t.Context(), applications(flow.NewAccount(), symbols, uint64(run)*2+datagram+1, 4)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for datagram := range run*2 + 2 {
			if n := flows(t, s, fmt.Sprintf(`network.application : "application 3 of datagram %d"`, datagram+1)); n != 1 {
				t.Errorf("run %d: the name of datagram %d is found %d times", run, datagram+1, n)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAccountsAddUpOverRuns: what is shown of an exporter counts all runs of the folder.
func TestAccountsAddUpOverRuns(t *testing.T) {
	dir := t.TempDir()
	for run := range uint64(3) {
		account := flow.NewAccount()
		s := openInternal(t, store.Config{Dir: dir}, store.Deps{Account: account})
		account.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(2)}).Refused.Add(flow.RefusedVersion, 1)
		b := applications(account, flow.NewSymbols(), run+1, 6)
		b.Records[0].Invalid = flow.InvalidFuture
		if err := s.WriteBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		for _, moment := range []string{"in flight", "committed"} {
			list, err := s.Exporters(t.Context())
			if err != nil || len(list) != 2 {
				t.Fatalf("%v, %v", list, err)
			}
			for _, e := range list {
				aside := e.SetAside[flow.InvalidFuture.String()]
				if e.Records != e.Stored+aside+uint64(e.InFlight) {
					t.Errorf("run %d, %s: %+v", run, moment, e)
				}
				if e.Protocol == "ipfix" && e.Records != (run+1)*6 {
					t.Errorf("run %d, %s: %d records", run, moment, e.Records)
				}
				if e.Protocol == "" && e.Refused["version"] != run+1 {
					t.Errorf("run %d, %s: refused %v", run, moment, e.Refused)
				}
			}
			if err := s.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplacedRowsAreCompacted: streams and alerts are written over and over, and their tables stay small; so does the manifest, whose
// rows come one by one.
func TestReplacedRowsAreCompacted(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	for datagram := range uint64(3) {
		s.writer.replaced = maxReplaced
		if err := s.WriteBatch(t.Context(), applications(account, symbols, datagram+1, 1)); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.writer.replaced != 0 {
			t.Error("not compacted")
		}
		if err := s.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := flows(t, s, ""); n != 3 {
		t.Errorf("%d records by the manifest written anew", n)
	}
	if list, err := s.Exporters(t.Context()); err != nil || len(list) != 1 || list[0].Stored != 3 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestColumnsComeWhenTheyAreNeeded: a table has what its records need, and questions see NULL for the rest.
func TestColumnsComeWhenTheyAreNeeded(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	plain := applications(account, symbols, 1, 2)
	rich := applications(account, symbols, 2, 2)
	rich.Records[1].VLAN, rich.Records[1].Present = 77, flow.HasVLAN
	later := applications(account, symbols, 3, 1)
	for i, b := range []*flow.Batch{plain, rich, later} {
		if err := s.WriteBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if has := s.writer.flows.app.columns; len(has) > 20 {
			t.Errorf("after batch %d the file has %d columns", i, len(has))
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := flows(t, s, "network.vlan.id : 77"), flows(t, s, "not network.vlan.id : *"); a != 1 || b != 4 {
		t.Errorf("%d records with a VLAN, %d without", a, b)
	}
	if n := flows(t, s, "source.mac : *"); n != 0 {
		t.Errorf("%d records have a field that no record had", n)
	}
}
