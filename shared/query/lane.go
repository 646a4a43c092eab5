package query

import (
	"github.com/weirflow/weir/shared/flow"
)

// Lane is a column of sums that an engine makes: one measure, of one direction or of both together, in the range or in the earlier one.
type Lane struct {
	Measure Measure
	Side    LaneSide
	Earlier bool
}

// LaneSide is what a lane counts of a record.
type LaneSide uint8

// Sides: all that a record counts, or what went out of or came into the hosts that the question means.
const (
	Whole LaneSide = iota
	Outgoing
	Incoming
)

// View is a selection of records (or sessions) whose amounts go into lanes: most questions have one, those of both directions have another
// with the sides swapped, those that compare another of the earlier range. Node, Groups, From, To, Start and Stop are those of the view.
type View struct {
	Plan
	Earlier bool
	// AtDestination says, of a question of both directions, that the hosts meant are the records' destinations here.
	AtDestination bool
}

// Views returns the selections of the plan.
func (p *Plan) Views() []View {
	views := []View{{Plan: *p, AtDestination: p.atDestination}}
	if p.Direction == DirectionBoth {
		swapped := View{Plan: *p, AtDestination: !p.atDestination}
		swapped.Node, swapped.Groups = p.swappedNode, p.swappedGroups
		views = append(views, swapped)
	}
	if p.Compare != "" {
		before := View{Plan: *p, Earlier: true}
		before.From, before.To = p.earlier(p.From), p.earlier(p.To)
		before.Start, before.HasStart = nanos(before.From)
		before.Stop, before.HasStop = nanos(before.To)
		views = append(views, before)
	}
	return views
}

// Base is the number of the bucket that has position 0 in the view.
func (v *View) Base() int64 {
	if v.Earlier {
		return v.Step.Number(v.Start)
	}
	return v.base
}

// Amount is what a record adds to a lane.
type Amount uint8

// Amounts. The distinct values of Of are counted, all else is added up.
const (
	Nothing Amount = iota
	AllBytes
	AllPackets
	One
	SourceBytes
	SourcePackets
	DestinationBytes
	DestinationPackets
	Values
)

// Of returns the amount of a record that stands for as many as records says: one, unless it is a sum.
func (a Amount) Of(r *flow.Record, records uint64) uint64 {
	switch a {
	case AllBytes:
		return r.Bytes
	case AllPackets:
		return r.Packets
	case SourceBytes:
		return r.Source.Bytes
	case SourcePackets:
		return r.Source.Packets
	case DestinationBytes:
		return r.Destination.Bytes
	case DestinationPackets:
		return r.Destination.Packets
	}
	return records
}

// Amount returns what the view's records add to a lane.
func (v *View) Amount(l Lane) Amount {
	if v.Earlier != l.Earlier {
		return Nothing
	}
	var amount Amount
	switch l.Measure {
	case Bytes, BPS:
		amount = AllBytes
	case Packets, PPS:
		amount = AllPackets
	case Distinct:
		return Values
	default:
		return One
	}
	switch {
	case l.Side == Whole:
		return amount
	case (l.Side == Outgoing) != v.AtDestination:
		return amount + (SourceBytes - AllBytes)
	}
	return amount + (DestinationBytes - AllBytes)
}

// prepareLanes lists the plan's lanes.
func (p *Plan) prepareLanes() {
	switch {
	case p.Direction == DirectionBoth:
		p.Lanes = []Lane{{Measure: p.Measure, Side: Outgoing}, {Measure: p.Measure, Side: Incoming}}
		return
	case p.Compare != "":
		p.Lanes = []Lane{{Measure: p.Measure}, {Measure: p.Measure, Earlier: true}}
		return
	}
	p.Lanes = []Lane{{Measure: p.Measure}}
	for _, m := range p.More {
		p.Lanes = append(p.Lanes, Lane{Measure: m})
	}
}

// prepareDirection swaps the sides of filter and groups.
func (p *Plan) prepareDirection(reg *flow.Registry) error {
	switch p.Direction {
	case "":
		return nil
	case DirectionBoth:
	default:
		return &Error{Part: "direction", Text: `"` + string(p.Direction) + `" is not both`}
	}
	switch p.Measure {
	case Bytes, Packets, BPS, PPS:
	default:
		return &Error{Part: "direction", Text: "both directions have bytes, packets, bps and pps, not " + string(p.Measure)}
	}
	sides := swapper{reg: reg}
	for _, f := range p.Groups {
		p.swappedGroups = append(p.swappedGroups, sides.field(f))
	}
	p.swappedNode = sides.node(p.Node)
	if sides.first == "" {
		return &Error{Part: "direction", Text: "neither by nor filter names a side: write source.ip rather than related.ip, for example"}
	}
	p.atDestination = sides.first == destinationSide
	return nil
}
