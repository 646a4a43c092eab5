//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/session"
)

// Sessions implements [query.SessionReader].
func (s *Store) Sessions(ctx context.Context, q query.Question) (*flow.SessionBatch, error) {
	p, err := q.PrepareSessions(s.reg)
	if err != nil {
		return nil, err
	}
	where, args, err := sessionCondition(&p)
	if err != nil {
		return nil, err
	}
	s.counts.questions.Add(1)
	out := &flow.SessionBatch{Symbols: s.symbols()}
	of := s.contents(store.Sessions)
	err = s.readers.read(ctx, weighsPages, func(c *conn) error {
		pages, err := s.pager(ctx, c, &of, &wanted{from: p.From, to: p.To, hosts: neededHosts(p.Node, true)})
		if err != nil {
			return err
		}
		pages.limit = p.Limit
		later, told := s.laterPieces(pages.stock.sealed, &p), s.toldColumns()
		return pages.page(ctx, func(x prefix) (int, error) {
			if err := pages.narrow(ctx, x.pieces, criterion{where, args}); err != nil {
				return 0, err
			}
			bound, bounds := x.condition(pages.key)
			out.Sessions = out.Sessions[:0]
			// A later telling begins no later: those that supersede rows which count are in the prefix, too.
			in := slices.DeleteFunc(slices.Clone(later), func(p piece) bool { return !x.holds(&p) })
			from := lastOf(pages.table(&x, x.pieces, spanOfPlan(&p), of.list("")), pages.table(&x, in, always, told), told)
			r, err := c.query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s ORDER BY %s LIMIT ? OFFSET ?",
				of.list(""), from, where, bound, sessionOrder), slices.Concat(args, bounds, []any{p.Limit, p.Offset})...)
			if err != nil {
				return 0, err
			}
			defer r.close()
			loadSessions(of.fields, r, out)
			return len(out.Sessions), nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	exporters, err := s.Exporters(ctx)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	query.AddClocks(out.Sessions, exporters)
	return out, nil
}

// lastTold returns a table expression of the last states of sessions with an end in the plan's range; others may be among them.
func (s *Store) lastTold(ctx context.Context, c *conn, p *query.Plan, statement string) (string, error) {
	of := s.contents(store.Sessions)
	st, err := s.stockOf(ctx, c, &of)
	if err != nil {
		return "", err
	}
	told := s.toldColumns()
	statement += " " + told
	pieces := s.pieces(st.sealed, of.kind, &wanted{from: p.From, to: p.To, hosts: neededHosts(p.Node, true)})
	rows := tableOf(append(st.hotSelects(spanOfPlan(p), statement), of.selects(pieces, statement)...), of.none())
	later := tableOf(append(st.hotSelects(always, told), of.selects(s.laterPieces(st.sealed, p), told)...), of.none())
	return lastOf(rows, later, told), nil
}

// laterPieces returns the pieces with rows that tell anew of sessions that the plan may select. What supersedes a row may lie behind
// the range, and has the same hosts.
func (s *Store) laterPieces(sealed manifest, p *query.Plan) []piece {
	return s.pieces(sealed, store.Sessions, &wanted{from: p.From, hosts: neededHosts(p.Node, false), told: true})
}

// loadSessions reads rows of all columns into the batch, and fills in what follows from others.
func loadSessions(fields []stored, r *rows, b *flow.SessionBatch) {
	for r.nextChunk() {
		first := len(b.Sessions)
		b.Sessions = append(b.Sessions, make([]flow.Session, r.size)...)
		list := b.Sessions[first:]
		out := output{mem: sessionMemory(list), symbols: b.Symbols}
		column := 0
		for i := range fields {
			width := len(fields[i].columns)
			fields[i].load(r.cols[column:column+width], &out)
			column += width
		}
		for i := range list {
			complete(&list[i])
		}
	}
}

func complete(s *flow.Session) {
	for int(s.ExporterCount) < len(s.Exporters) && !s.Exporters[s.ExporterCount].IsZero() {
		s.ExporterCount++
	}
	s.ID = session.IDOf(s)
}

// sessionCondition returns the WHERE clause of a plan about sessions, with its parameters: range and filter.
func sessionCondition(p *query.Plan) (string, []any, error) {
	terms := []string{"TRUE"}
	var args []any
	if text, list := timeRange(p); text != "" {
		terms, args = append(terms, text), append(args, list...)
	}
	text, list, err := filter.SQL(p.Node, sessionColumnsOf)
	if err != nil {
		return "", nil, &query.Error{Part: "filter", Text: err.Error()}
	}
	return strings.Join(append(terms, text), " AND "), append(args, list...), nil
}

// Expressions of what sessions have or not, see flow.Session.
const (
	withPorts = "(network_iana_number = 6 OR network_iana_number NOT IN (1, 58) AND (client_port <> 0 OR server_port <> 0))"
	withICMP  = "network_iana_number IN (1, 58)"
	withTCP   = "network_iana_number = 6"
)

// sessionColumnsOf says where the store keeps a field of sessions.
func sessionColumnsOf(f *flow.Field) []filter.Column {
	if f.OfSession == nil {
		return nil
	}
	one := func(form filter.Form, parts ...string) []filter.Column {
		return []filter.Column{{Form: form, Parts: parts}}
	}
	if side, name, ok := sideOf(f.Name); ok {
		return sideColumns(f, side, name)
	}
	switch f.Name {
	case "@timestamp", "event.end":
		return one(filter.FormTime, "event_end", "coalesce(event_end_sub, 0)")
	case "event.start", "session.start":
		return one(filter.FormTime, "event_start", "coalesce(event_start_sub, 0)")
	case "event.duration":
		return one(filter.FormUint, "CAST(greatest((epoch_us(event_end) - epoch_us(event_start)) * 1000 + coalesce(event_end_sub, 0) - coalesce(event_start_sub, 0), 0) AS UBIGINT)")
	case "network.transport":
		return one(filter.FormTransport, "network_iana_number")
	case "network.bytes", "network.packets":
		name := strings.TrimPrefix(f.Name, "network.")
		return one(filter.FormUint, fmt.Sprintf("CAST(least(CAST(client_%s AS HUGEINT) + server_%s, %d) AS UBIGINT)", name, name, uint64(math.MaxUint64)))
	case "weir.direction.confidence":
		return one(filter.FormFloat, "coalesce(weir_direction_confidence, 0)")
	case "weir.tcp.flags":
		return one(filter.FormFlags, onlyIf(withTCP, bothFlags))
	case "weir.tcp.flags_bits":
		return one(filter.FormUint, onlyIf(withTCP, bothFlags))
	case "weir.icmp.type", "weir.icmp.code":
		return one(filter.FormUint, onlyIf(withICMP, "coalesce("+strings.ReplaceAll(f.Name, ".", "_")+", 0)"))
	case "observer.ip":
		var list []filter.Column
		for i := range flow.MaxSessionExporters {
			list = append(list, filter.Column{Form: filter.FormAddress, Parts: []string{fmt.Sprintf("exporter%d_hi", i+1), fmt.Sprintf("exporter%d_lo", i+1)}})
		}
		return list
	case "related.ip":
		return append(one(filter.FormAddress, "client_ip_hi", "client_ip_lo"), one(filter.FormAddress, "server_ip_hi", "server_ip_lo")...)
	case "related.port":
		return append(one(filter.FormUint, onlyIf(withPorts, "client_port")), one(filter.FormUint, onlyIf(withPorts, "server_port"))...)
	}
	return plainColumn(f, strings.ReplaceAll(f.Name, ".", "_"))
}

const bothFlags = "(coalesce(client_tcp_flags_bits, 0) | coalesce(server_tcp_flags_bits, 0))"

func onlyIf(condition, column string) string {
	return "CASE WHEN " + condition + " THEN " + column + " END"
}

// sideOf cuts a field's name into the side that it is of, client or server, and what it says of it.
func sideOf(field string) (side, name string, ok bool) {
	for _, s := range []struct{ prefix, side string }{
		{"client.", "client"}, {"source.", "client"}, {"server.", "server"}, {"destination.", "server"},
		{"weir.client.", "client"}, {"weir.server.", "server"}, {"weir.source.", "client"}, {"weir.destination.", "server"},
	} {
		if name, ok := strings.CutPrefix(field, s.prefix); ok {
			return s.side, name, true
		}
	}
	return "", "", false
}

func sideColumns(f *flow.Field, side, name string) []filter.Column {
	one := func(form filter.Form, parts ...string) []filter.Column {
		return []filter.Column{{Form: form, Parts: parts}}
	}
	switch name {
	case "ip":
		return one(filter.FormAddress, side+"_ip_hi", side+"_ip_lo")
	case "port":
		return one(filter.FormUint, onlyIf(withPorts, side+"_port"))
	case "bytes", "packets":
		return one(filter.FormUint, side+"_"+name)
	case "tcp.flags":
		return one(filter.FormFlags, onlyIf(withTCP, "coalesce("+side+"_tcp_flags_bits, 0)"))
	}
	return plainColumn(f, strings.ReplaceAll(f.Name, ".", "_"))
}
