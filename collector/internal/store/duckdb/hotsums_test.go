//go:build cgo

package duckdb

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// summed makes a batch of records that sums tell apart, of three minutes. Some are left out of sums, some have no end, and some lie just at the
// bounds of questions.
func summed(account *flow.Account, symbols *flow.Symbols, datagram uint64, n int) *flow.Batch {
	b := applications(account, symbols, datagram, n)
	rng := rand.New(rand.NewPCG(datagram, 1))
	services := []flow.Symbol{0, symbols.Intern("https"), symbols.Intern("a service with quite a long name"), symbols.Intern("another one with a long name")}
	for i := range b.Records {
		r := &b.Records[i]
		r.End = upgradeNow().UnixNano() + (45_000*int64(datagram-1)+45_000*int64(i)/int64(n)+rng.Int64N(100))*1e6 + rng.Int64N(2)*rng.Int64N(1e6)
		r.Exporter, r.Present = flow.AddrFrom4(1+rng.Uint32N(2)), flow.HasEnd|flow.HasBytes|flow.HasPackets
		r.Service, r.Direction, r.Source.Country = services[rng.IntN(len(services))], flow.Direction(rng.IntN(3)), [2]byte{'D', 'E'}
		r.Bytes, r.Packets = rng.Uint64N(1500), 1
		switch {
		case i%50 == 1:
			r.Bytes = math.MaxUint64 - 7
		case i%50 == 2:
			r.Invalid = flow.Reason(1)
		case i%50 == 3:
			r.DuplicateOf = flow.EventID{Datagram: r.ID.Datagram, Record: 1}
			r.Present |= flow.HasDuplicateOf
		case i%50 == 4:
			r.Destination.Bytes = r.Bytes / 3
			r.Source.Bytes = r.Bytes - r.Destination.Bytes
		case i%50 == 5 && datagram == 3:
			r.Present &^= flow.HasEnd
			r.End = 0
		}
	}
	return b
}

// sumQuestions are what sums of blocks answer, over all and over ranges that cut blocks.
func sumQuestions() []query.Question {
	var list []query.Question
	at := func(d time.Duration) time.Time { return upgradeNow().Add(d) }
	for _, span := range [][2]time.Time{{}, {at(0), at(time.Hour)}, {at(18 * time.Second), at(2 * time.Minute)}, {at(30*time.Second + 500*time.Microsecond), at(150*time.Second + 1)}, {at(-time.Hour), at(179 * time.Second)}} {
		for _, by := range [][]string{nil, {"network.protocol"}, {"observer.ip", "network.direction"}, {"source.geo.country_iso_code"}} {
			for _, measure := range []query.Measure{query.Flows, query.Bytes} {
				q := query.Question{From: span[0], To: span[1], By: by, Measure: measure, Limit: 5}
				list = append(list, q)
				if q.From.IsZero() {
					continue // what has no end counts as of 1970
				}
				q.Interval, q.Filter = "1m", "not network.direction : outbound"
				list = append(list, q)
				q.Filter = `network.protocol : (https or "another one with a long name")`
				list = append(list, q)
			}
		}
	}
	return list
}

// TestSumsOfBlocks: they give what the rows give, whatever comes in between, until their file is sealed.
func TestSumsOfBlocks(t *testing.T) {
	symbols := flow.NewSymbols()
	sums := openInternal(t, store.Config{RollupRows: 32}, store.Deps{Now: upgradeNow, Symbols: symbols})
	rows := openInternal(t, store.Config{RollupRows: math.MaxInt64 / sumBlockRows}, store.Deps{Now: upgradeNow, Symbols: symbols})
	accounts := map[*Store]*flow.Account{sums: flow.NewAccount(), rows: flow.NewAccount()}
	for datagram, n := range []int{5000, 300, 4000, 7000} {
		for s, account := range accounts {
			if err := s.WriteBatch(t.Context(), summed(account, symbols, uint64(datagram+1), n)); err != nil {
				t.Fatal(err)
			}
			if err := s.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sameAnswers(t, sums, rows)
	}
	if n := sums.hotFiles.sums.bytes.Load(); n == 0 {
		t.Error("there are no sums")
	}
	if err := sums.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := sums.hotFiles.sums.bytes.Load(); n != 0 || len(sums.hotFiles.sums.lent) > 0 || rows.hotFiles.sums.bytes.Load() > 0 {
		t.Errorf("%d bytes of sums are left, %d tables are lent", n, len(sums.hotFiles.sums.lent))
	}
}

// TestSumsOfLostRows: sums that were made before rows were lost do not stand for these any more.
func TestSumsOfLostRows(t *testing.T) {
	symbols := flow.NewSymbols()
	s := openInternal(t, store.Config{RollupRows: 32}, store.Deps{Now: upgradeNow, Symbols: symbols, Log: slog.New(slog.DiscardHandler)})
	if err := s.WriteBatch(t.Context(), summed(flow.NewAccount(), symbols, 1, 5000)); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := query.Question{Measure: query.Flows}
	before := totalOf(t, s, q)
	if s.hotFiles.sums.bytes.Load() == 0 {
		t.Fatal("there are no sums")
	}
	parts, _ := s.files.snapshot()
	view := parts[0].file.View(parts[0].rows.Load())
	first, rows := view.Chunk(0)
	for range 2 {
		if !s.hotFiles.lose(parts[0].part.Table(), first, int64(rows), errors.New("a bad sector")) {
			t.Fatal("the rows are not left out")
		}
	}
	if n := s.hotFiles.sums.bytes.Load(); n != 0 {
		t.Errorf("%d bytes of sums are left", n)
	}
	if after := totalOf(t, s, q); after >= before || after+uint64(rows) < before {
		t.Errorf("%d records of %d, when %d rows were lost", after, before, rows)
	}
}

func totalOf(t *testing.T, s *Store, q query.Question) uint64 {
	t.Helper()
	res, err := s.Aggregate(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := res.Rows[0][len(res.Rows[0])-1].(uint64)
	return n
}

func sameAnswers(t *testing.T, a, b *Store) {
	t.Helper()
	for _, q := range sumQuestions() {
		x, err := a.Aggregate(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		y, err := b.Aggregate(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		x.Loss, y.Loss = query.Loss{}, query.Loss{}
		if !reflect.DeepEqual(x, y) {
			t.Errorf("%+v: by sums\n%v\nby rows\n%v", q, brief(fmt.Sprint(x)), brief(fmt.Sprint(y)))
		}
	}
}

// TestTooManySums: a block that has as many sums as records is read by these.
func TestTooManySums(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{RollupRows: 128}, store.Deps{Now: upgradeNow}), flow.NewAccount(), flow.NewSymbols()
	const n = 2 * sumBlockRows * 128
	b := applications(account, symbols, 1, n)
	for i := range b.Records {
		b.Records[i].Service, b.Records[i].Present = symbols.Intern(fmt.Sprintf("service %d", i)), flow.HasEnd
	}
	if err := s.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	res, err := s.Aggregate(t.Context(), query.Question{By: []string{"network.protocol"}, Measure: query.Flows, Limit: query.MaxLimit})
	if st := s.Stats(); err != nil || len(res.Rows) != n || st.HotSumBytes != 0 || st.HotSumsRefused != 2 {
		t.Errorf("%d rows, %+v, %v", len(res.Rows), st, err)
	}
}

// TestSumsThatAreNotThere: a statement that comes too late gets an error.
func TestSumsThatAreNotThere(t *testing.T) {
	s := openInternal(t, store.Config{}, store.Deps{})
	if _, err := one[int64](t.Context(), s.writer.side, "SELECT count(*) FROM weir_hot_sums(7)"); err == nil || !strings.Contains(err.Error(), "no such sums") {
		t.Errorf("%v", err)
	}
}
