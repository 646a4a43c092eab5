package query

import (
	"fmt"
	"math"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Defaults and caps of a question.
const (
	DefaultRows    = 10  // of a top list
	DefaultRecords = 100 // of a records answer
	MaxGroups      = 8   // fields in By
	MaxOffset      = 1 << 40
)

// Plan is a question that has been checked, with its defaults filled in: what an engine works from.
type Plan struct {
	Question
	Node   filter.Node
	Groups []*flow.Field // of By, in its order; with the measure Sessions their values are those of OfSession
	Of     *flow.Field   // the field of distinct, nil with other measures
	// Start and Stop bound @timestamp in ns since the Unix epoch: Start <= t < Stop, or no bound where the question has none.
	Start, Stop       int64
	HasStart, HasStop bool
	// Lanes are the columns of sums, the first of which sorts (the sum of both directions does).
	Lanes []Lane
	// Step is how the range is cut, of zero width where the question has no Interval.
	Step Step
	// Buckets is how many buckets the range has, known after [Plan.Cut]: positions 0 to Buckets-1.
	Buckets int

	base          int64 // number of the bucket at position 0
	back          Step  // of Compare
	zone          *time.Location
	swappedNode   filter.Node
	swappedGroups []*flow.Field
	atDestination bool
}

// Grouped tells whether the answer has group columns.
func (p *Plan) Grouped() bool { return len(p.Groups) > 0 }

// Series tells whether the answer is one.
func (p *Plan) Series() bool { return p.Step.Width > 0 && p.Percentile == 0 }

// Sums tells whether the numbers of several groups add up to those of all, so that there can be a row of the others.
func (p *Plan) Sums() bool { return p.Measure != Distinct && p.Percentile == 0 }

// Prepare checks a question for [Engine.Aggregate] and fills in its defaults. With the measure Sessions it is one about sessions
// ([Plan.SelectsSession]), else about records ([Plan.Selects]). Errors are *[Error].
func (q Question) Prepare(reg *flow.Registry) (Plan, error) {
	p := Plan{Question: q}
	if err := p.prepareMeasure(reg); err != nil {
		return Plan{}, err
	}
	if err := p.prepareGroups(reg); err != nil {
		return Plan{}, err
	}
	rows := 1
	if len(p.By) > 0 {
		rows = DefaultRows
	}
	if err := p.prepareSelection(reg, rows); err != nil {
		return Plan{}, err
	}
	for _, prepare := range []func() error{
		p.prepareMore, p.prepareStep, p.prepareCompare, func() error { return p.prepareDirection(reg) }, p.prepareSpread, p.prepareBounds,
	} {
		if err := prepare(); err != nil {
			return Plan{}, err
		}
	}
	p.prepareLanes()
	return p, nil
}

// listing returns what a question for a list is about: its selection, limit and offset.
func (q Question) listing() Question {
	return Question{Filter: q.Filter, From: q.From, To: q.To, Limit: q.Limit, Offset: q.Offset, AllCopies: q.AllCopies, Invalid: q.Invalid}
}

// PrepareRecords checks a question for [Engine.Records]: all that makes sums, such as Measure and By, is ignored. Errors are *[Error].
func (q Question) PrepareRecords(reg *flow.Registry) (Plan, error) {
	p := Plan{Question: q.listing()}
	if err := p.prepareSelection(reg, DefaultRecords); err != nil {
		return Plan{}, err
	}
	return p, nil
}

func (p *Plan) prepareMeasure(reg *flow.Registry) error {
	if p.Measure == "" {
		p.Measure = Bytes
	}
	text := string(p.Measure)
	if p.Measure == Distinct {
		text = fmt.Sprintf("distinct(%s)", p.Field)
	}
	m, field, err := ParseMeasure(text)
	if err != nil {
		return err
	}
	if m != Distinct && p.Field != "" {
		return &Error{Part: "field", Text: fmt.Sprintf("%s takes no field", m)}
	}
	p.Measure, p.Field = m, field
	if m == Distinct {
		p.Of, err = lookup(reg, "measure", field)
	}
	return err
}

func (p *Plan) prepareGroups(reg *flow.Registry) error {
	if len(p.By) > MaxGroups {
		return &Error{Part: "by", Text: fmt.Sprintf("at most %d fields, not %d", MaxGroups, len(p.By))}
	}
	find := lookup
	if p.Measure == Sessions {
		find = lookupOfSessions
	}
	for i, name := range p.By {
		f, err := find(reg, "by", name)
		if err != nil {
			return err
		}
		for _, before := range p.By[:i] {
			if before == name {
				return &Error{Part: "by", Text: name + " is there twice"}
			}
		}
		p.Groups = append(p.Groups, f)
	}
	return nil
}

// lookup finds a field by which records can be grouped or told apart.
func lookup(reg *flow.Registry, part, name string) (*flow.Field, error) {
	f := reg.Lookup(name)
	switch {
	case f == nil:
		return nil, noField(reg, part, name, groupable)
	case f.Scope == flow.ScopeSession:
		return nil, &Error{Part: part, Text: name + onSessionsOnly}
	case !groupable(f):
		return nil, &Error{Part: part, Text: name + " holds objects, which have no groups"}
	}
	return f, nil
}

func groupable(f *flow.Field) bool { return f.Scope == flow.ScopeRecord && f.Kind != flow.KindObject }

func noField(reg *flow.Registry, part, name string, offered func(*flow.Field) bool) *Error {
	var names []string
	for _, f := range reg.Fields() {
		if offered(f) {
			names = append(names, f.Name)
		}
	}
	return &Error{Part: part, Text: fmt.Sprintf("no field %q%s", name, didYouMean(filter.Nearest(name, names)))}
}

func (p *Plan) prepareSelection(reg *flow.Registry, rows int) error {
	if err := p.prepareFilter(reg); err != nil {
		return err
	}
	if p.Limit == 0 {
		p.Limit = rows
	}
	switch {
	case p.Limit < 0 || p.Limit > MaxLimit:
		return &Error{Part: "limit", Text: fmt.Sprintf("%d is not between 1 and %d", p.Limit, MaxLimit)}
	case p.Offset < 0 || p.Offset > MaxOffset:
		return &Error{Part: "offset", Text: fmt.Sprintf("%d is not between 0 and %d", p.Offset, int64(MaxOffset))}
	case !p.From.IsZero() && !p.To.IsZero() && !p.From.Before(p.To):
		return &Error{Part: "from", Text: fmt.Sprintf("%s is not before %s", p.From.Format(time.RFC3339Nano), p.To.Format(time.RFC3339Nano))}
	}
	p.Start, p.HasStart = nanos(p.From)
	p.Stop, p.HasStop = nanos(p.To)
	return nil
}

// prepareFilter parses the filter, as of sessions where the plan is about them.
func (p *Plan) prepareFilter(reg *flow.Registry) error {
	if p.Measure == Sessions {
		return p.prepareSessionFilter(reg)
	}
	n, err := filter.Parse(p.Filter, reg)
	if err == nil {
		p.Node = n
		return nil
	}
	text := err.Error()
	if _, wrong := filter.ParseSession(p.Filter, reg); wrong == nil {
		text += askSessions // all that is wrong with it is that it is about sessions
	}
	return &Error{Part: "filter", Text: text}
}

// nanos converts a time; times that 64 bits can't hold bound at their end of the scale.
func nanos(t time.Time) (ns int64, bounded bool) {
	switch {
	case t.IsZero():
		return 0, false
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64, true
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64, true
	}
	return t.UnixNano(), true
}

// Selects tells whether the plan's time range and flags take a record; the filter is apart ([filter.Predicate] of Node).
func (p *Plan) Selects(r *flow.Record) bool {
	switch {
	case p.HasStart && r.End < p.Start, p.HasStop && r.End >= p.Stop:
		return false
	case p.Invalid != (r.Invalid != flow.ReasonNone):
		return false
	}
	return p.AllCopies || !r.Present.Has(flow.HasDuplicateOf)
}
