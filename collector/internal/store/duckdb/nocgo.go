//go:build !cgo

package duckdb

import (
	"context"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// Store stands for the embedded store in programs that are built without cgo. There is never one: [Open] fails.
type Store struct{ methods }

var (
	_ sink.Records         = (*Store)(nil)
	_ sink.Sessions        = (*Store)(nil)
	_ sink.Alerts          = (*Store)(nil)
	_ query.Engine         = (*Store)(nil)
	_ query.AlertReader    = (*Store)(nil)
	_ query.ExporterReader = (*Store)(nil)
	_ query.Sealer         = (*Store)(nil)
)

// methods are those of the store.
type methods interface {
	sink.Records
	sink.Sessions
	sink.Alerts
	query.Engine
	query.SessionReader
	query.ValuesReader
	query.GraphReader
	query.AlertReader
	query.ExporterReader
	sink.Interfaces
	query.InterfaceReader
	Flush(ctx context.Context) error
	query.Sealer
	SealAll(ctx context.Context) error
	Marks() []flow.StreamMark
	OpenAlerts() []flow.Alert
	Newest(ctx context.Context) (time.Time, error)
	Hours(from, to time.Time) float64
	Stats() Stats
	Close() error
}

// Open returns [store.ErrNoCgo].
func Open(context.Context, Config, Deps) (*Store, error) { return nil, store.ErrNoCgo }

// FilterSQL returns [store.ErrNoCgo].
func FilterSQL(filter.Node, bool) (string, []any, error) { return "", nil, store.ErrNoCgo }
