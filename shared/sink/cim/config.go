package cim

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// Flows says what is told of flows; alerts and exporters always are.
type Flows = sink.Flows

// Choices of flows.
const (
	FlowsNone       = sink.FlowsNone
	FlowsSessions   = sink.FlowsSessions
	FlowsAggregated = sink.FlowsAggregated
	FlowsAll        = sink.FlowsAll
)

// FlowsChoices returns all choices, from least to most.
func FlowsChoices() []Flows { return sink.FlowsChoices() }

// FeedConfig says what a feed tells of. [DefaultFeedConfig] is a start.
type FeedConfig struct {
	Flows Flows
	Host  string // host of events that are not of one exporter; "": absent
	// Settle says that the receiver of the events is the store of the records: what Put has taken settles their accounts. Without, another
	// store does.
	Settle bool
	// EventTime says that time passes with the records, as in a replay: minutes are over by it.
	EventTime bool
	Run       uint64 // names the process, or the captures that are replayed: sums of one run add to those of another
}

// DefaultFeedConfig tells of sessions.
func DefaultFeedConfig() FeedConfig { return FeedConfig{Flows: FlowsSessions} }

// FeedDeps is what a feed works with.
type FeedDeps struct {
	Put       Putter
	Exporters func() []query.Exporter // how exporters do, asked each minute; nil: nothing is told of them
	Status    func() Report           // how what sends the events does, asked each minute; nil: nothing is told of it
	Log       *slog.Logger
	Now       func() time.Time // nil: the wall clock
}

func (c FeedConfig) check(deps FeedDeps) error {
	if !c.Flows.Valid() {
		return fmt.Errorf("flows: %q is none of none, sessions, aggregated and all", c.Flows)
	}
	if deps.Put == nil {
		return errors.New("a feed needs something that takes its events")
	}
	return nil
}
