//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"unsafe"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
)

// In folders of layout 1 the hour that is being written lies in tables of the database, one for each part. Their rows are moved into files
// when the folder is opened.

// upgrade brings a folder of an earlier layout to this one. A crash on the way leaves it as it was: files that were made are made again. older
// tells that the folder stays as it is, for reading, and has nothing but sealed files.
func (s *Store) upgrade(ctx context.Context, c *conn) (older bool, err error) {
	version, err := one[string](ctx, c, "SELECT value FROM meta WHERE name = 'layout'")
	if err != nil || version == strconv.Itoa(store.LayoutVersion) {
		return false, err
	}
	tables, err := hotTables(ctx, c)
	if err != nil {
		return false, err
	}
	if s.cfg.ReadOnly {
		if len(tables) > 0 {
			err = fmt.Errorf("%s: %w", s.cfg.Dir, store.ErrOlder)
		}
		return true, err
	}
	s.deps.Log.Info("upgrade the data folder", "from", version, "to", store.LayoutVersion, "tables", len(tables))
	var moved []countedRows
	for _, name := range tables {
		part, _ := store.ParseTable(name)
		if s.wasSealed(part) {
			continue // its rows are in the sealed file
		}
		rows, err := s.moveTable(ctx, c, part)
		if err != nil {
			return false, fmt.Errorf("move the table %s into a file: %w", name, err)
		}
		moved = append(moved, countedRows{part, rows})
	}
	return false, c.transaction(ctx, func() error { return takeFiles(ctx, c, tables, moved) })
}

// takeFiles has files count in place of tables. The row counts of tables that are gone were left where they were.
func takeFiles(ctx context.Context, c *conn, tables []string, moved []countedRows) error {
	if err := c.exec(ctx, "DELETE FROM hot"); err != nil {
		return err
	}
	for _, m := range moved {
		if err := c.exec(ctx, "INSERT INTO hot VALUES (?, ?, 0)", m.part.Table(), m.rows); err != nil {
			return err
		}
	}
	for _, name := range tables {
		if err := c.exec(ctx, "DROP TABLE "+name); err != nil {
			return err
		}
	}
	return c.exec(ctx, "UPDATE meta SET value = ? WHERE name = 'layout'", strconv.Itoa(store.LayoutVersion))
}

// moveTable writes the rows of a table that were committed into a file, and returns how many these are. DuckDB brings back more where a
// transaction's end is missing from its log.
func (s *Store) moveTable(ctx context.Context, c *conn, p store.Part) (int64, error) {
	f, err := hot.Create(s.path(p.HotPath()))
	if err != nil {
		return 0, err
	}
	counted, err := one[int64](ctx, c, "SELECT coalesce((SELECT rows FROM "+latest("hot")+" WHERE id = ?), 0)::BIGINT", p.Table())
	if err == nil {
		err = copyTable(ctx, c, p.Table(), counted, f)
	}
	if f.Rows() < counted && err == nil {
		s.deps.Log.Error("records that were committed are not there: the database file has been damaged", "table", p.Table(), "committed", counted, "there", f.Rows())
	}
	return f.Rows(), errors.Join(err, f.Close())
}

// copiedRows is how many rows are in memory at a time.
const copiedRows = 20_480

// copyTable appends a table's first rows to a file and makes them durable. Rows that an earlier version took out left gaps in the numbers.
func copyTable(ctx context.Context, c *conn, table string, rows int64, f *hot.File) error {
	columns, err := tableColumns(ctx, c, table)
	if err != nil {
		return err
	}
	last, err := one[int64](ctx, c, "SELECT coalesce(max(rowid), -1) FROM "+table)
	if err != nil {
		return err
	}
	vectors := make([]hot.Vector, len(columns))
	for from := int64(0); from <= last && rows > 0; from += copiedRows {
		r, err := c.query(ctx, fmt.Sprintf("SELECT * FROM %s WHERE rowid BETWEEN %d AND %d LIMIT %d", table, from, from+copiedRows-1, rows))
		if err != nil {
			return err
		}
		n, err := appendRows(f, columns, vectors, r)
		if err != nil {
			return err
		}
		rows -= n
	}
	if err := f.Sync(); err != nil {
		return err
	}
	f.Commit()
	return nil
}

// appendRows appends all rows of a result, closes it, and returns how many they were.
func appendRows(f *hot.File, columns []hot.Column, vectors []hot.Vector, r *rows) (n int64, err error) {
	defer r.close()
	for r.nextChunk() {
		for i := range columns {
			vectors[i].Reset()
			take(&vectors[i], columns[i].Type, &r.cols[i], r.size)
		}
		if err := f.Append(columns, vectors, r.size); err != nil {
			return n, err
		}
		n += int64(r.size)
	}
	return n, nil
}

// take copies the cells of a chunk.
func take(v *hot.Vector, kind hot.Type, from *cells, rows int) {
	var valid [hot.Rows / 64]uint64
	for i := range rows {
		if !from.isValid(i) {
			continue
		}
		valid[i>>6] |= 1 << (i & 63)
		if kind == hot.Text || kind == hot.Blob {
			v.SetText(i, at[stringT](*from, i).bytes())
		}
	}
	for i, w := range valid {
		v.Mark(64*i, w)
	}
	if kind != hot.Text && kind != hot.Blob {
		v.SetCells(unsafe.Slice((*byte)(from.data), rows*kind.Width()))
	}
}

func tableColumns(ctx context.Context, c *conn, table string) ([]hot.Column, error) {
	r, err := c.query(ctx, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", table)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var list []hot.Column
	for r.next() {
		kind, ok := hot.TypeOf(r.text(1))
		if !ok {
			return nil, fmt.Errorf("column %s has a type that hot files have not: %s", r.text(0), r.text(1))
		}
		list = append(list, hot.Column{Name: r.text(0), Type: kind})
	}
	return list, nil
}

// hotTables returns the names of all tables that are named as parts are.
func hotTables(ctx context.Context, c *conn) ([]string, error) {
	r, err := c.query(ctx, `SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, 'flows_') OR starts_with(table_name, 'sessions_') ORDER BY table_name`)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var names []string
	for r.next() {
		if _, ok := store.ParseTable(r.text(0)); ok {
			names = append(names, r.text(0))
		}
	}
	return names, nil
}
