//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// TestAStatementIsInterrupted: without it, the statement would run for hours.
func TestAStatementIsInterrupted(t *testing.T) {
	c := another(t)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if err := c.exec(ctx, "SELECT sum(sqrt(i)) FROM range(1000000000000) t(i)"); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		if n, err := one[int64](t.Context(), c, "SELECT CAST(? AS BIGINT)", 7); err != nil || n != 7 {
			t.Fatalf("the next statement: %d, %v", n, err)
		}
	}
}

// TestTooLargeAQuestion: what does not fit says what to do.
func TestTooLargeAQuestion(t *testing.T) {
	c := another(t)
	err := errors.Join(c.exec(t.Context(), "SET GLOBAL memory_limit = '20MB'"), c.exec(t.Context(), "SELECT len(list(i)) FROM range(50000000) t(i)"))
	if !errors.Is(err, store.ErrMemory) {
		t.Fatalf("%v", err)
	}
}

func TestParameters(t *testing.T) {
	c := another(t)
	at := time.Date(2026, 3, 2, 8, 0, 0, 123_000_000, time.UTC)
	for _, test := range []struct {
		sql  string
		args []any
	}{
		{"SELECT ? = 18446744073709551615::UBIGINT", []any{^uint64(0)}},
		{"SELECT ? = -1", []any{int64(-1)}},
		{"SELECT ? = 0.5", []any{0.5}},
		{"SELECT ? = 'it''s'", []any{"it's"}},
		{"SELECT ? = '\\x00\\xff'::BLOB", []any{[]byte{0, 255}}},
		{"SELECT ?", []any{true}},
		{"SELECT ? IS NULL", []any{nil}},
		{"SELECT ? = TIMESTAMP '2026-03-02 08:00:00.123'", []any{at}},
		{"SELECT ? = ['a', 'b']", []any{[]string{"a", "b"}}},
		{"SELECT ? = [1, 2]::UBIGINT[]", []any{[]uint64{1, 2}}},
		{"SELECT ? = [1, -2]::BIGINT[]", []any{[]int64{1, -2}}},
	} {
		if ok, err := one[bool](t.Context(), c, test.sql, test.args...); err != nil || !ok {
			t.Errorf("%s of %v: %v, %v", test.sql, test.args, ok, err)
		}
	}
	if _, err := c.query(t.Context(), "SELECT ?", struct{}{}); err == nil {
		t.Error("a struct is no parameter")
	}
	if _, err := c.query(t.Context(), "SELECT FROM WHERE"); err == nil {
		t.Error("that is no statement")
	}
}
