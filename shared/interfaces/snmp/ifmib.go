package snmp

import (
	"maps"
	"slices"

	"github.com/gosnmp/gosnmp"

	"github.com/weirflow/weir/shared/flow"
)

// Objects of IF-MIB (RFC 2863) and SNMPv2-MIB (RFC 3418).
const (
	oidUptime  = ".1.3.6.1.2.1.1.3.0"
	ifEntry    = ".1.3.6.1.2.1.2.2.1"
	ifXEntry   = ".1.3.6.1.2.1.31.1.1.1"
	statusUp   = 1 // ifAdminStatus, ifOperStatus
	statusDown = 2
	megabit    = 1_000_000 // unit of ifHighSpeed, in bit/s
)

// noSpeed is ifSpeed of interfaces that are too fast for it.
const noSpeed = 1<<32 - 1

// row is an interface as its columns are read.
type row struct {
	sample                flow.InterfaceSample
	name, alias, descr    string
	high, speed           uint64
	hasWide               bool
	in32, out32           uint64
	inUnicast, outUnicast uint64 // of 32 bits
}

// column is an object of the tables and what becomes of its value.
type column struct {
	oid  string
	take func(r *row, v *gosnmp.SnmpPDU)
}

// counter returns a column that is a number.
func counter(oid string, at func(*row) *uint64) column {
	return column{oid, func(r *row, v *gosnmp.SnmpPDU) {
		if n, ok := number(v); ok {
			*at(r) = n
		}
	}}
}

func word(oid string, at func(*row) *string) column {
	return column{oid, func(r *row, v *gosnmp.SnmpPDU) { *at(r) = text(v) }}
}

func status(oid string, at func(*row) *flow.InterfaceStatus) column {
	return column{oid, func(r *row, v *gosnmp.SnmpPDU) {
		switch n, _ := number(v); n {
		case statusUp:
			*at(r) = flow.StatusUp
		case statusDown, 7: // lowerLayerDown
			*at(r) = flow.StatusDown
		}
	}}
}

// wideColumns are the 64-bit counters; they are read side by side, so that they are of the same moment.
func wideColumns() []column {
	return []column{
		{ifXEntry + ".6", func(r *row, v *gosnmp.SnmpPDU) {
			if n, ok := number(v); ok {
				r.sample.In.Octets, r.hasWide = n, true
			}
		}},
		counter(ifXEntry+".10", func(r *row) *uint64 { return &r.sample.Out.Octets }),
		counter(ifXEntry+".7", func(r *row) *uint64 { return &r.sample.In.Unicast }),
		counter(ifXEntry+".8", func(r *row) *uint64 { return &r.sample.In.Multicast }),
		counter(ifXEntry+".9", func(r *row) *uint64 { return &r.sample.In.Broadcast }),
		counter(ifXEntry+".11", func(r *row) *uint64 { return &r.sample.Out.Unicast }),
		counter(ifXEntry+".12", func(r *row) *uint64 { return &r.sample.Out.Multicast }),
		counter(ifXEntry+".13", func(r *row) *uint64 { return &r.sample.Out.Broadcast }),
		counter(ifXEntry+".15", func(r *row) *uint64 { return &r.high }),
	}
}

// narrowColumns are those of ifTable: what has no 64-bit form, and the 32-bit counters for agents without ifXTable.
func narrowColumns() []column {
	return []column{
		counter(ifEntry+".10", func(r *row) *uint64 { return &r.in32 }),
		counter(ifEntry+".16", func(r *row) *uint64 { return &r.out32 }),
		counter(ifEntry+".11", func(r *row) *uint64 { return &r.inUnicast }),
		counter(ifEntry+".17", func(r *row) *uint64 { return &r.outUnicast }),
		counter(ifEntry+".13", func(r *row) *uint64 { return &r.sample.In.Discards }),
		counter(ifEntry+".14", func(r *row) *uint64 { return &r.sample.In.Errors }),
		counter(ifEntry+".19", func(r *row) *uint64 { return &r.sample.Out.Discards }),
		counter(ifEntry+".20", func(r *row) *uint64 { return &r.sample.Out.Errors }),
		counter(ifEntry+".5", func(r *row) *uint64 { return &r.speed }),
	}
}

// nameColumns say what an interface is.
func nameColumns() []column {
	return []column{
		word(ifEntry+".2", func(r *row) *string { return &r.descr }),
		word(ifXEntry+".1", func(r *row) *string { return &r.name }),
		word(ifXEntry+".18", func(r *row) *string { return &r.alias }),
		{ifEntry + ".3", func(r *row, v *gosnmp.SnmpPDU) {
			if n, ok := number(v); ok {
				r.sample.Type = uint32(n)
			}
		}},
		status(ifEntry+".7", func(r *row) *flow.InterfaceStatus { return &r.sample.Admin }),
		status(ifEntry+".8", func(r *row) *flow.InterfaceStatus { return &r.sample.Oper }),
	}
}

// rows gathers what the columns say, by ifIndex.
type rows struct {
	max  int
	byID map[uint32]*row
	left uint64 // interfaces without place
}

func (l *rows) at(index uint32) *row {
	r := l.byID[index]
	if r == nil {
		if len(l.byID) >= l.max {
			l.left++
			return nil
		}
		none := flow.InterfaceCounters{
			Octets: flow.NoCounter, Unicast: flow.NoCounter, Multicast: flow.NoCounter, Broadcast: flow.NoCounter, Discards: flow.NoCounter, Errors: flow.NoCounter,
		}
		r = &row{in32: flow.NoCounter, out32: flow.NoCounter}
		r.inUnicast, r.outUnicast = flow.NoCounter, flow.NoCounter
		r.sample = flow.InterfaceSample{Index: index, Source: flow.InterfaceSNMP, In: none, Out: none}
		l.byID[index] = r
	}
	return r
}

// samples returns the interfaces in the order of their indices; boot is when the agent's uptime began.
func (l *rows) samples(exporter flow.Addr, boot int64, symbols *flow.Symbols) []flow.InterfaceSample {
	list := make([]flow.InterfaceSample, 0, len(l.byID))
	for _, index := range slices.Sorted(maps.Keys(l.byID)) {
		r := l.byID[index]
		if r.sample.At == 0 {
			continue // no counters
		}
		s := &r.sample
		s.Exporter, s.Boot = exporter, boot
		s.Speed = r.bitRate()
		s.OctetBits, s.PacketBits = 64, 64
		if !r.hasWide {
			s.OctetBits, s.PacketBits = 32, 32
			s.In.Octets, s.Out.Octets, s.In.Unicast, s.Out.Unicast = r.in32, r.out32, r.inUnicast, r.outUnicast
		}
		name := r.name
		if name == "" {
			name = r.descr
		}
		s.Name, s.Alias = symbols.Intern(name), symbols.Intern(r.alias)
		list = append(list, *s)
	}
	return list
}

// bitRate is ifHighSpeed, or ifSpeed where that is not known or too coarse.
func (r *row) bitRate() uint64 {
	if r.high > 0 && (r.speed == 0 || r.speed == noSpeed || r.speed > 20*megabit) {
		return r.high * megabit
	}
	if r.speed == noSpeed {
		return 0
	}
	return r.speed
}
