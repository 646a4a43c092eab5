package interfaces

import "github.com/weirflow/weir/shared/flow"

// system takes the samples of a batch that are not of interfaces.
func (m *Meter) system(b *flow.Batch) {
	for i := range b.VLANs {
		s := asInterface(&b.VLANs[i])
		m.sample(KindVLAN, &s)
	}
	for i := range b.Processors {
		m.processor(&b.Processors[i])
	}
}

// asInterface returns a sample of a VLAN in the form of one of an interface with one direction.
func asInterface(v *flow.VLANSample) flow.InterfaceSample {
	const none = flow.NoCounter
	return flow.InterfaceSample{
		Exporter: v.Exporter, Domain: v.Domain, Index: uint32(v.VLAN), Source: flow.InterfaceSFlow, At: v.At, Boot: v.Boot, OctetBits: 64, PacketBits: 32,
		In:  flow.InterfaceCounters{Octets: v.Octets, Unicast: v.Unicast, Multicast: v.Multicast, Broadcast: v.Broadcast, Discards: v.Discards, Errors: none},
		Out: flow.InterfaceCounters{Octets: none, Unicast: none, Multicast: none, Broadcast: none, Discards: none, Errors: none},
	}
}

// sameDomain tells whether a sample can be held against the last one. The sub-agents of a switch may each count what they see of a VLAN:
// that which came first is followed, another when it stays away. An interface is the same one by whichever sub-agent.
func (m *Meter) sameDomain(p *port, s *flow.InterfaceSample) bool {
	last := &p.last[s.Source]
	if p.kind == KindInterface || last.At == 0 || last.Domain == s.Domain {
		return true
	}
	m.count.faults[faultDomain]++
	if s.At >= last.At+otherSource {
		*last = *s
	}
	return false
}

// processor takes a sample of a processor.
func (m *Meter) processor(s *flow.ProcessorSample) {
	m.count.samples++
	p := m.portOf(m.agentOf(s.Exporter, KindProcessor), KindProcessor, s.Index)
	head := flow.InterfaceSample{Domain: s.Domain, Source: flow.InterfaceSFlow, At: s.At}
	switch {
	case p == nil || !m.sameDomain(p, &head):
		return
	case s.At <= p.last[SFlow].At:
		m.count.faults[faultOrder]++
		return
	}
	p.last[SFlow] = head
	p.series[SFlow].say(s.At, gaugesOf(s))
}
