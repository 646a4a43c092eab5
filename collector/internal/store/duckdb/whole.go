//go:build cgo

package duckdb

import (
	"context"
	"fmt"
)

// Row groups of a transaction whose end is missing from the log come back at a restart, though nothing else of it does: DuckDB
// puts them into their table without a transaction (WriteAheadLogDeserializer::ReplayRowGroupData). So each transaction notes how
// many rows its hot table has with it, and a table is cut back to that when the folder is opened.

// writeRows notes how many rows the hot tables have once the transaction is committed.
func (w *writer) writeRows(ctx context.Context) error {
	for _, l := range w.lanes() {
		if l.hot == nil || l.rows == 0 {
			continue
		}
		w.replaced += len(l.hot.part.Table()) + 24
		err := w.conn.exec(ctx, "INSERT INTO hot VALUES (?, ?, ?::UBIGINT)", l.hot.part.Table(), l.hot.rows.Load()+int64(l.rows), w.nextVersion())
		if err != nil {
			return err
		}
	}
	return nil
}

// whole returns how many rows of a hot table were committed, and takes out those that were not.
func (s *Store) whole(ctx context.Context, c *conn, table string) (int64, error) {
	there, err := one[int64](ctx, c, "SELECT count(*) FROM "+table)
	if err != nil {
		return 0, err
	}
	committed, err := one[int64](ctx, c, "SELECT coalesce((SELECT rows FROM "+latest("hot")+" WHERE id = ?), 0)::BIGINT", table)
	if err != nil || there == committed {
		return there, err
	}
	if there < committed {
		s.deps.Log.Error("records that were committed are not there: the database file has been damaged", "table", table, "committed", committed, "there", there)
		return there, nil
	}
	if s.cfg.ReadOnly {
		s.deps.Log.Warn("records of a transaction that did not end are counted until weir run opens the folder", "table", table, "records", there-committed)
		return there, nil
	}
	s.deps.Log.Warn("take out records of a transaction that did not end; they count as missing", "table", table, "records", there-committed)
	return committed, cutBack(ctx, c, table, there-committed)
}

// cutBack deletes the last rows of a table. The log knows nothing of rows that came back without their transaction, so it must be
// written into the file before, lest it delete rows that are not there.
func cutBack(ctx context.Context, c *conn, table string, surplus int64) error {
	for _, sql := range []string{
		"FORCE CHECKPOINT " + attached,
		fmt.Sprintf("DELETE FROM %s WHERE rowid IN (SELECT rowid FROM %[1]s ORDER BY rowid DESC LIMIT %d)", table, surplus),
		"FORCE CHECKPOINT " + attached,
	} {
		if err := c.exec(ctx, sql); err != nil {
			return fmt.Errorf("take out records of a transaction that did not end: %w", err)
		}
	}
	return nil
}
