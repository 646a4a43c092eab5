package store

import (
	"errors"
	"fmt"

	"github.com/weirflow/weir/shared/query"
)

// Errors of a data folder.
var (
	// ErrLocked says that another process has the folder open for writing.
	ErrLocked = errors.New("another process uses this data folder; while `weir run` does, commands with --data ask it through the folder's weir.sock")
	// ErrNoStore says that the folder holds no store and the caller asked not to make one.
	ErrNoStore = errors.New("no store in this folder")
	// ErrOrphans says that the folder holds files of records but no database that knows them.
	ErrOrphans = errors.New("records without their weir.duckdb: put the database back, or move the folders flows, sessions and hot away")
	// ErrLayout says that a newer version wrote the folder.
	ErrLayout = errors.New("the data folder was written by a newer version")
	// ErrOlder says that an earlier version wrote the folder, and the caller asked not to change it.
	ErrOlder = errors.New("an earlier version wrote the data folder: let `weir run` open it once, which upgrades it")
	// ErrNoCgo says that this program was built without the embedded store.
	ErrNoCgo = errors.New("built without the embedded store: build with CGO_ENABLED=1 and a C++ toolchain")
	// ErrClosed says that the store has been closed.
	ErrClosed = errors.New("store is closed")
	// ErrMemory says that a question, or a write beside questions, holds more at a time than the store may use, and could not be spilled to disk.
	ErrMemory = fmt.Errorf("more memory is needed than store.memory_limit allows: %w, or raise the limit", query.ErrTooMuch)
	// ErrReopened says that the database had to be opened again while a question was answered; it may be asked again.
	ErrReopened = fmt.Errorf("the store opens its database again, since a write ran out of memory: %w; if it goes on, raise store.memory_limit", query.ErrAgain)
	// ErrReadOnly says that the store was opened for questions only.
	ErrReadOnly = errors.New("store is open for reading only")
)
