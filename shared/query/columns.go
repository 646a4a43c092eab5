package query

import (
	"fmt"
	"strconv"

	"github.com/weirflow/weir/shared/flow"
)

// Columns beside groups and measures.
const (
	timeColumn    = "@timestamp"
	outColumn     = "out"
	inColumn      = "in"
	earlierColumn = "earlier"
	changeColumn  = "change"
)

// Columns returns the columns of the answer: of a series the bucket's start, then the groups, then the lanes, of a comparison the change.
func (p *Plan) Columns() []Column {
	columns := make([]Column, 0, len(p.Groups)+len(p.Lanes)+2)
	if p.Series() {
		columns = append(columns, Column{Name: timeColumn, Type: flow.KindTime.String()})
	}
	for _, f := range p.Groups {
		columns = append(columns, Column{Name: f.Name, Type: f.Kind.String(), Unit: f.Unit})
	}
	for _, l := range p.Lanes {
		columns = append(columns, p.columnOf(l))
	}
	if p.Compare != "" {
		columns = append(columns, Column{Name: changeColumn, Type: flow.KindFloat.String()})
	}
	return columns
}

func (p *Plan) columnOf(l Lane) Column {
	unit, _ := l.Measure.unit()
	c := Column{Name: string(l.Measure), Type: flow.KindUint.String(), Unit: unit}
	if l.Measure.rate() {
		c.Type = flow.KindFloat.String()
	}
	switch {
	case l.Earlier:
		c.Name = earlierColumn
		return c
	case l.Side == Outgoing:
		c.Name = outColumn
	case l.Side == Incoming:
		c.Name = inColumn
	case p.Of != nil:
		c.Name = fmt.Sprintf("distinct(%s)", p.Of.Name)
	}
	if p.Percentile > 0 {
		c.Name = "p" + strconv.FormatFloat(p.Percentile, 'g', -1, 64) + "(" + c.Name + ")"
	}
	return c
}
