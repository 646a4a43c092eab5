package filter_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

func TestTextParsesToTheSameTree(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(1, 2)), flow.NewRegistry()
	for range 5000 {
		n := filtertest.Random(rng, reg)
		back, err := filter.Parse(n.String(), reg)
		if err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		if !reflect.DeepEqual(n, back) {
			t.Fatalf("%s\nis parsed as\n%s\n%#v\n%#v", n, back, n, back)
		}
	}
}

func TestPredicateSelectsWhatTheLanguageMeans(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(3, 4)), flow.NewRegistry()
	selectedSome, selectedNotAll := 0, 0
	for range 40 {
		b := filtertest.RandomBatch(rng, 100)
		for range 250 {
			n := filtertest.Random(rng, reg)
			match, selected := filter.Predicate(n), map[flow.EventID]bool{}
			for i := range b.Records {
				if match(b, &b.Records[i]) {
					selected[b.Records[i].ID] = true
				}
			}
			if diff := filtertest.Difference(n, b, reg, selected); diff != "" {
				t.Fatal(diff)
			}
			if len(selected) > 0 {
				selectedSome++
			}
			if len(selected) < len(b.Records) {
				selectedNotAll++
			}
		}
	}
	// A generator whose filters match nothing or everything would prove nothing.
	if selectedSome < 5000 || selectedNotAll < 5000 {
		t.Errorf("of 10000 filters %d select a record and %d leave one out: the generator has gone blunt", selectedSome, selectedNotAll)
	}
}

// TestEveryFieldCanBeAsked holds the fast ways of the predicate to the registry, field by field.
func TestEveryFieldCanBeAsked(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(5, 6)), flow.NewRegistry()
	b := filtertest.RandomBatch(rng, 200)
	for _, f := range reg.Fields() {
		if f.Scope != flow.ScopeRecord {
			continue
		}
		there := filter.Predicate(filter.Exists{Field: f})
		found := 0
		for i := range b.Records {
			r := &b.Records[i]
			has := len(f.Get(nil, b, r)) > 0
			if has {
				found++
			}
			if there(b, r) != has {
				t.Errorf("%s : * is %v, the registry says %v", f.Name, !has, has)
			}
		}
		if found == 0 {
			t.Errorf("%s is in no record of a random batch", f.Name)
		}
	}
}

func TestPredicateAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Log("not counted: the race detector drops pooled values at random")
		return
	}
	rng, reg := rand.New(rand.NewPCG(7, 8)), flow.NewRegistry()
	b := filtertest.RandomBatch(rng, 64)
	for range 2000 {
		n := filtertest.Random(rng, reg)
		match := filter.Predicate(n)
		allocs := testing.AllocsPerRun(3, func() {
			for i := range b.Records {
				match(b, &b.Records[i])
			}
		})
		if allocs > 0 {
			t.Fatalf("%s allocates %v times for %d records", n, allocs, len(b.Records))
		}
	}
}

func FuzzParse(f *testing.F) {
	reg := flow.NewRegistry()
	rng := rand.New(rand.NewPCG(9, 10))
	for range 50 {
		f.Add(filtertest.Random(rng, reg).String())
	}
	for _, seed := range []string{`source.ip : (10.0.0.0/8 or "::1")`, `network.application : "a\"b" or network.application : a\ b*`, `((((`, `not not`, `a:`, "source.port:\xff"} {
		f.Add(seed)
	}
	b := filtertest.RandomBatch(rng, 8)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := filter.Parse(text, reg)
		if err != nil {
			if bad := new(filter.Error); !asError(err, &bad) || bad.Column < 1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		back, err := filter.Parse(n.String(), reg)
		if err != nil || !reflect.DeepEqual(n, back) {
			t.Fatalf("%q is %q, which is parsed as %v (%v)", text, n, back, err)
		}
		match := filter.Predicate(n)
		for i := range b.Records {
			if match(b, &b.Records[i]) != filtertest.Match(n, b, &b.Records[i]) {
				t.Fatalf("%q: predicate and meaning differ on record %d", text, i)
			}
		}
	})
}
