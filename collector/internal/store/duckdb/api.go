package duckdb

import "github.com/weirflow/weir/collector/internal/store"

// Config, Deps and Stats are those of package store, which programs without cgo can use too.
type (
	Config = store.Config
	Deps   = store.Deps
	Stats  = store.Stats
)

// FileName is the name of the database in the data folder.
const FileName = store.FileName
