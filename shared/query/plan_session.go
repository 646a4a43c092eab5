package query

import (
	"bytes"
	"cmp"
	"fmt"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// What a question about records is told where it means sessions.
const (
	askSessions    = ": use --measure sessions, or list sessions"
	onSessionsOnly = " exists on sessions only: use --measure sessions"
)

// PrepareSessions checks a question for [SessionReader.Sessions] and fills in its defaults: what makes sums is ignored, and
// the plan's Measure is Sessions. Errors are *[Error].
func (q Question) PrepareSessions(reg *flow.Registry) (Plan, error) {
	q = q.listing()
	q.Measure = Sessions
	p := Plan{Question: q}
	if err := p.prepareSelection(reg, DefaultRecords); err != nil {
		return Plan{}, err
	}
	return p, nil
}

// prepareSessionFilter parses the filter, and refuses what sessions don't have.
func (p *Plan) prepareSessionFilter(reg *flow.Registry) error {
	switch {
	case p.AllCopies:
		return &Error{Part: "all_copies", Text: "sessions count no copies: what every exporter saw of them is in one"}
	case p.Invalid:
		return &Error{Part: "invalid", Text: "no session is made of records that were set aside"}
	}
	n, err := filter.ParseSession(p.Filter, reg)
	if err != nil {
		return &Error{Part: "filter", Text: err.Error()}
	}
	p.Node = n
	return nil
}

// lookupOfSessions finds a field by which sessions can be grouped.
func lookupOfSessions(reg *flow.Registry, part, name string) (*flow.Field, error) {
	onSessions := func(f *flow.Field) bool { return f.OfSession != nil }
	f := reg.Lookup(name)
	switch {
	case f == nil:
		return nil, noField(reg, part, name, onSessions)
	case !onSessions(f):
		return nil, &Error{Part: part, Text: fmt.Sprintf("%s exists on records only: use another measure than %s", name, Sessions)}
	}
	return f, nil
}

// SelectsSession tells whether the plan's time range takes a session, by its end; the filter is apart
// ([filter.SessionPredicate] of Node).
func (p *Plan) SelectsSession(s *flow.Session) bool {
	return (!p.HasStart || s.End >= p.Start) && (!p.HasStop || s.End < p.Stop)
}

// CompareSessions orders sessions as they are listed: by start, then by what their ids are made of, which stores keep: client,
// server, protocol, Born and the type of ICMP.
func CompareSessions(a, b *flow.Session) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), compareSides(&a.Client, &b.Client), compareSides(&a.Server, &b.Server),
		cmp.Compare(a.Transport, b.Transport), cmp.Compare(a.Born, b.Born), cmp.Compare(a.ICMPType, b.ICMPType))
}

func compareSides(a, b *flow.SessionSide) int {
	return cmp.Or(bytes.Compare(a.IP[:], b.IP[:]), cmp.Compare(a.Port, b.Port))
}
