//go:build cgo

package duckdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/weirflow/weir/collector/internal/store/seen"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// streamRows are rows of the table streams, by column.
type streamRows struct {
	id, protocol, counters            []string
	hi, lo, domain, next, known, wait []uint64
	order                             []int64
}

func (l *streamRows) add(m flow.StreamMark, counters []byte) {
	hi, lo := m.Key.Exporter.Words()
	protocol := m.Key.Protocol.String()
	l.id = append(l.id, fmt.Sprintf("%s/%d/%s", m.Key.Source(), m.Key.Domain, protocol))
	l.protocol, l.counters = append(l.protocol, protocol), append(l.counters, string(counters))
	l.hi, l.lo, l.domain = append(l.hi, hi), append(l.lo, lo), append(l.domain, uint64(m.Key.Domain))
	known := uint64(0)
	if m.Known {
		known = 1
	}
	l.next, l.known, l.wait = append(l.next, uint64(m.Next)), append(l.known, known), append(l.wait, uint64(m.Waiting))
	l.order = append(l.order, m.Order)
}

// size is about how much room the rows take.
func (l *streamRows) size() (n int) {
	for i := range l.id {
		n += len(l.counters[i]) + 100
	}
	return n
}

// latest returns the part of a question that leaves only the newest row of each id of streams, alerts or hot. Rows are never deleted
// one by one: they are appended with the records of their transaction, by the same means, and so are as durable as those.
func latest(table string) string {
	return "(SELECT * FROM " + table + " QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1)"
}

// write appends the rows; they stand for their ids from now on.
func (l *streamRows) write(ctx context.Context, w *writer) error {
	if len(l.id) == 0 {
		return nil
	}
	return w.conn.exec(ctx, `INSERT INTO streams SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?) = 1, unnest(?), unnest(?), unnest(?), ?::UBIGINT`,
		l.id, l.hi, l.lo, l.domain, l.protocol, l.next, l.known, l.order, l.wait, l.counters, w.nextVersion())
}

// nextVersion returns a version beyond all rows of streams and alerts.
func (w *writer) nextVersion() uint64 {
	w.version++
	return w.version
}

func (w *writer) loadVersion(ctx context.Context) (err error) {
	w.version, err = one[uint64](ctx, w.conn, "SELECT coalesce(max(version), 0)::UBIGINT FROM (SELECT version FROM streams UNION ALL SELECT version FROM alerts UNION ALL SELECT version FROM hot UNION ALL SELECT version FROM interfaces)")
	return err
}

// writeStreams writes the marks and accounts of the transaction's streams, as they are once it is committed.
func (w *writer) writeStreams(ctx context.Context) (err error) {
	var list streamRows
	w.settlement.Streams(func(stream *flow.Stream, m flow.StreamMark, gain flow.Gain) {
		if known := w.streams[anyPort(m.Key)]; known != nil {
			m.Order = max(m.Order, known.Top())
		}
		w.marks[m.Key] = m
		if e := w.addAccount(&list, stream, m, gain, nil); e != nil {
			err = e
		}
	})
	if err != nil {
		return err
	}
	w.replaced += list.size()
	return list.write(ctx, w)
}

// addAccount adds the account of a stream; health goes with the last one alone, as it says the same at every commit.
func (w *writer) addAccount(list *streamRows, stream *flow.Stream, m flow.StreamMark, gain flow.Gain, h *health.Stream) error {
	e := query.ExporterOf(stream)
	asOf(&e, stream, m, gain)
	settle(&e, gain)
	e.Health = h
	e = e.After(w.s.restart.exporters[m.Key])
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("account of exporter %s: %w", e.IP, err)
	}
	list.add(m, text)
	return nil
}

// writeAccounts writes the accounts of all streams of the running pipeline.
func (w *writer) writeAccounts(ctx context.Context) error {
	if w.s.deps.Account == nil {
		return nil
	}
	var list streamRows
	for _, stream := range w.s.deps.Account.Streams() {
		m := w.marks[stream.Key]
		m.Key, m.Counts = stream.Key, flow.Counts{} // nothing is in flight any more
		if err := w.addAccount(&list, stream, m, flow.Gain{}, w.s.deps.Health(stream.Key)); err != nil {
			return err
		}
	}
	return w.conn.transaction(ctx, func() error { return list.write(ctx, w) })
}

// stream returns what is remembered of a datagram's stream.
func (w *writer) stream(d *flow.Datagram) *seen.Stream {
	key := flow.StreamKey{Exporter: d.Exporter, Domain: d.Domain, Protocol: d.Protocol}
	if d.Stream != nil {
		key = d.Stream.Key
	}
	key = anyPort(key)
	s := w.streams[key]
	if s == nil {
		s = seen.NewStream(0)
		w.streams[key] = s
	}
	return s
}

// anyPort is the key under which the order of datagrams is remembered: whether devices behind an address are told apart by port may
// change, and what they sent before is stored all the same.
func anyPort(key flow.StreamKey) flow.StreamKey {
	key.Port = 0
	return key
}

// maxReplaced is how much room rows of streams and alerts may take that stand behind later ones.
const maxReplaced = 32 << 20

// sealedRoom is about the room that a checkpoint takes for the rows added to small tables: a block or two of the file, in which they stay
// until their table is written anew.
const sealedRoom = 512 << 10

// compact writes the tables of streams, alerts and hot files' rows anew with only the rows that count, when the others take much room,
// and the manifests, whose rows lie scattered.
func (w *writer) compact(ctx context.Context) {
	if w.replaced < maxReplaced {
		return
	}
	w.replaced = 0
	err := w.conn.transaction(ctx, func() error {
		for _, table := range []string{"streams", "alerts", "hot"} {
			if err := w.conn.exec(ctx, "CREATE OR REPLACE TABLE "+table+" AS FROM "+latest(table)); err != nil {
				return err
			}
		}
		for _, table := range []string{"sealed", "rollups", "rollup_days"} {
			if err := w.conn.exec(ctx, "CREATE OR REPLACE TABLE "+table+" AS FROM "+table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.s.deps.Log.Warn("compact streams, alerts and rows of hot files", "error", err) // they only take more room
	}
}
