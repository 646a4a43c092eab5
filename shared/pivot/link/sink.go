package link

import (
	"context"
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
)

// AlertSink takes alerts, as sink.Alerts does.
type AlertSink interface {
	WriteAlerts(ctx context.Context, alerts []flow.Alert) error
}

// Sink hands alerts on with their links; those of its caller stay as they are. It is for who shows alerts, not for who stores them.
type Sink struct {
	set  *pivot.Set
	next AlertSink
}

// NewSink returns a sink before another.
func NewSink(set *pivot.Set, next AlertSink) *Sink { return &Sink{set: set, next: next} }

// WriteAlerts implements sink.Alerts.
func (s *Sink) WriteAlerts(ctx context.Context, alerts []flow.Alert) error {
	list := slices.Clone(alerts)
	s.set.Attach(list)
	return s.next.WriteAlerts(ctx, list)
}
