package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Publish makes a complete file durable and gives it its final name, relative to the data folder root. It returns the file's size.
func Publish(root, rel string) (size int64, err error) {
	path := filepath.Join(root, filepath.FromSlash(rel))
	if size, err = syncFile(TempPath(path)); err != nil {
		return 0, fmt.Errorf("make sealed file durable: %w", err)
	}
	if err := os.Rename(TempPath(path), path); err != nil {
		return 0, fmt.Errorf("name sealed file: %w", err)
	}
	// The folders of day and hour may be new: their entries must be durable too.
	for range strings.Count(rel, "/") + 1 {
		path = filepath.Dir(path)
		if err := syncDir(path); err != nil {
			return 0, fmt.Errorf("make folder durable: %w", err)
		}
	}
	return size, nil
}

// PublishData is Publish of a file that holds data, which it writes first.
func PublishData(root, rel string, data []byte) (size int64, err error) {
	temp := TempPath(filepath.Join(root, filepath.FromSlash(rel)))
	if err := os.MkdirAll(filepath.Dir(temp), 0o755); err != nil {
		return 0, fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(temp, data, 0o644); err != nil { //nolint:gosec // any tool may read the store
		return 0, errors.Join(fmt.Errorf("write file: %w", err), os.Remove(temp))
	}
	return Publish(root, rel)
}

func syncFile(path string) (int64, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
