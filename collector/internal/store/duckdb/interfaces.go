//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

// interfacesTable makes the table of what passed interfaces. Rows are appended: of those of an interface, minute, source and run that
// with the greatest version counts. NULL is an amount that is not known. A folder of an earlier version gets the table when it
// is opened for writing.
const interfacesTable = `CREATE TABLE IF NOT EXISTS interfaces (exporter_hi UBIGINT, exporter_lo UBIGINT, if_index UINTEGER, begins TIMESTAMP, source UTINYINT,
	run UBIGINT, seconds DOUBLE, late DOUBLE, ` + "in_octets DOUBLE, in_framing DOUBLE, in_unicast DOUBLE, in_multicast DOUBLE, in_broadcast DOUBLE, in_discards DOUBLE, in_errors DOUBLE, " +
	"out_octets DOUBLE, out_framing DOUBLE, out_unicast DOUBLE, out_multicast DOUBLE, out_broadcast DOUBLE, out_discards DOUBLE, out_errors DOUBLE, " +
	`name VARCHAR, alias VARCHAR, speed UBIGINT, admin UTINYINT, oper UTINYINT, stored TIMESTAMP, version UBIGINT)`

// amounts are the columns of amounts, in the order of the table.
const amounts = 14

// maxPendingMinutes is how many minutes may wait for a commit that does not come.
const maxPendingMinutes = 1 << 20

// WriteInterfaces takes minutes of interfaces, to be committed with the records or within Config.CommitEvery. Those whose commit
// fails are written with the next one.
func (s *Store) WriteInterfaces(_ context.Context, list []interfaces.Minute) error {
	w := s.writer
	if w == nil {
		return store.ErrReadOnly
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return store.ErrClosed
	case len(w.minutes)+len(list) > maxPendingMinutes:
		return fmt.Errorf("%d minutes of interfaces wait for their commit", len(w.minutes))
	}
	w.minutes = append(w.minutes, list...)
	if !w.open && len(list) > 0 {
		w.timer.Reset(w.s.cfg.CommitEvery)
	}
	return nil
}

// minuteRows are minutes by column.
type minuteRows struct {
	numbers [9][]uint64 // exporter_hi, exporter_lo, if_index, source, run, speed, admin, oper, version
	at      []int64     // µs
	seconds []float64
	late    []float64
	amounts [amounts][]float64
	name    []string
	alias   []string
}

func (r *minuteRows) add(m *interfaces.Minute, version uint64) {
	hi, lo := m.Exporter.Words()
	for i, v := range [9]uint64{hi, lo, uint64(m.Index), uint64(m.Source), m.Run, m.Speed, uint64(m.Admin), uint64(m.Oper), version} {
		r.numbers[i] = append(r.numbers[i], v)
	}
	r.at, r.seconds, r.late = append(r.at, m.At/1000), append(r.seconds, m.Seconds), append(r.late, m.Late)
	r.name, r.alias = append(r.name, m.Name), append(r.alias, m.Alias)
	for i, v := range amountsOf(m) {
		r.amounts[i] = append(r.amounts[i], *v)
	}
}

func amountsOf(m *interfaces.Minute) [amounts]*float64 {
	i, o := &m.In, &m.Out
	return [amounts]*float64{
		&i.Octets, &i.Framing, &i.Unicast, &i.Multicast, &i.Broadcast, &i.Discards, &i.Errors,
		&o.Octets, &o.Framing, &o.Unicast, &o.Multicast, &o.Broadcast, &o.Discards, &o.Errors,
	}
}

// minutesAtOnce is how many minutes a statement takes.
const minutesAtOnce = 8192

// writeMinutes appends the minutes that wait.
func (w *writer) writeMinutes(ctx context.Context) error {
	stored := w.s.deps.Now()
	for from := 0; from < len(w.minutes); from += minutesAtOnce {
		var r minuteRows
		for i := from; i < min(from+minutesAtOnce, len(w.minutes)); i++ {
			r.add(&w.minutes[i], w.nextVersion())
		}
		if err := r.write(ctx, w.conn, stored); err != nil {
			return fmt.Errorf("minutes of interfaces: %w", err)
		}
	}
	return nil
}

func (r *minuteRows) write(ctx context.Context, c *conn, stored time.Time) error {
	n := &r.numbers
	args := []any{n[0], n[1], n[2], r.at, n[3], n[4], r.seconds, r.late}
	for i := range r.amounts {
		args = append(args, r.amounts[i])
	}
	args = append(args, r.name, r.alias, n[5], n[6], n[7], stored, n[8])
	return c.exec(ctx, "INSERT INTO interfaces SELECT unnest(?), unnest(?), unnest(?)::UINTEGER, make_timestamp(unnest(?)), unnest(?)::UTINYINT, unnest(?), unnest(?), unnest(?), "+
		strings.Repeat(fmt.Sprintf("nullif(unnest(?), %d), ", interfaces.Unknown), amounts)+
		"unnest(?), unnest(?), unnest(?), unnest(?)::UTINYINT, unnest(?)::UTINYINT, ?::TIMESTAMP, unnest(?)", args...)
}

// Interfaces implements [query.InterfaceReader].
func (s *Store) Interfaces(ctx context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	sums, err := query.NewInterfaceSums(q)
	if err != nil {
		return nil, err
	}
	err = s.readers.read(ctx, func(c *conn) error {
		there, err := one[int64](ctx, c, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'interfaces'")
		if err != nil || there == 0 { // an earlier version's folder, opened for reading
			return err
		}
		return readMinutes(ctx, c, q, sums.Add)
	})
	if err != nil {
		return nil, err
	}
	return sums.Answer(), nil
}

// readMinutes gives the latest row of each minute to take, by interface.
func readMinutes(ctx context.Context, c *conn, q query.InterfaceQuestion, take func(*interfaces.Minute)) error {
	where, args := minutesWhere(q)
	r, err := c.query(ctx, `SELECT exporter_hi, exporter_lo, if_index, begins, source, run, seconds, late,
		in_octets, in_framing, in_unicast, in_multicast, in_broadcast, in_discards, in_errors,
		out_octets, out_framing, out_unicast, out_multicast, out_broadcast, out_discards, out_errors, name, alias, speed, admin, oper
		FROM interfaces WHERE `+where+` QUALIFY row_number() OVER (PARTITION BY exporter_hi, exporter_lo, if_index, begins, source, run ORDER BY version DESC) = 1
		ORDER BY exporter_hi, exporter_lo, if_index, begins, source, run`, args...)
	if err != nil {
		return err
	}
	defer r.close()
	for r.next() {
		m := readMinute(r)
		take(&m)
	}
	return nil
}

func readMinute(r *rows) interfaces.Minute {
	m := interfaces.Minute{
		Exporter: flow.AddrFromWords(get[uint64](r, 0), get[uint64](r, 1)), Index: get[uint32](r, 2), At: get[int64](r, 3) * 1000,
		Source: interfaces.Source(get[uint8](r, 4)), Run: get[uint64](r, 5), Seconds: get[float64](r, 6), Late: get[float64](r, 7),
	}
	for i, at := range amountsOf(&m) {
		*at = interfaces.Unknown
		if !r.null(8 + i) {
			*at = get[float64](r, 8+i)
		}
	}
	const after = 8 + amounts
	m.Name, m.Alias, m.Speed = r.text(after), r.text(after+1), get[uint64](r, after+2)
	m.Admin, m.Oper = flow.InterfaceStatus(get[uint8](r, after+3)), flow.InterfaceStatus(get[uint8](r, after+4))
	return m
}

func minutesWhere(q query.InterfaceQuestion) (where string, args []any) {
	terms := []string{"true"}
	add := func(term string, values ...any) { terms, args = append(terms, term), append(args, values...) }
	if !q.From.IsZero() {
		add("begins >= ?::TIMESTAMP", q.From)
	}
	if !q.To.IsZero() {
		add("begins < ?::TIMESTAMP", q.To)
	}
	if q.Index != nil {
		add("if_index = ?", uint64(*q.Index))
	}
	if ip, err := netip.ParseAddr(q.Exporter); err == nil {
		hi, lo := flow.AddrFromNetip(ip).Words()
		add("exporter_hi = ? AND exporter_lo = ?", hi, lo)
	}
	return strings.Join(terms, " AND "), args
}

// expireEvery is how often minutes beyond retention are looked for.
const expireEvery = time.Hour

// expireMinutes deletes minutes that were stored before the retention period.
func (s *Store) expireMinutes(ctx context.Context) error {
	now := s.deps.Now()
	if s.cfg.Retention == 0 || now.Sub(s.minutesExpired) < expireEvery {
		return nil
	}
	err := s.writer.alone(ctx, func(c *conn) error {
		return c.exec(ctx, "DELETE FROM interfaces WHERE stored < ?::TIMESTAMP", now.Add(-s.cfg.Retention))
	})
	if err != nil {
		return fmt.Errorf("let go of expired minutes of interfaces: %w", err)
	}
	s.minutesExpired = now
	return nil
}
