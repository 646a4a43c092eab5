package pipeline_test

import (
	"context"
	"testing"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
)

// lastStates keeps the last state of each session, and of each alert.
type lastStates struct {
	open   map[flow.SessionID]bool
	alerts map[string]flow.AlertState
}

func (l *lastStates) WriteSessions(_ context.Context, b *flow.SessionBatch) error {
	for i := range b.Sessions {
		l.open[b.Sessions[i].ID] = b.Sessions[i].Open
	}
	return nil
}

func (l *lastStates) WriteAlerts(_ context.Context, list []flow.Alert) error {
	for _, a := range list {
		l.alerts[a.ID] = a.State
	}
	return nil
}

// TestEndSessions: with EndSessions all sessions have ended when the pipeline has stopped, and alerts go on; without, sessions stay as they are.
func TestEndSessions(t *testing.T) {
	path, _ := writeCapture(t, 7)
	ended, alertEnded := map[bool]int{}, map[string]bool{}
	for _, end := range []bool{false, true} {
		l := &lastStates{open: map[flow.SessionID]bool{}, alerts: map[string]flow.AlertState{}}
		core, err := pipeline.Assemble(config.Default(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true, EndSessions: end}, pipeline.Sinks{Sessions: l, Alerts: []sink.Alerts{l}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		if err := p.Replay(context.Background(), []string{path}, pipeline.ReplayConfig{}); err != nil {
			t.Fatal(err)
		}
		p.Stop()
		for id, state := range l.alerts {
			if state == flow.AlertEnded && end && !alertEnded[id] {
				t.Errorf("alert %s has ended with the sessions", id)
			}
			alertEnded[id] = alertEnded[id] || state == flow.AlertEnded
		}
		for id, open := range l.open {
			if open && end {
				t.Errorf("session %v goes on", id)
			}
			if !open {
				ended[end]++
			}
		}
	}
	if ended[true] <= ended[false] {
		t.Errorf("%d sessions ended, %d without", ended[true], ended[false])
	}
}
