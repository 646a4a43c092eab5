//go:build !unix

package store

// Lock is held on a data folder while it is open. Here it is DuckDB's own lock on its file that keeps others out.
type Lock struct{}

// TakeLock does nothing on this system.
func TakeLock(string, bool) (*Lock, error) { return &Lock{}, nil }

// Release does nothing on this system.
func (l *Lock) Release() error { return nil }
