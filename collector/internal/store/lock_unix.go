//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Lock is held on a data folder while it is open.
type Lock struct{ file *os.File }

// TakeLock locks the folder, for itself or (shared) beside others that only read. The error is [ErrLocked] where another
// process, or another store of this process, has it: DuckDB's own lock does not tell apart the two stores of one process.
func TakeLock(dir string, shared bool) (*Lock, error) {
	f, err := os.OpenFile(filepath.Join(dir, LockName), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil && shared {
		f, err = os.Open(filepath.Join(dir, LockName))
	}
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
		}
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	return &Lock{file: f}, nil
}

// Release gives the folder free.
func (l *Lock) Release() error { return l.file.Close() }
