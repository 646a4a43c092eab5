//go:build cgo

package duckdb

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// upgradeNow is when the folders of these tests are written.
func upgradeNow() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// variedFolder returns a folder of this layout with a sealed part of records, and a hot one of records and one of sessions, of all fields, in
// more rows than are copied at a time, and what a store answers about them.
func variedFolder(t *testing.T) (dir string, want []string) {
	t.Helper()
	dir = t.TempDir()
	rng := rand.New(rand.NewPCG(7, 7))
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	symbols := flow.NewSymbols()
	for i, n := range []int{300, 400, 3000} {
		if i == 1 {
			if err := s.SealAll(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		b := filtertest.RandomBatch(rng, n)
		if i == 2 { // these fields are in use from here on
			b = applications(flow.NewAccount(), symbols, 1, copiedRows)
		}
		if err := s.WriteBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := s.WriteSessions(t.Context(), filtertest.LastStates(filtertest.RandomSessions(rng, n/10))); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want = answers(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, want
}

// answers is what a store says of all that it holds.
func answers(t *testing.T, s *Store) []string {
	t.Helper()
	var list []string
	reg := flow.NewRegistry()
	b, err := s.Records(t.Context(), query.Question{Invalid: false, AllCopies: true, Limit: query.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Records {
		text := flow.AppendJSON(nil, reg, b, &b.Records[i])
		list = append(list, string(flow.AppendElementsJSON(text, "elements", b, &b.Records[i])))
	}
	sessions, err := s.Sessions(t.Context(), query.Question{Limit: query.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sessions.Sessions {
		list = append(list, string(sessions.AppendJSON(nil, &sessions.Sessions[i])))
	}
	for _, measure := range []query.Measure{query.Flows, query.Bytes} {
		for _, by := range []string{"network.application", "destination.port"} {
			r, err := s.Aggregate(t.Context(), query.Question{Measure: measure, By: []string{by}, AllCopies: true, Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, fmt.Sprint(r.Rows))
		}
	}
	return list
}

// numbersOf returns what replaces texts by their numbers.
func numbersOf(s *Store, h *hotPart) string {
	var list []string
	view := h.file.View(h.rows.Load())
	for _, c := range view.Columns() {
		coded, ok := s.hotFiles.coded[h.part.Kind][c.Name]
		if !ok {
			continue
		}
		number := "(SELECT id FROM names WHERE text = " + c.Name + ")"
		if p, ok := coded.(enum); ok {
			quoted := make([]string, len(p.all.texts))
			for i, text := range p.all.texts {
				quoted[i] = quote(text)
			}
			number = fmt.Sprintf("list_position([%s], %s) - 1", strings.Join(quoted, ", "), c.Name)
		}
		if _, ok := coded.(country); ok {
			number = fmt.Sprintf("ascii(%s) * 256 + ascii(substr(%[1]s, 2))", c.Name)
		}
		list = append(list, fmt.Sprintf("CAST(%s AS %s) AS %s", number, coded.hotType(), c.Name))
	}
	return " REPLACE (" + strings.Join(list, ", ") + ")"
}

// toTables makes tables of hot files, as layout 1 has them, in a folder that is closed. More is done with the
// connection at the end.
func toTables(t *testing.T, dir string, more ...string) {
	t.Helper()
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	hot, _ := s.files.snapshot()
	err := s.writer.alone(t.Context(), func(c *conn) error {
		statements := []string{"UPDATE meta SET value = '1' WHERE name = 'layout'"}
		for _, h := range hot {
			statements = append(statements, fmt.Sprintf("CREATE TABLE %s AS SELECT * EXCLUDE (hot_row)%s FROM %s", h.part.Table(), numbersOf(s, h), hotTable(h.part, h.rows.Load(), always)))
		}
		for _, sql := range append(statements, more...) {
			if err := c.exec(t.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err = errors.Join(err, s.Close(), os.RemoveAll(filepath.Join(dir, store.HotDir))); err != nil {
		t.Fatal(err)
	}
}

// Names of the parts of variedFolder.
const (
	sealedPartName, hotPartName, hotSessionsName = "flows_2026030212_1", "flows_2026030212_2", "sessions_2026030212_2"
)

func TestUpgrade(t *testing.T) {
	tests := []struct {
		name   string
		more   []string // done to the folder of layout 1
		before func(t *testing.T, dir string)
	}{
		{name: "tables become files"},
		{name: "a part was sealed and its table not dropped", more: []string{"CREATE TABLE " + sealedPartName + " AS FROM " + hotPartName}},
		{name: "rows came back of a transaction that did not end", more: []string{
			"INSERT INTO " + hotPartName + " FROM " + hotPartName + " LIMIT 5000", "INSERT INTO " + hotSessionsName + " FROM " + hotSessionsName + " LIMIT 1",
		}},
		{name: "rows came back and were taken out, others follow", more: []string{
			// In place of the last 100 rows are their copies, behind a gap in the numbers.
			"CREATE TEMP TABLE tail AS FROM " + hotPartName + " ORDER BY rowid DESC LIMIT 100",
			"DELETE FROM " + hotPartName + " WHERE rowid > (SELECT max(rowid) - 100 FROM " + hotPartName + ")",
			"INSERT INTO " + hotPartName + " FROM temp.tail ORDER BY ALL", "INSERT INTO " + hotPartName + " FROM temp.tail LIMIT 7",
		}},
		{name: "a table to which nothing was committed", more: []string{"CREATE TABLE flows_2026030211_9 AS FROM " + hotPartName}},
		{name: "row counts of tables that are gone", more: []string{"INSERT INTO hot VALUES ('flows_2025030212_1', 5000, 1), ('sessions_2025030212_1', 7, 2)"}},
		{name: "row counts that were replaced", more: []string{"INSERT INTO hot VALUES ('" + hotPartName + "', 1, 0)"}},
		{name: "a crash after files were made", before: func(t *testing.T, dir string) {
			t.Helper()
			path := filepath.Join(dir, store.HotDir, hotPartName+store.HotSuffix)
			if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.WriteFile(path, bytes.Repeat([]byte("WHOT"), 1000), 0o644)); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a crash before the transaction ended", before: func(t *testing.T, dir string) {
			t.Helper()
			other := t.TempDir()
			if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			s := openInternal(t, store.Config{Dir: other}, store.Deps{Now: upgradeNow})
			if err := errors.Join(s.Close(), os.CopyFS(filepath.Join(dir, store.HotDir), os.DirFS(filepath.Join(other, store.HotDir)))); err != nil {
				t.Fatal(err)
			}
		}},
	}
	whole, want := variedFolder(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			toTables(t, dir, test.more...)
			if test.before != nil {
				test.before(t, dir)
			}
			for range 2 {
				isUpgraded(t, dir, want)
			}
		})
	}
}

// isUpgraded opens a folder, wants the answers and no tables, and nothing in the log that is worth a warning.
func isUpgraded(t *testing.T, dir string, want []string) {
	t.Helper()
	var log bytes.Buffer
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow, Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if got := answers(t, s); !slices.Equal(got, want) {
		t.Errorf("%d answers, should be %d, the last:\n%s\n%s", len(got), len(want), got[len(got)-1], want[len(want)-1])
	}
	if text := log.String(); strings.Contains(text, "level=WARN") || strings.Contains(text, "level=ERROR") {
		t.Error(text)
	}
	for _, name := range []string{hotPartName, hotSessionsName} {
		if _, err := os.Stat(filepath.Join(dir, store.HotDir, name+store.HotSuffix)); err != nil {
			t.Error(err)
		}
	}
	err := s.writer.alone(t.Context(), func(c *conn) error {
		tables, err := hotTables(t.Context(), c)
		if err != nil {
			return err
		}
		layout, err := one[string](t.Context(), c, "SELECT value FROM meta WHERE name = 'layout'")
		if len(tables) > 0 || layout != "2" {
			t.Errorf("tables %v, layout %s", tables, layout)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestUpgradeGoesOn: what is stored after an upgrade comes behind what was there, and all of it is sealed.
func TestUpgradeGoesOn(t *testing.T) {
	dir, _ := variedFolder(t)
	toTables(t, dir)
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	before := s.Stats()
	if err := s.WriteBatch(t.Context(), applications(flow.NewAccount(), flow.NewSymbols(), 2, 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.HotFiles > 0 || st.SealedRows != before.SealedRows+before.HotRows+10 || before.HotRows < copiedRows {
		t.Errorf("%+v, was %+v", st, before)
	}
	for _, datagram := range []string{"1", "2"} {
		if n := flows(t, s, `network.application : "application 7 of datagram `+datagram+`"`); n != 1 {
			t.Errorf("the name of datagram %s is found %d times", datagram, n)
		}
	}
}

// TestOlderFolderForReading: nothing is upgraded for who only asks.
func TestOlderFolderForReading(t *testing.T) {
	dir, _ := variedFolder(t)
	toTables(t, dir)
	if _, err := Open(t.Context(), store.Config{Dir: dir, ReadOnly: true}, store.Deps{}); !errors.Is(err, store.ErrOlder) {
		t.Errorf("with tables: %v", err)
	}
	var log bytes.Buffer
	dir, _ = variedFolder(t)
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	if err := errors.Join(s.SealAll(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
	toTables(t, dir, "INSERT INTO hot VALUES ('flows_2025030212_1', 5000, 1)")
	s = openInternal(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if n := flows(t, s, ""); n == 0 || log.Len() > 0 {
		t.Errorf("%d records, log: %s", n, log.String())
	}
}
