package store

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/weirflow/weir/shared/durable"
)

// TakeLock locks a data folder while it is open, for itself or (shared) beside others that only read. The error is [ErrLocked] where another process,
// or another store of this process, has it: DuckDB's own lock does not tell apart the two stores of one process. Where the system has no such
// lock it is DuckDB's that keeps others out.
func TakeLock(dir string, shared bool) (*durable.Lock, error) {
	l, err := durable.TakeLock(filepath.Join(dir, LockName), shared)
	switch {
	case errors.Is(err, durable.ErrLocked):
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	case err != nil:
		return nil, fmt.Errorf("data folder: %w", err)
	}
	return l, nil
}
