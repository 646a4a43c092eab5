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

// upgrade brings a folder of an earlier layout to this one.
func (s *Store) upgrade(ctx context.Context, c *conn) error {
	version, err := one[string](ctx, c, "SELECT value FROM meta WHERE name = 'layout'")
	if err != nil || version == strconv.Itoa(store.LayoutVersion) {
		return err
	}
	tables, err := hotTables(ctx, c)
	if err != nil {
		return err
	}
	if s.cfg.ReadOnly {
		if len(tables) == 0 {
			return nil
		}
		return fmt.Errorf("%s: %w", s.cfg.Dir, store.ErrOlder)
	}
	s.deps.Log.Info("upgrade the data folder", "from", version, "to", store.LayoutVersion, "tables", len(tables))
	for _, name := range tables {
		part, _ := store.ParseTable(name)
		if err := s.moveTable(ctx, c, part); err != nil {
			return fmt.Errorf("move %s into a file: %w", name, err)
		}
	}
	return c.exec(ctx, "UPDATE meta SET value = ? WHERE name = 'layout'", strconv.Itoa(store.LayoutVersion))
}

// moveTable moves the rows of a table into a file. Those of one that had been sealed are in its sealed file.
func (s *Store) moveTable(ctx context.Context, c *conn, p store.Part) error {
	var f *hot.File
	if !s.wasSealed(p) {
		var err error
		if f, err = hot.Create(s.path(p.HotPath())); err != nil {
			return err
		}
		if err = s.copyTable(ctx, c, p, f); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return c.transaction(ctx, func() error {
		err := c.exec(ctx, "DELETE FROM hot WHERE id = ?", p.Table())
		if err == nil && f != nil {
			err = errors.Join(c.exec(ctx, "INSERT INTO hot VALUES (?, ?, 0)", p.Table(), f.Rows()), f.Close())
		}
		return errors.Join(err, c.exec(ctx, "DROP TABLE "+p.Table()))
	})
}

// copyTable appends a table's rows to a file and makes them durable.
func (s *Store) copyTable(ctx context.Context, c *conn, p store.Part, f *hot.File) error {
	columns, err := tableColumns(ctx, c, p.Table())
	if err != nil {
		return err
	}
	rows, err := countedRowsOf(ctx, c, p.Table())
	if err != nil {
		return err
	}
	r, err := c.query(ctx, fmt.Sprintf("SELECT * FROM %s ORDER BY rowid LIMIT %d", p.Table(), rows))
	if err != nil {
		return err
	}
	defer r.close()
	vectors := make([]hot.Vector, len(columns))
	for r.nextChunk() {
		for i := range columns {
			vectors[i].Reset()
			take(&vectors[i], columns[i].Type, &r.cols[i], r.size)
		}
		if err := f.Append(columns, vectors, r.size); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	f.Commit()
	return nil
}

// countedRowsOf returns how many rows of a table were committed. DuckDB brings back more where a transaction's end is missing from its log.
func countedRowsOf(ctx context.Context, c *conn, table string) (int64, error) {
	return one[int64](ctx, c, "SELECT coalesce((SELECT rows FROM "+latest("hot")+" WHERE id = ?), 0)::BIGINT", table)
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
