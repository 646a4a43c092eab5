//go:build cgo

package duckdb

import (
	"context"
	"errors"
)

// transaction runs f in a transaction, which is rolled back when f fails.
func (c *conn) transaction(ctx context.Context, f func() error) error {
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	err := f()
	if err == nil {
		err = c.exec(ctx, "COMMIT")
	}
	if err != nil {
		// After a COMMIT that failed there is nothing left to roll back, which is then an error of no interest.
		_ = c.exec(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}

// one returns the single value of a question for one; text is read as a string, all else by its physical type.
func one[T any](ctx context.Context, c *conn, sql string, args ...any) (v T, err error) {
	r, err := c.query(ctx, sql, args...)
	if err != nil {
		return v, err
	}
	defer r.close()
	if !r.next() {
		return v, errors.New("no answer to " + brief(sql))
	}
	if text, ok := any(&v).(*string); ok {
		*text = r.text(0)
		return v, nil
	}
	return get[T](r, 0), nil
}
