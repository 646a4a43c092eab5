package conformance

import (
	"context"
	"slices"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// WithSessions gives the reference what was told of sessions, in the order of telling and with one table of names: the last state
// of an id counts. It returns the reference, and must come before the first question.
func (e *Reference) WithSessions(told ...*flow.SessionBatch) *Reference {
	e.sessions = filtertest.LastStates(told)
	return e
}

// Sessions implements [query.SessionReader].
func (e *Reference) Sessions(_ context.Context, q query.Question) (*flow.SessionBatch, error) {
	p, err := q.PrepareSessions(e.reg)
	if err != nil {
		return nil, err
	}
	found := e.selectedSessions(&p)
	slices.SortFunc(found, query.CompareSessions)
	found = found[min(p.Offset, len(found)):]
	found = found[:min(p.Limit, len(found))]
	out := &flow.SessionBatch{Symbols: e.sessions.Symbols, Sessions: make([]flow.Session, 0, len(found))}
	for _, s := range found {
		out.Sessions = append(out.Sessions, *s)
	}
	return out, nil
}

// selectedSessions returns the sessions of a plan about sessions, none of one about records.
func (e *Reference) selectedSessions(p *query.Plan) (found []*flow.Session) {
	if p.Measure != query.Sessions {
		return nil
	}
	match, view := filter.SessionPredicate(p.Node), filter.NewSessionView(e.sessions.Symbols)
	for i := range e.sessions.Sessions {
		s := &e.sessions.Sessions[i]
		if view.Set(s); p.SelectsSession(s) && match(view) {
			found = append(found, s)
		}
	}
	return found
}
