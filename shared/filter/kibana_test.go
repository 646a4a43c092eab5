package filter_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// TestKibanaReadsTheSame: the canonical text, read by Kibana's rules, is the tree.
func TestKibanaReadsTheSame(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(41, 42)), flow.NewRegistry()
	for i := range 10_000 {
		n := filtertest.Random(rng, reg)
		if i%2 == 1 {
			n = filtertest.RandomOfSessions(rng, reg)
		}
		if got, want := readKuery(n.String()), lists(n); got != want {
			t.Fatalf("%s\nKibana reads %s\nwanted       %s", n, got, want)
		}
	}
}

// lists writes a tree as readKuery does.
func lists(n filter.Node) string {
	switch n := n.(type) {
	case filter.And:
		return joinedLists("and", n)
	case filter.Or:
		return joinedLists("or", n)
	case filter.Not:
		return "(not " + lists(n.Of) + ")"
	case filter.Exists:
		return fmt.Sprintf("(is %q %c)", n.Field.Name, star)
	case filter.Compare:
		if n.Op != filter.Equal {
			return fmt.Sprintf("(%s %q %s)", []string{"", ">", ">=", "<", "<="}[n.Op], n.Field.Name, listed(n.Values[0]))
		}
		var all []string
		for _, v := range n.Values {
			all = append(all, fmt.Sprintf("(is %q %s)", n.Field.Name, listed(v)))
		}
		if len(all) > 1 {
			return "(or " + strings.Join(all, " ") + ")"
		}
		return all[0]
	}
	return ""
}

func joinedLists(word string, members []filter.Node) string {
	switch len(members) {
	case 0:
		return "(all)"
	case 1:
		return lists(members[0])
	}
	var all []string
	for _, m := range members {
		all = append(all, lists(m))
	}
	return "(" + word + " " + strings.Join(all, " ") + ")"
}

func listed(v filter.Value) string {
	switch {
	case v.Parts != nil:
		return strconv.Quote(strings.Join(v.Parts, string(star)))
	case v.Kind == flow.KindIP && v.Bits < 128 && v.IP.Is4():
		return strconv.Quote(fmt.Sprintf("%s/%d", v.IP, v.Bits-96))
	case v.Kind == flow.KindIP && v.Bits < 128:
		return strconv.Quote(fmt.Sprintf("%s/%d", v.IP, v.Bits))
	}
	return strconv.Quote(v.String())
}
