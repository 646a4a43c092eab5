package decode

import (
	"errors"
	"math"
	"net/netip"

	"github.com/weirflow/weir/shared/decode/ipfix"
	"github.com/weirflow/weir/shared/decode/netflow5"
	"github.com/weirflow/weir/shared/decode/netflow9"
	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// input is a datagram on its way.
type input struct {
	payload  []byte
	source   netip.AddrPort
	exporter flow.Addr // sFlow: the agent, else the source
	received int64
	out      *flow.Batch
	version  uint32
	// transport is the number of the transport session, 0 for datagrams.
	transport uint64

	stream *stream       // locked between begin and end
	talk   *conversation // of the stream
	first  int           // index of the datagram's entry in out
	record int           // and of its first record
}

// begin finds the stream of a datagram with the facts of entry, locks it, counts the datagram and appends the entry. The error
// says that the datagram is refused; then nothing is locked.
func (d *Decoder) begin(in *input, entry flow.Datagram, number uint32) error {
	s := d.place(in, flow.StreamKey{Exporter: in.exporter, Domain: entry.Domain, Protocol: entry.Protocol})
	if s == nil {
		return d.refuse(in, flow.RefusedStreamCap, "")
	}
	s.mu.Lock()
	talk := d.conversation(s, in.transport)
	if talk == nil {
		s.mu.Unlock()
		return d.refuse(in, flow.RefusedStreamCap, "")
	}
	s.account.Datagrams.Add(1)
	s.account.Bytes.Add(uint64(len(in.payload)))
	s.account.LastSeen.Store(in.received)
	entry.ID, entry.Exporter, entry.Received, entry.Stream = s.identify(in.payload), s.exporter(talk), in.received, s.account
	if !talk.sequence.ahead(number) && s.repeats.has(entry.ID) {
		s.account.Refused.Add(flow.RefusedRepeated, 1)
		s.mu.Unlock()
		return &Error{Exporter: in.exporter, Domain: entry.Domain, Protocol: entry.Protocol, Version: in.version, Reason: flow.RefusedRepeated}
	}
	s.repeats.add(entry.ID, d.cfg.RepeatWindow)
	s.account.Decoded.Add(1)
	in.stream, in.talk, in.first, in.record = s, talk, len(in.out.Datagrams), len(in.out.Records)
	in.out.Datagrams = append(in.out.Datagrams, entry)
	return nil
}

// end takes the sequence number into account, completes the entries and unlocks the stream.
func (d *Decoder) end(in *input, a arrival, numbered bool) {
	s := in.stream
	d.follow(in, a, numbered)
	d.attribute(in)
	mark := s.mark(in.talk)
	for i := in.first; i < len(in.out.Datagrams); i++ {
		in.out.Datagrams[i].Mark = mark
	}
	s.mu.Unlock()
}

// follow counts what the sequence number says.
func (d *Decoder) follow(in *input, a arrival, numbered bool) {
	s, talk := in.stream, in.talk
	if in.transport != 0 {
		s.account.Gaps.Add(uint64(talk.join(a)))
	}
	v := talk.sequence.observe(a, numbered)
	if v.gap > 0 {
		s.account.Gaps.Add(uint64(v.gap))
	}
	if v.reordered {
		s.account.Reordered.Add(1)
	}
	if v.clash {
		s.account.Clashes.Add(1)
		if talk.sequence.mayTell(a.at) {
			d.deps.Log.Warn("several devices send from one address and domain", "source", s.key.Source(), "domain", s.key.Domain, "protocol", s.key.Protocol.String())
		}
	}
	if v.reset && !a.hasUptime && talk.session != nil && talk.session.Announces() && talk.sequence.mayFlush(a.at) {
		talk.session.Flush(a.at)
	}
	if v.restarted {
		s.account.Restarts.Add(1)
		if talk.sequence.mayTell(a.at) {
			d.deps.Log.Info("exporter restarted", "exporter", s.key.Exporter.Netip(), "domain", s.key.Domain, "protocol", s.key.Protocol.String())
		}
	}
}

// fault returns an error of a datagram that belongs to a stream.
func (in *input) fault(why flow.Reason, id uint16, detail string) error {
	k := in.stream.key
	return &Error{Exporter: k.Exporter, Domain: k.Domain, Protocol: k.Protocol, Version: in.version, Template: id, Reason: why, Detail: detail}
}

// decode5 decodes v1, v5 and v7.
func (d *Decoder) decode5(in *input) error {
	h, ok := netflow5.ReadHeader(in.payload)
	if !ok {
		return d.refuse(in, flow.RefusedShort, "")
	}
	entry := flow.Datagram{Domain: h.Domain(), Protocol: h.Protocol(), Exported: h.Exported(), Uptime: h.Uptime, HasUptime: true}
	if err := d.begin(in, entry, h.Sequence); err != nil {
		return err
	}
	n, exact := h.Records(in.payload)
	netflow5.Decode(in.payload, &h, n, in.out, uint32(in.first))
	account := in.stream.account
	account.Sets.Add(1)
	account.SetsDecoded.Add(1)
	account.InFlight.Add(int64(n))
	account.Records.Add(uint64(n))
	var err error
	switch {
	case n < int(h.Count):
		account.Errors.Add(flow.MalformedRecord, 1)
		err = in.fault(flow.MalformedRecord, 0, "the datagram is too short for the records it announces")
	case !exact:
		account.Repaired.Add(flow.RepairedLength, 1)
	}
	a := arrival{sequence: h.Sequence, units: uint32(h.Count), known: true, at: entry.Exported, order: entry.Exported, uptime: h.Uptime, hasUptime: true}
	d.end(in, a, h.Sequences())
	return err
}

// decode9 decodes a NetFlow v9 datagram.
func (d *Decoder) decode9(in *input) error {
	h, ok := netflow9.ReadHeader(in.payload)
	if !ok {
		return d.refuse(in, flow.RefusedShort, "")
	}
	entry := flow.Datagram{Domain: h.SourceID, Protocol: flow.NetFlow9, Exported: int64(h.Seconds) * 1e9, Uptime: h.Uptime, HasUptime: true}
	if err := d.begin(in, entry, h.Sequence); err != nil {
		return err
	}
	s := in.talk
	a := arrival{sequence: h.Sequence, units: 1, known: true, learn: true, at: entry.Exported, order: entry.Exported, uptime: h.Uptime, hasUptime: true}
	// A restart voids the templates before the sets of this very datagram are read.
	if s.sequence.hasUptime && s.sequence.rebooted(a, a.boot()) && !s.sequence.continues(&a) && s.sequence.mayFlush(a.at) {
		s.session.Flush(math.MaxInt64)
	}
	s.session.Begin(in.out, uint32(in.first), in.source.Port())
	netflow9.Decode(in.payload, s.session)
	s.session.Resume()
	err := in.sessionFault()
	a.counts.header = uint32(h.Count)
	a.counts.records, a.counts.known = s.session.Records()
	a.units = s.sequence.unit.of(&a.counts)
	d.end(in, a, true)
	return err
}

// decodeIPFIX decodes an IPFIX message. Without an uptime in the header a restart is proven only by a system init time that moved,
// or by a count that began anew with a datagram that announces templates or options; then the templates of before are forgotten.
func (d *Decoder) decodeIPFIX(in *input) error {
	h, ok := ipfix.ReadHeader(in.payload)
	if !ok {
		return d.refuse(in, flow.RefusedShort, "")
	}
	if h.Length < ipfix.HeaderSize {
		return d.refuse(in, flow.RefusedLength, "message length below that of its header")
	}
	entry := flow.Datagram{Domain: h.Domain, Protocol: flow.IPFIX, Exported: int64(h.Seconds) * 1e9}
	if err := d.begin(in, entry, h.Sequence); err != nil {
		return err
	}
	s := in.talk
	message := in.payload[:min(int(h.Length), len(in.payload))]
	if int(h.Length) != len(in.payload) {
		in.stream.account.Repaired.Add(flow.RepairedLength, 1)
	}
	s.session.Begin(in.out, uint32(in.first), in.source.Port())
	ipfix.Decode(message, s.session)
	s.session.Resume()
	err := in.sessionFault()
	units, known := s.session.Records()
	a := arrival{sequence: h.Sequence, units: units, known: known && int(h.Length) <= len(in.payload), at: entry.Exported, order: entry.Exported}
	d.end(in, a, true)
	return err
}

// sessionFault returns the first fault of the session's datagram.
func (in *input) sessionFault() error {
	f := in.talk.session.Fault()
	if f.Reason == flow.ReasonNone {
		return nil
	}
	return in.fault(f.Reason, f.Template, f.Detail)
}

// decodeSFlow decodes an sFlow v5 datagram.
func (d *Decoder) decodeSFlow(in *input) error {
	h, err := sflow.ReadHeader(in.payload)
	if err != nil {
		return d.refuse(in, sflowReason(err, flow.RefusedShort), err.Error())
	}
	if !h.Agent.IsUnspecified() {
		in.exporter = h.Agent // the agent is the exporter: its datagrams may come by way of others
	}
	entry := flow.Datagram{Domain: h.SubAgent, Protocol: flow.SFlow5, Uptime: h.Uptime, HasUptime: true}
	if err := d.begin(in, entry, h.Sequence); err != nil {
		return err
	}
	var fault error
	if err := in.stream.sflow.Decode(in.payload, in.out, uint32(in.first)); err != nil {
		fault = in.fault(sflowReason(err, flow.MalformedSample), 0, err.Error())
	}
	a := arrival{sequence: h.Sequence, units: 1, known: true, at: in.received, order: int64(h.Uptime), byUptime: true, uptime: h.Uptime, hasUptime: true}
	d.end(in, a, true)
	return fault
}

// sflowReason returns the reason of an error of package sflow.
func sflowReason(err error, otherwise flow.Reason) flow.Reason {
	if e := new(sflow.Error); errors.As(err, &e) {
		return e.Reason
	}
	return otherwise
}
