// Package sink says what takes the pipeline's results: records and sessions in batches, and alerts.
package sink

import (
	"context"

	"github.com/weirflow/weir/shared/flow"
)

// Records takes batches of records. WriteBatch must not keep the batch after it returns; what it has taken it settles
// ([flow.Settlement]) when it is durable, or drops with a reason. It may block: queues are the pipeline's business.
type Records interface {
	WriteBatch(ctx context.Context, b *flow.Batch) error
}

// Sessions takes sessions as they are told of: while they grow, and when they end. The same id replaces the earlier state; the
// one with the greatest Told counts. WriteSessions must not keep the batch after it returns, and may block.
type Sessions interface {
	WriteSessions(ctx context.Context, b *flow.SessionBatch) error
}

// Alerts takes every change of state of an alert; the same id replaces the earlier state.
type Alerts interface {
	WriteAlerts(ctx context.Context, alerts []flow.Alert) error
}
