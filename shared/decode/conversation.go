package decode

import (
	"net/netip"

	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
)

// conversation is what templates and sequence numbers are scoped to: all datagrams of a stream together, or one transport
// session of it (RFC 7011, 8: templates are unique to a session, and end with it).
type conversation struct {
	sequence sequence
	session  *template.Session // v9 and IPFIX, else nil
	told     told

	before flow.StreamMark // of a transport session: how far the stream had come when it began
	joined bool            // before has been compared
}

// DecodeSession is [Decoder.Decode] for a message of a transport session, such as a TCP connection or an IPFIX file: its
// templates and sequence numbers hold in it alone. Sessions are told apart by numbers above 0 that are never used again; 0 is
// none. What a session keeps is let go by [Decoder.EndSession].
func (d *Decoder) DecodeSession(session uint64, payload []byte, source netip.AddrPort, received int64, out *flow.Batch) error {
	in := input{payload: payload, source: source, exporter: flow.AddrFromNetip(source.Addr().WithZone("")), received: received, out: out, transport: session}
	return d.dispatch(&in)
}

// EndSession withdraws the templates of a transport session. Sets that wait for one are expired(restart): none can come.
func (d *Decoder) EndSession(session uint64) {
	d.talking.Lock()
	streams := d.sessions[session]
	delete(d.sessions, session)
	d.talking.Unlock()
	for _, s := range streams {
		s.mu.Lock()
		if c := s.transports[session]; c != nil {
			c.session.Close()
			delete(s.transports, session)
			s.remember(c)
		}
		s.mu.Unlock()
	}
}

// remember takes over how far an ended session had come, for the next one: exporters may go on counting where they were.
func (s *stream) remember(c *conversation) {
	if !s.sequence.started && c.sequence.started {
		s.sequence.restore(flow.StreamMark{Next: c.sequence.next, Known: c.sequence.known, Order: c.sequence.order})
	}
}

// maxDomains is how many streams a transport session may have: exporters have a handful of observation domains.
const maxDomains = 256

// conversation returns what a datagram of the transport session belongs to, or nil at the cap; s is locked.
func (d *Decoder) conversation(s *stream, session uint64) *conversation {
	if session == 0 || s.session == nil {
		return &s.conversation
	}
	c := s.transports[session]
	if c != nil {
		return c
	}
	if !d.enlist(s, session) {
		return nil
	}
	c = &conversation{session: template.NewSession(&d.limits, s.account, d.deps.Symbols)}
	c.session.Firewall = s.session.Firewall
	// Beside another session, or datagrams, numbers say nothing about what was lost before.
	if c.joined = len(s.transports) > 0 || s.sequence.started; !c.joined {
		c.before = flow.StreamMark{Next: s.sequence.next, Known: s.sequence.known, Order: s.sequence.order}
	}
	if s.transports == nil {
		s.transports = map[uint64]*conversation{}
	}
	s.transports[session] = c
	return c
}

// enlist notes the stream as one that EndSession has to visit; false at the cap.
func (d *Decoder) enlist(s *stream, session uint64) bool {
	d.talking.Lock()
	defer d.talking.Unlock()
	if len(d.sessions[session]) >= maxDomains {
		return false
	}
	d.sessions[session] = append(d.sessions[session], s)
	return true
}

// join compares the first message of a transport session with how far the stream had come: a number a little ahead is what was
// lost with the connection. RFC 7011, 3.1 lets a session count from 0, which says nothing.
func (c *conversation) join(a arrival) (gap uint32) {
	if c.joined {
		return 0
	}
	c.joined = true
	ahead := int32(a.sequence - c.before.Next)
	if !c.before.Known || a.sequence == 0 || ahead <= 0 || int64(ahead) > mostUnits*(max(a.at-c.before.Order, 0)/1e9+1) {
		return 0
	}
	return uint32(ahead)
}
