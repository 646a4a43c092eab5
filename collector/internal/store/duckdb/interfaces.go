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

// maxPendingMinutes is how many minutes may wait for a commit that does not come.
const maxPendingMinutes = 1 << 20

// WriteInterfaces takes minutes of interfaces, to be committed with the records or within Config.CommitEvery. Those whose commit
// fails are written with the next one.
func (s *Store) WriteInterfaces(_ context.Context, list []interfaces.Minute) error {
	w := s.writer
	if w == nil {
		return store.ErrReadOnly
	}
	if err := w.enter(); err != nil {
		return err
	}
	defer w.mu.Unlock()
	if len(w.minutes)+len(list) > maxPendingMinutes {
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
	numbers [10][]uint64 // of numberColumns
	at      []int64      // µs
	seconds []float64
	late    []float64
	amounts [amounts][]float64
	name    []string
	alias   []string
}

func (r *minuteRows) add(m *interfaces.Minute, version uint64) {
	hi, lo := m.Exporter.Words()
	for i, v := range [len(numberColumns)]uint64{hi, lo, uint64(m.Kind), uint64(m.Index), uint64(m.Source), m.Run, m.Speed, uint64(m.Admin), uint64(m.Oper), version} {
		r.numbers[i] = append(r.numbers[i], v)
	}
	r.at, r.seconds, r.late = append(r.at, m.At/1000), append(r.seconds, m.Seconds), append(r.late, m.Late)
	r.name, r.alias = append(r.name, m.Name), append(r.alias, m.Alias)
	for i, v := range valuesOf(m) {
		value := float64(interfaces.Unknown)
		if v != nil {
			value = *v
		}
		r.amounts[i] = append(r.amounts[i], value)
	}
}

// valuesOf returns where the amounts of a minute are, in the order of amountColumns; nil for what it has not.
func valuesOf(m *interfaces.Minute) (list [amounts]*float64) {
	i, o := &m.In, &m.Out
	copy(list[:], []*float64{
		&i.Octets, &i.Framing, &i.Unicast, &i.Multicast, &i.Broadcast, &i.Discards, &i.Errors,
		&o.Octets, &o.Framing, &o.Unicast, &o.Multicast, &o.Broadcast, &o.Discards, &o.Errors, &i.Variance, &o.Variance,
	})
	if e := m.Ethernet; e != nil {
		values := e.List()
		copy(list[firstEthernet:], values[:])
	}
	if g := m.Gauges; g != nil {
		copy(list[firstGauge:], []*float64{
			&g.Samples, &g.Load5s.Mean, &g.Load5s.Peak, &g.Load1m.Mean, &g.Load1m.Peak, &g.Load5m.Mean, &g.Load5m.Peak, &g.Memory, &g.FreeMemory,
		})
	}
	return list
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
	columns, values, args := []string{"begins", "seconds", "late", "name", "alias", "stored"}, []string{
		"make_timestamp(unnest(?))", "unnest(?)", "unnest(?)", "unnest(?)", "unnest(?)", "?::TIMESTAMP",
	}, []any{r.at, r.seconds, r.late, r.name, r.alias, stored}
	add := func(column, value string, arg any) {
		columns, values, args = append(columns, column), append(values, value), append(args, arg)
	}
	for i, name := range numberColumns {
		add(name, "unnest(?)", r.numbers[i])
	}
	for i, name := range amountColumns {
		add(name, fmt.Sprintf("nullif(unnest(?), %d)", interfaces.Unknown), r.amounts[i])
	}
	return c.exec(ctx, "INSERT INTO interfaces ("+strings.Join(columns, ", ")+") SELECT "+strings.Join(values, ", "), args...)
}

// Interfaces implements [query.InterfaceReader].
func (s *Store) Interfaces(ctx context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	sums, err := query.NewInterfaceSums(q)
	if err != nil {
		return nil, err
	}
	err = s.readers.read(ctx, weightless, func(c *conn) error {
		if there, err := hasInterfaces(ctx, c); err != nil || !there {
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
	from, err := interfacesNow(ctx, c)
	if err != nil {
		return err
	}
	where, args := minutesWhere(q)
	r, err := c.query(ctx, `SELECT exporter_hi, exporter_lo, if_index, begins, source, run, seconds, late, name, alias, speed, admin, oper, coalesce(kind, 0::UTINYINT), `+
		strings.Join(amountColumns[:], ", ")+" FROM "+from+" WHERE "+where+
		` QUALIFY row_number() OVER (PARTITION BY exporter_hi, exporter_lo, if_index, begins, source, run ORDER BY version DESC) = 1
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
		Name: r.text(8), Alias: r.text(9), Speed: get[uint64](r, 10), Admin: flow.InterfaceStatus(get[uint8](r, 11)), Oper: flow.InterfaceStatus(get[uint8](r, 12)),
		Kind: interfaces.Kind(get[uint8](r, 13)),
	}
	const first = 14
	tells := func(from, to int) bool {
		for i := from; i < to; i++ {
			if !r.null(first + i) {
				return true
			}
		}
		return false
	}
	if tells(firstEthernet, firstGauge) {
		m.Ethernet = &interfaces.EthernetErrors{}
	}
	if tells(firstGauge, amounts) {
		m.Gauges = &interfaces.Gauges{}
	}
	for i, at := range valuesOf(&m) {
		switch {
		case at == nil:
		case r.null(first + i):
			*at = interfaces.Unknown
		default:
			*at = get[float64](r, first+i)
		}
	}
	return m
}

func minutesWhere(q query.InterfaceQuestion) (where string, args []any) {
	kind, _ := interfaces.ParseKind(q.Kind) // the question has been checked
	terms := []string{"coalesce(kind, 0) = ?"}
	args = append(args, uint64(kind))
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
