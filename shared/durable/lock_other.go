//go:build !unix

package durable

// Lock is held on a file while its process uses what the file stands for. On this system it does nothing.
type Lock struct{}

// TakeLock does nothing on this system.
func TakeLock(string, bool) (*Lock, error) { return &Lock{}, nil }

// Release does nothing on this system.
func (l *Lock) Release() error { return nil }
