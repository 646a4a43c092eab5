//go:build unix

package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Space returns the room of the file system that holds a folder, in bytes: what is free for this user, and all.
func Space(dir string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("room of %s: %w", dir, err)
	}
	size := uint64(s.Bsize)
	return s.Bavail * size, s.Blocks * size, nil
}
