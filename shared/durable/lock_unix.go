//go:build unix

package durable

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Lock is held on a file while its process uses what the file stands for.
type Lock struct{ file *os.File }

// TakeLock locks a file, which is made where it is missing, for this process, or (shared) beside others that lock it so. The error is [ErrLocked] where
// another has it, in this process or in another one. It ends with the process.
func TakeLock(path string, shared bool) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil && shared {
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", path, ErrLocked)
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	return &Lock{file: f}, nil
}

// Release gives the lock free.
func (l *Lock) Release() error { return l.file.Close() }
