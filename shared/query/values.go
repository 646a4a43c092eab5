package query

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// DefaultValues is how many values are told where a question does not say.
const DefaultValues = 20

// ValuesQuestion asks which values a field has in the records (or sessions) that a question selects, most frequent first: what a filter
// that is being written may go on with.
type ValuesQuestion struct {
	Field  string    `json:"field"`
	Prefix string    `json:"prefix,omitempty"` // of the value as answers show it, in any case
	Filter string    `json:"filter,omitempty"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Limit  int       `json:"limit,omitempty"` // 0: 20; at most MaxLimit
	// Sessions asks for the values of sessions. Fields that only sessions have are always those of sessions.
	Sessions bool `json:"sessions,omitempty"`
}

// Value is a value of a field, as answers show it, and how many records (or sessions) have it.
type Value struct {
	Value string `json:"value"`
	Count uint64 `json:"count"`
}

// ValuesAnswer are the values of a field, sorted by count, greatest first, then as a top list is.
type ValuesAnswer struct {
	Field     string    `json:"field"`
	Type      string    `json:"type"` // kind of value
	Values    []Value   `json:"values"`
	Exactness Exactness `json:"exactness"` // approximate where there are more values than can be searched for the prefix
	Loss      Loss      `json:"loss"`
	Truncated bool      `json:"truncated"` // whether there are more
}

// ValuesReader answers about the values of fields.
type ValuesReader interface {
	// Values returns the values that a question asks for. Errors about the question itself are *[Error].
	Values(ctx context.Context, q ValuesQuestion) (ValuesAnswer, error)
}

// Prepare returns the field and the question for its groups: the counts of all its values, absent ones included, of the records that
// the question selects; the prefix is in it as far as a filter can say it. Errors are *[Error].
func (q ValuesQuestion) Prepare(reg *flow.Registry) (*flow.Field, Question, error) {
	f := reg.Lookup(q.Field)
	if q.Field == "" {
		return nil, Question{}, &Error{Part: "field", Text: "name the field whose values are wanted"}
	}
	asked := Question{Filter: q.Filter, From: q.From, To: q.To, By: []string{q.Field}, Measure: Flows, Limit: q.Limit}
	if q.Sessions || f != nil && f.Scope == flow.ScopeSession {
		asked.Measure = Sessions
	}
	p, err := asked.Prepare(reg)
	if bad, ok := err.(*Error); ok && bad.Part == "by" { //nolint:errorlint // Prepare's errors are not wrapped
		return nil, Question{}, &Error{Part: "field", Text: bad.Text}
	}
	if err != nil {
		return nil, Question{}, err
	}
	if q.Limit == 0 {
		asked.Limit = DefaultValues
	}
	asked.Limit = min(asked.Limit+1, MaxLimit) // absent is one of them
	if q.Prefix != "" {
		asked.Limit = MaxLimit
		asked.Filter = narrowed(p.Node, f, q.Prefix)
	}
	return f, asked, nil
}

// narrowed adds a condition to a filter that holds for all records with a value that begins with the prefix.
func narrowed(n filter.Node, f *flow.Field, prefix string) string {
	condition := prefixFilter(f, strings.ToLower(prefix))
	whole := n.String()
	switch {
	case condition == "":
		return whole
	case whole == "":
		return condition
	}
	return fmt.Sprintf("(%s) and (%s)", whole, condition)
}

// ListValues answers a question about values by an engine's top lists.
func ListValues(ctx context.Context, engine Engine, q ValuesQuestion) (ValuesAnswer, error) {
	f, asked, err := q.Prepare(flow.NewRegistry())
	if err != nil {
		return ValuesAnswer{}, err
	}
	res, err := engine.Aggregate(ctx, asked)
	if err != nil {
		return ValuesAnswer{}, err
	}
	groups := res.Rows
	if res.Truncated {
		groups = groups[:len(groups)-1] // other
	}
	limit := q.Limit
	if limit == 0 {
		limit = DefaultValues
	}
	a := ValuesAnswer{Field: f.Name, Type: f.Kind.String(), Values: []Value{}, Exactness: res.Exactness, Loss: res.Loss}
	for _, row := range groups {
		if row[0] == nil || !hasPrefix(fmt.Sprint(row[0]), q.Prefix) {
			continue
		}
		if len(a.Values) == limit {
			a.Truncated = true
			return a, nil
		}
		count, _ := row[1].(uint64)
		a.Values = append(a.Values, Value{Value: fmt.Sprint(row[0]), Count: count})
	}
	if a.Truncated = res.Truncated; a.Truncated && q.Prefix != "" {
		a.Exactness = Approximate // what begins so may be among those that are not told
	}
	return a, nil
}

func hasPrefix(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
