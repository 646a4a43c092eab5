package route

import (
	"testing"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
)

// told is a state of an alert with what an output is told of it, "" for nothing.
type told struct {
	state    flow.AlertState
	severity int
	measured float64
	want     sink.Change
}

func TestChoice(t *testing.T) {
	const active, clearing, watching, ended = flow.AlertActive, flow.AlertClearing, flow.AlertWatching, flow.AlertEnded
	for _, c := range []struct {
		name   string
		output config.Output
		life   []told
	}{
		{"a whole life", config.Output{}, []told{
			{flow.AlertPending, 50, 5e6, ""}, {active, 50, 5e6, "raised"}, {clearing, 50, 5e6, "changed"}, {watching, 50, 5e6, "changed"},
			{active, 50, 5e6, "changed"}, {ended, 50, 5e6, "ended"},
		}},
		{"repetitions tell nothing new", config.Output{}, []told{{active, 50, 5e6, "raised"}, {active, 50, 5e6, ""}, {active, 55, 9e6, ""}}},
		{"the order of magnitude", config.Output{}, []told{{active, 50, 9.9e6, "raised"}, {active, 50, 10e6, "changed"}, {active, 50, 99e6, ""}, {active, 50, 0, "changed"}}},
		{"the label of the severity", config.Output{}, []told{{active, 59, 1, "raised"}, {active, 60, 1, "changed"}}},
		{"below the least severity until it rises", config.Output{MinSeverity: 60}, []told{{active, 59, 1, ""}, {active, 60, 1, "raised"}}},
		{"told to its end though the severity falls", config.Output{MinSeverity: 60}, []told{{active, 60, 1, "raised"}, {active, 30, 1, "changed"}, {ended, 30, 1, "ended"}}},
		{"never told, so not of its end", config.Output{MinSeverity: 60}, []told{{active, 59, 1, ""}, {ended, 59, 1, ""}}},
		{"over before it could be told", config.Output{}, []told{{ended, 50, 1, "raised"}}},
		{"raised and ended alone", config.Output{On: []string{"raised", "ended"}}, []told{{active, 50, 1, "raised"}, {clearing, 50, 1, ""}, {ended, 50, 1, "ended"}}},
		{"another detector", config.Output{Detectors: []string{"scan.*", "dos.volumetric"}}, []told{{active, 50, 1, ""}}},
		{"all below", config.Output{Detectors: []string{"scan.*", "dos.*"}}, []told{{active, 50, 1, "raised"}}},
		{"by its name", config.Output{Detectors: []string{"dos.volumetric.host"}}, []told{{active, 50, 1, "raised"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ch := newChoice(&c.output)
			for i, step := range c.life {
				a := flow.Alert{ID: "x", Detector: "dos.volumetric.host", State: step.state, Severity: step.severity, SeverityLabel: flow.SeverityLabel(step.severity), Measured: flow.Measure{Value: step.measured}}
				got, ok := ch.take(&a)
				if got != step.want || ok != (step.want != "") {
					t.Errorf("step %d: %q, want %q", i+1, got, step.want)
				}
			}
		})
	}
}

// TestRecall: alerts of an earlier run are not raised again, and are told of to their end.
func TestRecall(t *testing.T) {
	ch := newChoice(&config.Output{})
	a := flow.Alert{ID: "x", State: flow.AlertActive}
	ch.recall(&a)
	if change, ok := ch.take(&a); ok {
		t.Errorf("%s though nothing changed", change)
	}
	a.State = flow.AlertEnded
	if change, _ := ch.take(&a); change != sink.Ended {
		t.Errorf("%q at the end", change)
	}
}
