// Package sink says what takes the pipeline's results: records and sessions in batches, what passed interfaces, and alerts.
package sink

import (
	"context"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
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

// Interfaces takes what passed interfaces by the minute, as [interfaces.Minute] says: the latest of the same minute counts.
// WriteInterfaces must not keep the list after it returns, and may block.
type Interfaces interface {
	WriteInterfaces(ctx context.Context, list []interfaces.Minute) error
}
