package api

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// maxGroups is how many groups are assumed at most: the records of a busy hour do not have more.
const maxGroups = 1e7

// selective is by how much a filter is assumed to lower the number of groups.
const selective = 100

// Cost estimates what a question for groups takes: the number of groups, of which memory is taken for each, times the hours of the range.
// In a series or percentile each group has a cell for every bucket, which counts as an hour does: intervals shorter than that cost more.
// Comparisons and both directions are made of the records twice. It is known before anything is read, and coarse: by kinds of fields, not
// by what is stored.
func Cost(reg *flow.Registry, q query.Question, hours float64) float64 {
	groups := 1.0
	for _, name := range fieldsOf(q) {
		if f := reg.Lookup(name); f != nil {
			groups *= values(f)
		}
	}
	groups = min(groups, maxGroups)
	if strings.TrimSpace(q.Filter) != "" {
		groups = max(1, groups/selective)
	}
	if q.Compare != "" {
		groups *= 2 // the same again, of another time
	}
	if q.Direction == query.DirectionBoth {
		groups *= 2 // what went out, and what came in
	}
	return groups * max(hours, buckets(q, hours), 1)
}

// buckets is how many buckets there are of a range, 0 where none are made.
func buckets(q query.Question, hours float64) float64 {
	step, err := query.ParseInterval("interval", q.Interval)
	if q.Interval == "" || err != nil || step.Width <= 0 { // the engine says what is wrong with it
		return 0
	}
	if !q.From.IsZero() && !q.To.IsZero() {
		hours = min(hours, max(q.To.Sub(q.From).Hours(), 0))
	}
	return math.Ceil(hours * float64(time.Hour) / float64(step.Width))
}

// fieldsOf are the fields that make groups, or values to tell apart in each.
func fieldsOf(q query.Question) []string {
	if q.Field == "" {
		return q.By
	}
	return append(q.By[:len(q.By):len(q.By)], q.Field)
}

// values is how many values of a field are assumed.
func values(f *flow.Field) float64 {
	switch f.Kind {
	case flow.KindIP, flow.KindTime, flow.KindFloat:
		return 1e5
	case flow.KindUint, flow.KindInt:
		return 1e4
	}
	if strings.HasSuffix(f.Name, ".id") {
		return maxGroups
	}
	return 100
}

// affordable refuses questions over the budget.
func (h *handler) affordable(q query.Question) error {
	hours := h.hours(q)
	cost := Cost(h.reg, q, hours)
	if h.cfg.Budget <= 0 || cost <= h.cfg.Budget {
		return nil
	}
	may := math.Floor(h.cfg.Budget / (cost / max(hours, 1)))
	what, longer := strings.Join(fieldsOf(q), ", "), ""
	if q.Interval != "" {
		what, longer = strings.TrimSpace(what+" by "+q.Interval), "choose a longer interval, "
	}
	return &refusal{
		status: http.StatusUnprocessableEntity, part: "cost",
		text: fmt.Sprintf("%s over %.0f hours is beyond the budget (api.limits.budget in weir.yaml): ask for at most %.0f hours, %sgroup by fewer fields, or narrow it down with a filter",
			what, hours, max(may, 1), longer),
	}
}

// hours is how long the range of a question is, as far as there are records.
func (h *handler) hours(q query.Question) float64 {
	switch {
	case h.deps.Hours != nil:
		return h.deps.Hours(q.From, q.To)
	case q.From.IsZero() || q.To.IsZero():
		return 1 // nothing is known of what is stored
	}
	return max(q.To.Sub(q.From), time.Hour).Hours()
}
