package document

import (
	"strconv"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/sink/member"
)

// amountNames are the fields of a direction in the order of [interfaces.Amounts].
var amountNames = []struct{ name, doc string }{
	{"octets", "Octets: of counters frames on the link, of flows as the records say."}, {"framing", "Octets that the link adds to flows that count IP packets."},
	{"unicast", "Unicast packets; of flows all packets."}, {"multicast", "Multicast packets."}, {"broadcast", "Broadcast packets."},
	{"discards", "Packets discarded."}, {"errors", "Packets with errors."}, {"variance", "Square of the standard error of octets for sampling, in octets²."},
}

// ethernetNames are the fields of an Ethernet interface in the order of [interfaces.EthernetErrors.List].
var ethernetNames = []struct{ name, doc string }{
	{"alignment", "Frames of no whole number of bytes."}, {"fcs", "Frames with a wrong check sequence."}, {"too_long", "Frames that were too long."},
	{"internal_receive", "Errors of the interface while receiving."}, {"collisions", "Frames sent after collisions."}, {"late_collisions", "Late or too many collisions."},
	{"carrier", "Carrier lost while sending."}, {"internal_transmit", "Errors of the interface while sending."}, {"symbol", "Invalid symbols on the wire."},
}

// gaugeNames are the fields of a processor in the order of gaugeList.
var gaugeNames = []struct{ name, doc string }{
	{"samples", "Samples that the means are of."}, {"load_5s.mean", "Mean of its load over 5 s, 0 to 1."}, {"load_5s.peak", "The greatest."},
	{"load_1m.mean", "Mean of its load over a minute, 0 to 1."}, {"load_1m.peak", "The greatest."}, {"load_5m.mean", "Mean of its load over five minutes, 0 to 1."},
	{"load_5m.peak", "The greatest."}, {"memory", "Memory in all, in bytes."}, {"free_memory", "The least free memory, in bytes."},
}

func gaugeList(g *interfaces.Gauges) [9]*float64 {
	return [9]*float64{&g.Samples, &g.Load5s.Mean, &g.Load5s.Peak, &g.Load1m.Mean, &g.Load1m.Peak, &g.Load5m.Mean, &g.Load5m.Peak, &g.Memory, &g.FreeMemory}
}

func amountList(a *interfaces.Amounts) [8]*float64 {
	return [8]*float64{&a.Octets, &a.Framing, &a.Unicast, &a.Multicast, &a.Broadcast, &a.Discards, &a.Errors, &a.Variance}
}

func interfaceFields() []Field {
	const keyword, double, long = filter.ElasticKeyword, filter.ElasticDouble, filter.ElasticLong
	list := []Field{
		{Name: "@timestamp", Type: filter.ElasticDate, ECS: true, Doc: "Start of the minute."},
		{Name: "event.id", Type: keyword, ECS: true, Doc: "Identity of the document."},
		{Name: "event.kind", Type: keyword, ECS: true, Always: "metric", Doc: "Kind of the event."},
		{Name: "observer.ip", Type: filter.ElasticIP, ECS: true, Doc: "Exporter."},
		{Name: "weir.interface.kind", Type: keyword, Doc: "interface, vlan or processor."},
		{Name: "weir.interface.index", Type: long, Doc: "ifIndex, number of the VLAN, or data source of the processor."},
		{Name: "weir.interface.name", Type: keyword, Doc: "Name of the interface."},
		{Name: "weir.interface.alias", Type: keyword, Doc: "Its description."},
		{Name: "weir.interface.speed", Type: long, Doc: "Its speed in bit/s."},
		{Name: "weir.interface.admin", Type: keyword, Doc: "up or down, as it is set."},
		{Name: "weir.interface.oper", Type: keyword, Doc: "up or down, as it is."},
		{Name: "weir.interface.source", Type: keyword, Doc: "flows, sflow or snmp: what the amounts are made of."},
		{Name: "weir.interface.run", Type: keyword, Doc: "Which process counted, or which captures were replayed. Documents of one minute add up."},
		{Name: "weir.interface.part", Type: long, Doc: "0: the minute; further ones are what came late, and add to it."},
		{Name: "weir.interface.seconds", Type: double, Doc: "How much of the minute is covered."},
		{Name: "weir.interface.late", Type: double, Doc: "How late a record of a flow came, at most, in s."},
	}
	for _, way := range []string{"in", "out"} {
		for _, a := range amountNames {
			list = append(list, Field{Name: "weir.interface." + way + "." + a.name, Type: double, Doc: a.doc})
		}
	}
	for _, n := range ethernetNames {
		list = append(list, Field{Name: "weir.interface.ethernet." + n.name, Type: double, Doc: n.doc})
	}
	for _, n := range gaugeNames {
		list = append(list, Field{Name: "weir.processor." + n.name, Type: double, Doc: n.doc})
	}
	return list
}

// AppendInterfaceID appends the id of the document of a part of a minute.
func AppendInterfaceID(dst []byte, m *interfaces.Minute, part uint64) []byte {
	dst = append(m.Exporter.Netip().AppendTo(dst), '-')
	dst = append(append(dst, m.Kind.String()...), '-')
	dst = append(strconv.AppendUint(dst, uint64(m.Index), 10), '-')
	dst = append(append(dst, m.Source.String()...), '-')
	dst = append(strconv.AppendInt(dst, m.At/1e9, 10), '-')
	dst = append(strconv.AppendUint(dst, m.Run, 16), '-')
	return strconv.AppendUint(dst, part, 10)
}

// AppendInterface appends the document of a part of a minute: part 0 is the minute as it was when it was over, further ones are what came
// later and is to be added. Its id is [AppendInterfaceID].
func (e *Encoder) AppendInterface(dst []byte, m *interfaces.Minute, part uint64) []byte {
	dst = member.Time(dst, `{"@timestamp":`, m.At)
	dst = append(AppendInterfaceID(append(dst, `,"event.id":"`...), m, part), '"')
	dst = member.Addr(dst, `,"observer.ip":`, m.Exporter)
	dst = member.Text(dst, `,"weir.interface.kind":`, m.Kind.String())
	dst = member.Uint(dst, `,"weir.interface.index":`, uint64(m.Index))
	dst = member.Text(dst, `,"weir.interface.name":`, m.Name)
	dst = member.Text(dst, `,"weir.interface.alias":`, m.Alias)
	if m.Speed > 0 {
		dst = member.Uint(dst, `,"weir.interface.speed":`, m.Speed)
	}
	dst = member.Text(dst, `,"weir.interface.admin":`, statusText(m.Admin))
	dst = member.Text(dst, `,"weir.interface.oper":`, statusText(m.Oper))
	dst = member.Text(dst, `,"weir.interface.source":`, m.Source.String())
	dst = append(strconv.AppendUint(append(dst, `,"weir.interface.run":"`...), m.Run, 16), '"')
	dst = member.Uint(dst, `,"weir.interface.part":`, part)
	dst = member.Float(dst, `,"weir.interface.seconds":`, m.Seconds)
	dst = member.Float(dst, `,"weir.interface.late":`, m.Late)
	dst = appendNumbers(dst, m)
	return e.finish(dst, Interface)
}

func appendNumbers(dst []byte, m *interfaces.Minute) []byte {
	if m.Kind != interfaces.KindProcessor {
		for i, v := range amountList(&m.In) {
			dst = appendKnown(dst, "weir.interface.in.", amountNames[i].name, *v)
		}
	}
	if m.Kind == interfaces.KindInterface {
		for i, v := range amountList(&m.Out) {
			dst = appendKnown(dst, "weir.interface.out.", amountNames[i].name, *v)
		}
	}
	if m.Ethernet != nil {
		for i, v := range m.Ethernet.List() {
			dst = appendKnown(dst, "weir.interface.ethernet.", ethernetNames[i].name, *v)
		}
	}
	if m.Gauges != nil {
		for i, v := range gaugeList(m.Gauges) {
			dst = appendKnown(dst, "weir.processor.", gaugeNames[i].name, *v)
		}
	}
	return dst
}

// appendKnown leaves out what is not known.
func appendKnown(dst []byte, prefix, name string, v float64) []byte {
	if v < 0 {
		return dst
	}
	dst = append(append(append(dst, `,"`...), prefix...), name...)
	return member.Float(append(dst, '"'), `:`, v)
}

func statusText(s flow.InterfaceStatus) string {
	switch s {
	case flow.StatusUp:
		return "up"
	case flow.StatusDown:
		return "down"
	}
	return ""
}
