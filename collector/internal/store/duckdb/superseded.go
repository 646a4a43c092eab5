//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"strings"
)

// A session that is told of once has no id_hi. Now and then such a row is superseded all the same: when a capture is replayed again
// together with another one that adds to its sessions. From then on the store is known to have such rows, and questions look for them:
// what supersedes them has an id_hi and told, and the same client, server (or the other way round), protocol, Born and type of ICMP.

// supersededName is the entry in the table meta of a store that has such rows.
const supersededName = "superseded sessions"

// loadSuperseded learns whether the store has such rows.
func (s *Store) loadSuperseded(ctx context.Context, c *conn) error {
	n, err := one[int64](ctx, c, "SELECT count(*) FROM meta WHERE name = ?", supersededName)
	s.superseded.Store(n > 0)
	return err
}

// writeSuperseded notes that the transaction supersedes such a row.
func (w *writer) writeSuperseded(ctx context.Context) error {
	if !w.supersedes {
		return nil
	}
	// Questions may look for such rows before there are any.
	w.s.superseded.Store(true)
	n, err := one[int64](ctx, w.conn, "SELECT count(*) FROM meta WHERE name = ?", supersededName)
	if err == nil && n == 0 {
		err = w.conn.exec(ctx, "INSERT INTO meta VALUES (?, '1')", supersededName)
	}
	if err != nil {
		return fmt.Errorf("note superseded sessions: %w", err)
	}
	return nil
}

// whoColumns are what tells sessions apart besides bornSQL and the type of ICMP.
var whoColumns = []string{"client_ip_hi", "client_ip_lo", "client_port", "server_ip_hi", "server_ip_lo", "server_port", "network_iana_number"}

// sessionOrder is query.CompareSessions.
var sessionOrder = "event_start NULLS FIRST, event_start_sub NULLS FIRST, " + strings.Join(whoColumns, ", ") + ", " + bornSQL + ", coalesce(weir_icmp_type, 0)"

// toldColumns returns the columns that say whether a row of a session is its last.
func (s *Store) toldColumns() string {
	if !s.superseded.Load() {
		return "id_hi told"
	}
	return "id_hi told born event_start event_start_sub weir_icmp_type " + strings.Join(whoColumns, " ")
}

// lastOf returns a table expression of the rows that no later one supersedes, of tables that have toldColumns. Few sessions are told of
// more than once, so that knowing what the last of each is costs little.
func lastOf(rows, later, told string) string {
	joins := fmt.Sprintf("LEFT JOIN (SELECT id_hi, max(told) AS last FROM %s WHERE told IS NOT NULL GROUP BY id_hi) AS n ON s.id_hi = n.id_hi", later)
	where := "(n.last IS NULL OR coalesce(s.told, 0) = n.last)"
	if strings.Contains(told, whoColumns[0]) {
		joins += " LEFT JOIN " + laterByWho(later) + " AS w ON s.id_hi IS NULL AND " + sameWho()
		where += " AND w.born IS NULL"
	}
	return "(SELECT s.* FROM " + rows + " AS s " + joins + " WHERE " + where + ")"
}

// laterByWho is a table expression of the sessions of the rows told anew, by who they are, in both directions.
func laterByWho(later string) string {
	rest := bornSQL + " AS born, coalesce(weir_icmp_type, 0) AS icmp FROM " + later + " WHERE told IS NOT NULL"
	swapped := strings.NewReplacer("client_", "server_", "server_", "client_")
	there, back := make([]string, len(whoColumns)), make([]string, len(whoColumns))
	for i, c := range whoColumns {
		there[i], back[i] = c, swapped.Replace(c)+" AS "+c
	}
	// UNION leaves out the same again: a row must not be joined twice.
	return fmt.Sprintf("(SELECT %s, %s UNION SELECT %s, %s)", strings.Join(there, ", "), rest, strings.Join(back, ", "), rest)
}

func sameWho() string {
	var list []string
	for _, c := range whoColumns {
		list = append(list, "s."+c+" = w."+c)
	}
	born := strings.NewReplacer("born", "s.born", "event_start", "s.event_start").Replace(bornSQL)
	return strings.Join(append(list, born+" = w.born", "coalesce(s.weir_icmp_type, 0) = w.icmp"), " AND ")
}
