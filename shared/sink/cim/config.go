package cim

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// Flows says what is told of flows.
type Flows string

// Choices of flows.
const (
	FlowsNone       Flows = "none"       // nothing: alerts and exporters alone
	FlowsSessions   Flows = "sessions"   // sessions
	FlowsAggregated Flows = "aggregated" // records summed by the minute, without ephemeral ports
	FlowsAll        Flows = "all"        // every record, and sessions
)

// FlowsChoices returns all choices, from least to most.
func FlowsChoices() []Flows { return []Flows{FlowsNone, FlowsSessions, FlowsAggregated, FlowsAll} }

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
	switch c.Flows {
	case FlowsNone, FlowsSessions, FlowsAggregated, FlowsAll:
	default:
		return fmt.Errorf("flows: %q is none of none, sessions, aggregated and all", c.Flows)
	}
	if deps.Put == nil {
		return errors.New("a feed needs something that takes its events")
	}
	return nil
}
