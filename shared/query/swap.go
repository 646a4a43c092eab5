package query

import (
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

const (
	sourceSide      = "source."
	destinationSide = "destination."
)

// SidesSwapped returns a filter with source and destination in each other's place.
func SidesSwapped(n filter.Node, reg *flow.Registry) filter.Node {
	s := swapper{reg: reg}
	return s.node(n)
}

// swapper puts the fields of one side in the place of the other's.
type swapper struct {
	reg   *flow.Registry
	first string // the side of the first field that has one, "" before that
}

// field returns the same field of the other side, the field itself where it is of none.
func (s *swapper) field(f *flow.Field) *flow.Field {
	for _, side := range [][2]string{{sourceSide, destinationSide}, {destinationSide, sourceSide}} {
		for _, prefix := range []string{"", "weir."} {
			rest, ok := strings.CutPrefix(f.Name, prefix+side[0])
			if !ok {
				continue
			}
			if other := s.reg.Lookup(prefix + side[1] + rest); other != nil {
				if s.first == "" {
					s.first = side[0]
				}
				return other
			}
		}
	}
	return f
}

func (s *swapper) node(n filter.Node) filter.Node {
	switch n := n.(type) {
	case filter.And:
		return filter.And(s.nodes(n))
	case filter.Or:
		return filter.Or(s.nodes(n))
	case filter.Not:
		return filter.Not{Of: s.node(n.Of)}
	case filter.Compare:
		n.Field = s.field(n.Field)
		return n
	case filter.Exists:
		return filter.Exists{Field: s.field(n.Field)}
	}
	return n
}

func (s *swapper) nodes(list []filter.Node) []filter.Node {
	swapped := make([]filter.Node, len(list))
	for i, n := range list {
		swapped[i] = s.node(n)
	}
	return swapped
}
