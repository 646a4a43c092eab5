package duckdb

import "github.com/weirflow/weir/collector/internal/store"

// Config says how a data folder is opened: that of package store, which programs without cgo can use too.
type Config = store.Config

// Deps is what a store needs from its process.
type Deps = store.Deps

// Stats counts what a store has taken, given and holds.
type Stats = store.Stats

// FileName is the name of the database in the data folder.
const FileName = store.FileName
