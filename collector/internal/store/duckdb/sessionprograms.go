//go:build cgo

package duckdb

import (
	"strconv"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hot"
	"github.com/weirflow/weir/shared/flow"
)

// sessionPrograms returns how all columns of [store.SessionColumns] are filled and loaded, in their order.
func sessionPrograms() []stored {
	var list []stored
	add := addTo(&list, store.SessionColumns())
	var s flow.Session
	add(1,
		toldID{id: off(&s, &s.ID.Hi), told: off(&s, &s.Told), open: off(&s, &s.Open)},
		number[uint32]{off: off(&s, &s.Told)},
		instant{off: off(&s, &s.End)}, remainder{off: off(&s, &s.End)},
		instant{off: off(&s, &s.Start)}, remainder{off: off(&s, &s.Start)},
		born{start: off(&s, &s.Start), off: off(&s, &s.Born)})
	sidePrograms(&s, &s.Client, add)
	sidePrograms(&s, &s.Server, add)
	add(1,
		number[uint8]{off: off(&s, &s.Transport), always: true},
		symbol{off: off(&s, &s.Service)},
		symbol{off: off(&s, &s.Application)},
		enumOf(off(&s, &s.Direction), directionName),
		number[uint8]{off: off(&s, &s.ICMPType)},
		number[uint8]{off: off(&s, &s.ICMPCode)},
		enumOf(off(&s, &s.State), func(n uint8) string { return flow.SessionState(n).String() }),
		float{off: off(&s, &s.Confidence)},
		float{off: off(&s, &s.SamplingInterval)},
		number[uint32]{off: off(&s, &s.Records)},
		number[uint32]{off: off(&s, &s.Copies)},
		number[uint8]{off: off(&s, &s.Open)},
		number[uint8]{off: off(&s, &s.Truncated)})
	for i := range s.Exporters {
		add(2, address{off: off(&s, &s.Exporters[i])})
	}
	return list
}

func sidePrograms(s *flow.Session, e *flow.SessionSide, add adder) {
	add(2, address{off: off(s, &e.IP), always: true})
	add(1,
		number[uint16]{off: off(s, &e.Port), always: true},
		number[uint64]{off: off(s, &e.Bytes), always: true},
		number[uint64]{off: off(s, &e.Packets), always: true},
		number[uint16]{off: off(s, &e.TCPFlags)},
		number[uint32]{off: off(s, &e.ASN)},
		country{off: off(s, &e.Country)})
	add(2, address{off: off(s, &e.NAT)})
	add(1,
		number[uint16]{off: off(s, &e.NATPort)},
		symbol{off: off(s, &e.Groups)})
}

func directionName(n uint8) string {
	if d := flow.Direction(n); d <= flow.External {
		return d.String()
	}
	return strconv.Itoa(int(n))
}

// born is when the first piece of a session began, stored where it is not the session's start. It is loaded after that.
type born struct{ start, off uintptr }

func (p born) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[int64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		cell[i] = *member[int64](&in.mem, i, p.off)
		if cell[i] != *member[int64](&in.mem, i, p.start) {
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p born) used(in *input) bool {
	for i := range in.mem.n {
		if *member[int64](&in.mem, i, p.off) != *member[int64](&in.mem, i, p.start) {
			return true
		}
	}
	return false
}

func (p born) load(cols []cells, out *output) {
	for i := range out.mem.n {
		v := *member[int64](&out.mem, i, p.start)
		if cols[0].isValid(i) {
			v = *at[int64](cols[0], i)
		}
		*member[int64](&out.mem, i, p.off) = v
	}
}

// toldID is the upper half of the id of a session that is told of more than once. That of others, which are nearly all, is left out: it
// follows from other columns, and would be a third of what they take.
type toldID struct{ id, told, open uintptr }

func (p toldID) again(in *input, i int) bool {
	return *member[uint32](&in.mem, i, p.told) != 0 || *member[bool](&in.mem, i, p.open)
}

func (p toldID) fill(cols []hot.Vector, in *input, at int) {
	cell := hot.Cells[uint64](&cols[0])[at:]
	var valid uint64
	for i := range in.mem.n {
		if p.again(in, i) {
			cell[i] = *member[uint64](&in.mem, i, p.id)
			valid |= 1 << i
		}
	}
	cols[0].Mark(at, valid)
}

func (p toldID) used(in *input) bool {
	for i := range in.mem.n {
		if p.again(in, i) {
			return true
		}
	}
	return false
}

// load does nothing: see complete.
func (toldID) load([]cells, *output) {}
