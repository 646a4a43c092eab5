//go:build !cgo

package duckdb

import (
	"context"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// Store stands for the embedded store in programs that are built without cgo. There is never one: [Open] fails.
type Store struct {
	sink.Records
	sink.Alerts
	query.Engine
	query.AlertReader
	query.ExporterReader
	control
}

// control is what a store offers besides what packages of the core ask of it.
type control interface {
	Flush(ctx context.Context) error
	SealAll(ctx context.Context) error
	Marks() []flow.StreamMark
	OpenAlerts() []flow.Alert
	Newest(ctx context.Context) (time.Time, error)
	Stats() Stats
	Close() error
}

// Open returns [store.ErrNoCgo].
func Open(context.Context, Config, Deps) (*Store, error) { return nil, store.ErrNoCgo }
