package sflow

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// vlan reads vlan_counters.
func (s *counterSample) vlan(cur *wire.Cursor) bool {
	facts, id := s.d.facts, cur.U32()
	v := flow.VLANSample{Exporter: facts.Exporter, Domain: facts.Domain, At: facts.Received, Boot: s.f.Boot, VLAN: uint16(id), Octets: cur.U64()}
	for _, to := range [...]*uint64{&v.Unicast, &v.Multicast, &v.Broadcast, &v.Discards} {
		*to = counter32(cur)
	}
	if !cur.OK() {
		return false
	}
	if id > 0 && id <= maxVLAN {
		s.d.out.VLANs = append(s.d.out.VLANs, v)
	}
	return true
}

// processor reads the processor structure: loads in hundredths of a percent, -1 unknown.
func (s *counterSample) processor(cur *wire.Cursor) bool {
	facts := s.d.facts
	p := flow.ProcessorSample{Exporter: facts.Exporter, Domain: facts.Domain, At: facts.Received, Class: s.from.class, Index: s.from.index}
	for _, to := range [...]*int32{&p.Load5s, &p.Load1m, &p.Load5m} {
		*to = int32(cur.U32())
	}
	p.TotalMemory, p.FreeMemory = cur.U64(), cur.U64()
	if !cur.OK() {
		return false
	}
	s.d.out.Processors = append(s.d.out.Processors, p)
	return true
}
