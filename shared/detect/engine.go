package detect

import (
	"fmt"

	"github.com/weirflow/weir/shared/flow"
)

// Engine runs the detectors. Its methods are called by one goroutine, but for [Engine.Stats].
type Engine struct {
	cfg   Config
	deps  Deps
	count counters
}

// New returns an engine without any state.
func New(cfg Config, deps Deps) (*Engine, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if deps, err = deps.withDefaults(); err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, deps: deps}
	return e, nil
}

// Observe takes the records of a batch into account. They must be normalized and enriched: with a direction and groups.
// Records set aside and other exporters' copies are left out. Time passes by the records' receive times; now (ns since the
// Unix epoch) stands in where a record has none.
func (e *Engine) Observe(b *flow.Batch, now int64) {}

// Advance lets processing time pass up to now without records: exporters fall silent, bins become final, alerts end. It must
// not run ahead of the receive times of records that are still to be observed.
func (e *Engine) Advance(now int64) {}

// Changes returns the alerts that changed since the last call, each in its last state, sorted by start and id. What became
// active, clearing, watching or ended is a change, and what is active is told again after 1, 5, 15 and 60 minutes and when
// its severity rises.
func (e *Engine) Changes() []flow.Alert { return nil }

// Restore takes alerts that were open when an earlier process ended: findings with the same key go on under their id, others
// end when their time has come. It is called before the first Observe.
func (e *Engine) Restore(open []flow.Alert) {}

// Finish ends a replay: time passes without records until everything open has ended.
func (e *Engine) Finish(now int64) {}

// Detectors returns the names of all detectors, with the services of the table filled in.
func (e *Engine) Detectors() []string { return nil }

func evidenceFields() []string { return nil }

var _ = fmt.Sprint
