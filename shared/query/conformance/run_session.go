package conformance

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/session"
)

// SessionEngine answers questions about sessions: lists, and totals and top lists with the measure sessions.
type SessionEngine interface {
	query.Engine
	query.SessionReader
}

// OpenSessions returns the engine under test, holding what was told of sessions, batch by batch in this order, and no records. All
// batches have one table of names.
type OpenSessions func(t *testing.T, told []*flow.SessionBatch) SessionEngine

// sessions is how many there are in a round.
const sessions = 150

// RunSessions holds an engine to the reference: same sessions, same questions, same answers.
func RunSessions(t *testing.T, open OpenSessions) {
	t.Helper()
	reg := flow.NewRegistry()
	for round := range rounds {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(round), 43))
			told := identified(filtertest.RandomSessions(rng, sessions))
			engine, reference := open(t, told), referenceOf(told)
			for range questions {
				q := RandomSessionQuestion(rng, reg, told)
				checkSessions(t, engine, reference, q)
				checkAggregate(t, engine, reference, countOver(rng, reg, q))
				if t.Failed() {
					return
				}
			}
		})
	}
	t.Run("every field", func(t *testing.T) {
		told := identified(filtertest.RandomSessions(rand.New(rand.NewPCG(44, 44)), sessions))
		engine, reference := open(t, told), referenceOf(told)
		for _, f := range reg.Fields() {
			if f.OfSession != nil {
				checkAggregate(t, engine, reference, query.Question{Measure: query.Sessions, By: []string{f.Name}, Limit: 1000})
				checkSessions(t, engine, reference, query.Question{Filter: f.Name + " : *"})
			}
		}
	})
	t.Run("nothing stored", func(t *testing.T) {
		engine, reference := open(t, nil), referenceOf(nil)
		checkSessions(t, engine, reference, query.Question{})
		for _, by := range [][]string{nil, {"client.ip"}} {
			checkAggregate(t, engine, reference, query.Question{Measure: query.Sessions, By: by})
		}
	})
	t.Run("wrong questions", func(t *testing.T) { checkSessionErrors(t, open(t, nil)) })
}

// identified gives sessions the ids that follow from what they hold, which stores need not keep.
func identified(told []*flow.SessionBatch) []*flow.SessionBatch {
	for _, b := range told {
		for i := range b.Sessions {
			b.Sessions[i].ID = session.IDOf(&b.Sessions[i])
		}
	}
	return told
}

func referenceOf(told []*flow.SessionBatch) *Reference {
	return NewReference(flow.NewBatch(0, flow.NewSymbols())).WithSessions(told...)
}

// RandomSessionQuestion returns a valid question that suits the sessions: up to three groups, filters, and bounds of time on, beside
// and between the ends of what was told, also of states that are not the last.
func RandomSessionQuestion(rng *rand.Rand, reg *flow.Registry, told []*flow.SessionBatch) query.Question {
	q := query.Question{Limit: []int{0, 1, 3, 1000}[rng.IntN(4)]}
	if rng.IntN(3) > 0 {
		q.Filter = filtertest.RandomOfSessions(rng, reg).String()
	}
	var fields []string
	for _, f := range reg.Fields() {
		if f.OfSession != nil {
			fields = append(fields, f.Name)
		}
	}
	order := rng.Perm(len(fields))
	for i := range rng.IntN(4) {
		q.By = append(q.By, fields[order[i]])
	}
	if len(q.By) > 0 && rng.IntN(4) == 0 {
		q.Offset = rng.IntN(4)
	}
	var ends []int64
	for _, b := range told {
		for i := range b.Sessions {
			ends = append(ends, b.Sessions[i].End)
		}
	}
	q.From, q.To = randomRange(rng, func() time.Time { return time.Unix(0, ends[rng.IntN(len(ends))]+rng.Int64N(3)-1).UTC() })
	return q
}

// countOver counts the sessions of a question, half of the time over buckets, against an earlier range and so on.
func countOver(rng *rand.Rand, reg *flow.Registry, q query.Question) query.Question {
	q.Measure = query.Sessions
	if rng.IntN(2) == 0 {
		return q
	}
	return asSeries(rng, within(rng, q, time.Unix(0, filtertest.Start).UTC()), func(q query.Question) bool {
		_, err := q.Prepare(reg)
		return err == nil
	})
}

func checkSessions(t *testing.T, engine, reference query.SessionReader, q query.Question) {
	t.Helper()
	got, err := engine.Sessions(t.Context(), q)
	if err != nil {
		t.Errorf("sessions of %s\n%v", show(q), err)
		return
	}
	want, err := reference.Sessions(t.Context(), q)
	if err != nil {
		t.Fatalf("the reference refuses sessions of %s: %v", show(q), err)
	}
	if len(got.Sessions) != len(want.Sessions) {
		t.Errorf("sessions of %s\n%d, should be %d", show(q), len(got.Sessions), len(want.Sessions))
		return
	}
	for i := range got.Sessions {
		a := got.AppendJSON(nil, &got.Sessions[i])
		b := want.AppendJSON(nil, &want.Sessions[i])
		if string(a) != string(b) {
			t.Errorf("sessions of %s\nsession %d is\n%s\nshould be\n%s", show(q), i, a, b)
			return
		}
	}
}

// checkSessionErrors wants *query.Error with the part that is wrong, from both methods where both read the part.
func checkSessionErrors(t *testing.T, engine SessionEngine) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		part string
		list bool
		q    query.Question
	}{
		{"filter", true, query.Question{Filter: "clent.port : 80"}},
		{"filter", true, query.Question{Filter: "source.mac : *"}},
		{"limit", true, query.Question{Limit: query.MaxLimit + 1}},
		{"offset", true, query.Question{Offset: -1}},
		{"from", true, query.Question{From: noon, To: noon}},
		{"all_copies", true, query.Question{AllCopies: true}},
		{"invalid", true, query.Question{Invalid: true}},
		{"by", false, query.Question{By: []string{"source.mac"}}},
		{"by", false, query.Question{By: []string{"clent.ip"}}},
		{"field", false, query.Question{Field: "client.ip"}},
	} {
		if c.list {
			_, err := engine.Sessions(t.Context(), c.q)
			wantPart(t, c.part, c.q, err)
		}
		c.q.Measure = query.Sessions
		_, err := engine.Aggregate(t.Context(), c.q)
		wantPart(t, c.part, c.q, err)
	}
}
