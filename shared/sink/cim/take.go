package cim

import (
	"context"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
)

// WriteBatch makes events of the records of a batch, or adds them to sums, as is chosen. It waits as long as the Putter does. Where the feed
// settles, records are settled when the Putter has taken their events, or dropped where it has not taken one.
func (f *Feed) WriteBatch(ctx context.Context, b *flow.Batch) error {
	f.data.mu.Lock()
	defer f.data.mu.Unlock()
	if n := len(b.Datagrams); n > 0 {
		f.pass(ctx, b.Datagrams[n-1].Received)
	}
	var failed error
	settlement := flow.NewSettlement()
	settlement.Add(b, nil)
	switch f.cfg.Flows {
	case FlowsAll:
		for i := range b.Records {
			if err := f.putFlow(ctx, b, &b.Records[i]); err != nil {
				failed = err
				if f.cfg.Settle {
					settlement.Lose(b, i, flow.DroppedQueue)
				}
			}
		}
	case FlowsAggregated:
		f.sums.Add(b, func(sum *flow.Batch, r *flow.Record, records uint64) { f.putSum(ctx, &f.data, sum, r, records) })
	}
	if f.cfg.Settle {
		settlement.Commit()
	}
	return failed
}

// pass lets time pass with the records. In a replay that alone decides what is told of when, so that the same captures make the same events.
func (f *Feed) pass(ctx context.Context, received int64) {
	before := f.latest.Load()
	if received <= before {
		return
	}
	f.latest.Store(received)
	if f.cfg.EventTime && received/60e9 != before/60e9 {
		f.sums.Tell(received, false, func(b *flow.Batch, r *flow.Record, records uint64) { f.putSum(ctx, &f.data, b, r, records) })
	}
}

func (f *Feed) putFlow(ctx context.Context, b *flow.Batch, r *flow.Record) error {
	ev := &f.data.event
	ev.Kind, ev.Time, ev.Host = Flow, FlowTime(r), f.data.host(r.Exporter)
	ev.ID = r.ID.AppendTo(ev.ID[:0])
	ev.JSON = f.encoder.AppendFlow(ev.JSON[:0], b, r)
	return f.put(ctx, ev)
}

func (f *Feed) putSum(ctx context.Context, l *lane, b *flow.Batch, r *flow.Record, records uint64) {
	ev := &l.event
	ev.Kind, ev.Time, ev.Host = Traffic, FlowTime(r), l.host(r.Exporter)
	ev.ID = r.ID.AppendTo(ev.ID[:0])
	ev.JSON = f.encoder.AppendTraffic(ev.JSON[:0], b, r, records)
	_ = f.put(ctx, ev) // counted
}

// maxHosts is how many texts of exporters' addresses are kept.
const maxHosts = 1 << 12

// host returns an exporter's address as text, without allocating one that is known.
func (l *lane) host(a flow.Addr) string {
	text, ok := l.hosts[a]
	if ok {
		return text
	}
	if l.hosts == nil || len(l.hosts) >= maxHosts {
		l.hosts = map[flow.Addr]string{}
	}
	text = a.String()
	l.hosts[a] = text
	return text
}

// WriteSessions makes events of the sessions that have ended, and of the parts of those that have gone on for an hour.
func (f *Feed) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	if f.cfg.Flows != FlowsAll && f.cfg.Flows != FlowsSessions {
		return nil
	}
	f.data.mu.Lock()
	defer f.data.mu.Unlock()
	var failed error
	f.sessions.take(b, func(b *flow.SessionBatch, s *flow.Session, part Part) {
		if err := f.putSession(ctx, b, s, part); err != nil {
			failed = err
		}
	})
	return failed
}

func (f *Feed) putSession(ctx context.Context, b *flow.SessionBatch, s *flow.Session, part Part) error {
	ev := &f.data.event
	ev.Kind, ev.Time, ev.Host = Session, s.End, f.data.host(s.Exporters[0])
	ev.ID = AppendSessionID(ev.ID[:0], s, part.Number)
	ev.JSON = f.encoder.AppendSession(ev.JSON[:0], b, s, part)
	return f.put(ctx, ev)
}

// WriteAlerts makes events of the changes of alerts that are worth one: state, severity and order of magnitude.
func (f *Feed) WriteAlerts(ctx context.Context, list []flow.Alert) error {
	f.notes.mu.Lock()
	defer f.notes.mu.Unlock()
	var failed error
	for i := range list {
		a := &list[i]
		change, ok := f.told.Take(a)
		if !ok {
			continue
		}
		now := f.deps.Now().UTC()
		f.sequence = max(f.sequence+1, uint64(max(now.UnixMicro(), 0)))
		told := sink.Event{Sequence: f.sequence, Change: change, ToldAt: now, Alert: *a}
		ev := &f.notes.event
		ev.Kind, ev.Time, ev.Host = Alert, told.ToldAt.UnixNano(), f.cfg.Host
		ev.ID = append(ev.ID[:0], sink.ChangeID(&told)...)
		ev.JSON = f.encoder.AppendAlert(ev.JSON[:0], &told)
		if err := f.put(ctx, ev); err != nil {
			failed = err
		}
	}
	return failed
}
