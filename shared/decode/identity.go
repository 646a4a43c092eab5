package decode

import (
	"maps"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// Who an exporter is, in this order: the agent address of sFlow; the address that a record tells (IE 403, 404, 130, 131), for this
// record alone; the address that options data tell (IE 130, 131), for the stream; the UDP source.
//
// Streams are keyed by where datagrams come from, not by what they tell: a told address comes later than data, and what is
// keyed (templates, sequence numbers, the loss account, the identity of records) must not move then.

// Bounds of telling.
const (
	mostPorts  = 1024 // streams that an address and domain are split into by itself
	newAddress = 3    // times in a row that another address must be told to be the exporter's new one
	idPort     = 217  // exporterTransportPort
)

// exporters finds what is known of an exporter beforehand.
type exporters struct {
	list  []Exporter // the longest prefix first
	split bool       // any is split by port
}

func newExporters(list []Exporter) *exporters {
	e := &exporters{list: slices.Clone(list)}
	slices.SortStableFunc(e.list, func(a, b Exporter) int { return b.Match.Bits() - a.Match.Bits() })
	for i := range e.list {
		e.split = e.split || e.list[i].SplitByPort
	}
	return e
}

func (e *exporters) of(a flow.Addr) Exporter {
	if len(e.list) == 0 {
		return Exporter{}
	}
	ip := a.Netip()
	for i := range e.list {
		if e.list[i].Match.Contains(ip) {
			return e.list[i]
		}
	}
	return Exporter{}
}

// SetExporters replaces what is known of exporters beforehand, from the next datagram of each stream on. Datagrams of devices that are told
// apart by their ports from now on wait for their templates to come again; what counters of firewalls meant before is forgotten.
// It may be called while datagrams are decoded.
func (d *Decoder) SetExporters(list []Exporter) {
	known := newExporters(list)
	d.mu.Lock()
	d.exporters.Store(known)
	streams := slices.Collect(maps.Values(d.streams))
	d.mu.Unlock()
	for _, s := range streams {
		s.mu.Lock()
		if s.session != nil {
			s.session.Firewall = known.of(s.key.Exporter).Firewall
			for _, c := range s.transports {
				c.session.Firewall = s.session.Firewall
			}
		}
		s.mu.Unlock()
	}
}

// ports are UDP source ports; the map is never changed once it is in use.
type ports map[uint16]struct{}

// place finds the stream of a datagram; nil when there is no room for another.
func (d *Decoder) place(in *input, key flow.StreamKey) *stream {
	if known := d.exporters.Load(); in.transport == 0 && known.split && known.of(flow.AddrFromNetip(in.source.Addr().WithZone(""))).SplitByPort {
		key.Port = in.source.Port()
		return d.stream(key)
	}
	s := d.stream(key)
	if s == nil {
		return nil
	}
	if apart := s.apart.Load(); apart != nil && in.transport == 0 {
		if _, own := (*apart)[in.source.Port()]; own {
			key.Port = in.source.Port()
			return d.stream(key)
		}
	}
	return s
}

// told is what options data of a conversation told of the exporter's address.
type told struct {
	address flow.Addr // zero: none
	port    uint16    // source port of the latest datagram that told it
	rival   flow.Addr // another address, told since then
	times   int       // how often in a row
}

// exporter returns who the records of a conversation of the stream are from.
func (s *stream) exporter(c *conversation) flow.Addr {
	if !c.told.address.IsZero() {
		return c.told.address
	}
	return s.key.Exporter
}

// attribute takes up what options of the datagram told of the exporter, for all its records, and marks the records of devices
// that are told apart by nothing but their port.
func (d *Decoder) attribute(in *input) {
	s := in.stream
	if in.talk.session != nil {
		if a, own := in.talk.session.Exporter(); !a.IsZero() {
			d.learn(in, a, own)
		}
	}
	if s.key.Port != 0 && s.told.address.IsZero() {
		in.markPort(s.key.Port)
	}
}

// learn takes a told address. own says that the options are about the exporter itself, and do not only name one as their scope.
func (d *Decoder) learn(in *input, a flow.Addr, own bool) {
	s, t, port := in.stream, &in.talk.told, in.source.Port()
	switch {
	case t.address.IsZero():
		d.setExporter(s, in.talk, told{address: a, port: port})
	case t.address == a:
		if t.times > 0 { // told back and forth: two devices, or one that does not know
			s.account.Clashes.Add(1)
		}
		t.port, t.times = port, 0
		return
	case !own:
		return
	case port != t.port && d.split(in, a):
	default:
		if t.rival != a {
			t.rival, t.times = a, 0
		}
		if t.times++; t.times < newAddress {
			return
		}
		d.setExporter(s, in.talk, told{address: a, port: port})
	}
	in.reattribute(a)
}

func (d *Decoder) setExporter(s *stream, c *conversation, t told) {
	c.told = t
	s.account.Told.Store(&t.address)
	d.limits.Changed()
}

// split gives the source port of a datagram a stream of its own, for it told another address than the stream's. The templates that
// came from there go with it. It is false when there is no room.
func (d *Decoder) split(in *input, a flow.Addr) bool {
	s, port := in.stream, in.source.Port()
	if s.key.Port != 0 || port == 0 || in.transport != 0 {
		return false
	}
	key := s.key
	key.Port = port
	other := d.stream(key)
	if other == nil || !s.separate(port) {
		return false
	}
	other.mu.Lock() // streams without a port are locked first
	defer other.mu.Unlock()
	d.setExporter(other, &other.conversation, told{address: a, port: port})
	s.session.MoveTemplates(other.session, port)
	d.deps.Log.Info("devices behind one address are told apart", "source", key.Source(), "exporter", a.Netip(), "domain", key.Domain)
	return true
}

// separate notes that a source port has a stream of its own; it is false when there are too many.
func (s *stream) separate(port uint16) bool {
	known := ports{port: {}}
	if old := s.apart.Load(); old != nil {
		maps.Copy(known, *old)
	}
	if len(known) > mostPorts {
		return false
	}
	s.apart.Store(&known)
	return true
}

// setApart does the same for a stream that was saved with its port.
func (d *Decoder) setApart(key flow.StreamKey) {
	port := key.Port
	key.Port = 0
	if s := d.stream(key); s != nil {
		s.mu.Lock()
		s.separate(port)
		s.mu.Unlock()
	}
}

// reattribute gives the datagram, and those whose sets waited for it, to the address that its options told.
func (in *input) reattribute(a flow.Addr) {
	before := in.out.Datagrams[in.first].Exporter
	for i := in.first; i < len(in.out.Datagrams); i++ {
		in.out.Datagrams[i].Exporter = a
	}
	for i := in.record; i < len(in.out.Records); i++ {
		if r := &in.out.Records[i]; r.Exporter == before { // else it told another itself
			r.Exporter = a
		}
	}
}

// markPort adds the source port to the records of the stream (IE 217, exporterTransportPort).
func (in *input) markPort(port uint16) {
	value := [2]byte{byte(port >> 8), byte(port)}
	e := flow.Element{ID: idPort, Kind: flow.ElementUint, Value: value[:]}
	for i := in.record; i < len(in.out.Records); i++ {
		in.out.AddElement(&in.out.Records[i], e)
	}
}
