package pipeline

import (
	"context"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// runDetect takes batches in order, shows them to the detector and passes them on to the sinks.
func (p *Pipeline) runDetect() {
	defer func() {
		p.flushInterfaces()
		p.endSessions()
		p.sendSessions()
		close(p.sinkq)
	}()
	for it := range p.detectq {
		switch {
		case it.do != nil:
			it.do()
		case it.batch != nil:
			now := p.timeline.at(it.batch)
			if p.cfg.Clock.virtual() {
				p.deps.Decoder.Expire(now)
			}
			p.toSinks(item{batch: it.batch, alerts: p.detect(it.batch, now)})
		}
	}
}

func (p *Pipeline) detect(b *flow.Batch, now int64) []flow.Alert {
	if p.deps.Detector == nil {
		return nil
	}
	p.deps.Detector.Observe(b, now)
	p.deps.Detector.Advance(now - p.slack())
	if now-p.tellings.sent >= int64(time.Second) {
		p.tellings.sent = now
		p.sendSessions()
	}
	return p.deps.Detector.Changes()
}

// slack is how far the detector's time stays behind the clock in live traffic: batches of other workers may hold records that
// were received earlier. In a replay there is one worker, and its records come in order.
func (p *Pipeline) slack() int64 {
	if p.cfg.Clock.virtual() {
		return 0
	}
	return int64(time.Second + 2*p.cfg.BatchAge)
}

// toSinks queues for the sinks. Where the queue is full the records are dropped for them, but never the alerts.
func (p *Pipeline) toSinks(it item) {
	if it.batch != nil {
		it.batch.TakeLoss(p.lost)
		p.lost = p.lost[:0]
	}
	if p.cfg.Blocking || (it.batch == nil && len(it.alerts) > 0) {
		p.sinkq <- it
		return
	}
	select {
	case p.sinkq <- it:
	default:
		p.droppedForSinks.Add(1)
		p.lost = it.batch.Drop(flow.DroppedQueue, p.lost)
		p.pool.put(it.batch)
		if len(it.alerts) > 0 {
			p.sinkq <- item{alerts: it.alerts}
		}
	}
}

// runSinks hands batches and alerts to the sinks, records first, so that an alert's evidence is there before the alert.
func (p *Pipeline) runSinks() {
	ctx := context.Background()
	for it := range p.sinkq {
		if it.batch != nil {
			p.writeBatch(ctx, it.batch)
		}
		if it.sessions != nil {
			p.writeSessions(ctx, it.sessions)
		}
		if len(it.alerts) > 0 {
			p.writeAlerts(ctx, it.alerts)
		}
		if len(it.minutes) > 0 {
			p.writeInterfaces(ctx, it.minutes)
		}
		if it.do != nil {
			it.do()
		}
	}
}

func (p *Pipeline) writeBatch(ctx context.Context, b *flow.Batch) {
	defer p.pool.put(b)
	if p.deps.Records == nil {
		s := flow.NewSettlement()
		s.Add(b, nil)
		s.Commit()
		return
	}
	if err := p.deps.Records.WriteBatch(ctx, b); err != nil {
		p.muted.warn("records not stored", err, nil)
	}
}

func (p *Pipeline) writeSessions(ctx context.Context, b *flow.SessionBatch) {
	defer p.tellings.give(b)
	if err := p.deps.Sessions.WriteSessions(ctx, b); err != nil {
		p.tellings.dropped.Add(uint64(len(b.Sessions)))
		p.muted.warn("sessions not stored", err, nil)
	}
}

func (p *Pipeline) writeAlerts(ctx context.Context, alerts []flow.Alert) {
	for _, s := range p.deps.Alerts {
		if err := s.WriteAlerts(ctx, alerts); err != nil {
			p.alertErrors.Add(uint64(len(alerts)))
			p.muted.warn("alerts not written", err, nil)
		}
	}
}

// runTicks sends old batches on and lets time pass for decoder and detector while no datagram comes.
func (p *Pipeline) runTicks() {
	ticker := time.NewTicker(p.cfg.BatchAge)
	defer ticker.Stop()
	second := p.deps.Now()
	for {
		select {
		case <-p.tick:
			return
		case <-ticker.C:
		}
		p.flushWorkers(p.cfg.BatchAge)
		if now := p.deps.Now(); now.Sub(second) >= time.Second {
			second = now
			p.passTime()
		}
	}
}

// passTime lets a second pass for what waits on the clock. Where the queue is full, batches carry the time instead.
func (p *Pipeline) passTime() {
	if p.cfg.Clock.virtual() { // time passes with the datagrams only, but sessions told of need not wait for more
		select {
		case p.detectq <- item{do: p.sendSessions}:
		default:
		}
		return
	}
	p.deps.Decoder.Expire(p.deps.Now().UnixNano())
	if p.deps.Detector == nil {
		return
	}
	select {
	case p.detectq <- item{do: func() {
		p.deps.Detector.Advance(p.timeline.at(nil) - p.slack())
		p.sendSessions()
		if changes := p.deps.Detector.Changes(); len(changes) > 0 {
			p.toSinks(item{alerts: changes})
		}
	}}:
	default:
	}
}
