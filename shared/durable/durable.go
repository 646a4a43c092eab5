// Package durable replaces small files so that a crash leaves the old one or the new one, never a part, and locks what only one process may use.
package durable

import (
	"errors"
	"os"
)

// ErrLocked says that another uses what is to be locked.
var ErrLocked = errors.New("in use by another process")

// Replace writes a file anew, readable by its owner alone: complete and on disk beside it (.tmp), then renamed over it.
func Replace(path string, text []byte) error {
	if err := write(path+".tmp", text); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

func write(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
