//go:build !unix

package store

import "errors"

// Space returns the room of the file system that holds a folder, in bytes: what is free for this user, and all.
func Space(string) (free, total uint64, err error) {
	return 0, 0, errors.New("room of the file system: not known on this system")
}
