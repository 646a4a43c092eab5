//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// conn is a connection to the database. It is used by one goroutine at a time.
type conn struct{ handle duck.Connection }

func connect(db duck.Database) (*conn, error) {
	c := &conn{}
	if duck.Connect(db, &c.handle) != duck.StateSuccess {
		return nil, errors.New("connect to database")
	}
	for _, sql := range []string{"USE " + attached, fmt.Sprintf("SET perfect_ht_threshold = %d", perfectBits)} {
		if err := c.exec(context.Background(), sql); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// perfectBits is how many bits the values of a GROUP BY may have together for DuckDB to sum them in an array, which is several times as fast
// as a hash table where values are many: it takes some MiB for each thread. Two bytes, with NULL, are 17 bits.
const perfectBits = 17

func (c *conn) close() { duck.Disconnect(&c.handle) }

// exec runs a statement and forgets its result.
func (c *conn) exec(ctx context.Context, sql string, args ...any) error {
	r, err := c.query(ctx, sql, args...)
	if err != nil {
		return err
	}
	r.close()
	return nil
}

// query runs a statement. Its parameters, written ?, are uint64, int64, int, float64, string, []byte, bool, nil,
// time.Time (to the microsecond), or a slice of uint64, int64, float64 or string, which becomes a list. When ctx ends the statement is interrupted, and the error is that of ctx.
func (c *conn) query(ctx context.Context, sql string, args ...any) (*rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	finished, ended := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(ended); c.interrupt(finished) })
	r, err := c.run(sql, args)
	close(finished)
	if !stop() {
		<-ended // so that it does not hit the next statement
		if err != nil {
			return nil, ctx.Err()
		}
	}
	return r, err
}

// interruptEvery is how often a statement is interrupted until it ends: the first time may come just before it begins.
const interruptEvery = 10 * time.Millisecond

func (c *conn) interrupt(finished chan struct{}) {
	for {
		select {
		case <-finished:
			return
		default:
		}
		duck.Interrupt(c.handle)
		select {
		case <-finished:
			return
		case <-time.After(interruptEvery):
		}
	}
}

func (c *conn) run(sql string, args []any) (*rows, error) {
	r := &rows{}
	if len(args) == 0 {
		if duck.Query(c.handle, sql, &r.result) != duck.StateSuccess {
			return nil, r.fail(sql)
		}
		return r.begin(), nil
	}
	var stmt duck.PreparedStatement
	defer duck.DestroyPrepare(&stmt)
	if duck.Prepare(c.handle, sql, &stmt) != duck.StateSuccess {
		return nil, failure("prepare "+brief(sql), duck.PrepareError(stmt))
	}
	for i, arg := range args {
		if err := bind(stmt, i+1, arg); err != nil {
			return nil, fmt.Errorf("%s: parameter %d: %w", brief(sql), i+1, err)
		}
	}
	if duck.ExecutePrepared(stmt, &r.result) != duck.StateSuccess {
		return nil, r.fail(sql)
	}
	return r.begin(), nil
}

func bind(stmt duck.PreparedStatement, at int, arg any) error {
	v, err := value(arg)
	if err != nil {
		return err
	}
	defer duck.DestroyValue(&v)
	if duck.BindValue(stmt, duck.IdxT(at), v) != duck.StateSuccess {
		return fmt.Errorf("cannot bind %T", arg)
	}
	return nil
}

func value(arg any) (duck.Value, error) {
	switch v := arg.(type) {
	case nil:
		return duck.CreateNullValue(), nil
	case uint64:
		return duck.CreateUInt64(v), nil
	case int64:
		return duck.CreateInt64(v), nil
	case int:
		return duck.CreateInt64(int64(v)), nil
	case float64:
		return duck.CreateDouble(v), nil
	case bool:
		return duck.CreateBool(v), nil
	case string:
		return duck.CreateVarchar(v), nil
	case []byte:
		return duck.CreateBlob(v), nil
	case time.Time:
		return duck.CreateTimestamp(duck.NewTimestamp(v.UnixMicro())), nil
	case []uint64:
		return list(duck.TypeUBigInt, v)
	case []int64:
		return list(duck.TypeBigInt, v)
	case []float64:
		return list(duck.TypeDouble, v)
	case []string:
		return list(duck.TypeVarchar, v)
	}
	return duck.Value{}, fmt.Errorf("no parameter type for %T", arg)
}

func list[T uint64 | int64 | float64 | string](kind duck.Type, members []T) (duck.Value, error) {
	t := duck.CreateLogicalType(kind)
	defer duck.DestroyLogicalType(&t)
	values := make([]duck.Value, 0, len(members))
	defer func() {
		for i := range values {
			duck.DestroyValue(&values[i])
		}
	}()
	for _, m := range members {
		v, err := value(any(m))
		if err != nil {
			return duck.Value{}, err
		}
		values = append(values, v)
	}
	return duck.CreateListValue(t, values), nil
}

// brief cuts a statement for error messages.
func brief(sql string) string {
	if len(sql) > 120 {
		return sql[:120] + "..."
	}
	return sql
}
