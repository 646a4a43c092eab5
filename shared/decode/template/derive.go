package template

import "github.com/weirflow/weir/shared/flow"

// IANA protocol numbers.
const (
	protocolICMP   = 1
	protocolICMPv6 = 58
)

// finish does what can be done only when all fields of a record are taken.
func (s *Session) finish(r *flow.Record) {
	if s.post != 0 {
		s.derive(r)
	}
	ICMPFromPort(r)
	if len(s.told.interfaces) != 0 {
		s.nameInterfaces(r)
	}
	if s.post&postSampling != 0 || len(s.told.byInterface) != 0 {
		s.sample(r)
	}
}

func (s *Session) derive(r *flow.Record) {
	if s.post&postUptime != 0 {
		s.fromInit(r)
	}
	if s.post&postTimes != 0 {
		s.completeTimes(r)
	}
	if s.post&postICMP != 0 {
		s.m.rec.setICMP(r)
	}
	if s.post&postFirewall != 0 {
		s.countEvent(r)
	}
	if s.post&postApplication != 0 && r.Application == 0 {
		r.Application = s.told.applications[s.m.rec.application]
	}
}

// ICMPFromPort takes type and code of an ICMP record from the destination port, where exporters put them that have no field for
// them.
func ICMPFromPort(r *flow.Record) {
	if r.IPProtocol != protocolICMP && r.IPProtocol != protocolICMPv6 {
		return
	}
	if r.Present&(flow.HasICMP|flow.HasDestinationPort|flow.HasProtocol) == flow.HasDestinationPort|flow.HasProtocol {
		r.ICMPType, r.ICMPCode = uint8(r.Destination.Port>>8), uint8(r.Destination.Port)
		r.Present |= flow.HasICMP
	}
}

// setICMP takes type and code of the record's family; templates for all protocols carry them in every record.
func (c *scratch) setICMP(r *flow.Record) {
	v, has := c.icmp4, c.hasICMP&hasICMPv4 != 0
	if r.IPProtocol == protocolICMPv6 && c.hasICMP&hasICMPv6 != 0 || !has {
		v, has = c.icmp6, c.hasICMP&hasICMPv6 != 0
	}
	other := r.Present&flow.HasProtocol != 0 && r.IPProtocol != protocolICMP && r.IPProtocol != protocolICMPv6
	if !has || other {
		return
	}
	r.ICMPType, r.ICMPCode = uint8(v>>8), uint8(v)
	r.Present |= flow.HasICMP
}

// fromInit makes times on the uptime clock absolute where the system init time (IE 160) is known, from the record or from
// options: IPFIX headers have no uptime that normalize could use (RFC 7011, 3.1; detection of restarts aside).
func (s *Session) fromInit(r *flow.Record) {
	init := s.m.rec.init
	if init == 0 {
		init = s.told.init
	}
	if init == 0 {
		return
	}
	if r.Present&flow.HasFirstUptime != 0 && r.Present&flow.HasStart == 0 {
		setStart(r, sinceInit(init, r.FirstUptime, s.m.exported))
	}
	if r.Present&flow.HasLastUptime != 0 && r.Present&flow.HasEnd == 0 {
		setEnd(r, sinceInit(init, r.LastUptime, s.m.exported))
	}
	r.Present &^= flow.HasFirstUptime | flow.HasLastUptime
}

// Bounds of a time on the uptime clock around the export time, in ns, within which it is believed to have wrapped.
const (
	wrapPeriod = (1 << 32) * 1_000_000
	mostAhead  = 60 * 1_000_000_000
	mostBehind = 24 * 3600 * 1_000_000_000
)

// sinceInit returns the time that lies uptime ms after init. The uptime of a flow older than the init time, as after a restart
// of the exporting process, is negative and so has wrapped; that of a device that runs for more than 49.7 days has wrapped too.
// Wraps are undone only where that brings the time close to the export time.
func sinceInit(init int64, uptime uint32, exported int64) int64 {
	t := init + int64(uptime)*1e6
	if t <= exported+mostAhead && t >= exported-mostBehind {
		return t
	}
	wraps := (exported + mostAhead - t) / wrapPeriod
	if t > exported+mostAhead {
		wraps--
	}
	if moved := t + wraps*wrapPeriod; moved <= exported+mostAhead && moved >= exported-mostBehind {
		return moved
	}
	return t
}

// completeTimes makes a missing end from duration or observation time; the latter stands for start and end where there is nothing else.
func (s *Session) completeTimes(r *flow.Record) {
	c := &s.m.rec
	if r.Present&(flow.HasFirstUptime|flow.HasLastUptime) != 0 {
		return
	}
	start, end := r.Present&flow.HasStart != 0, r.Present&flow.HasEnd != 0
	if !end && start && c.duration > 0 {
		setEnd(r, r.Start+c.duration)
		end = true
	}
	if !end && c.observed > 0 {
		setEnd(r, c.observed)
		end = true
	}
	if end && !start {
		if c.duration > 0 {
			setStart(r, r.End-c.duration)
		} else if r.End == c.observed {
			setStart(r, c.observed)
		}
	}
}

func (s *Session) nameInterfaces(r *flow.Record) {
	if r.Present&flow.HasInIf != 0 && r.InIfName == 0 {
		r.InIfName = s.told.interfaces[r.InIf]
	}
	if r.Present&flow.HasOutIf != 0 && r.OutIfName == 0 {
		r.OutIfName = s.told.interfaces[r.OutIf]
	}
}

// sample decides the sampling interval: the sampler that the record names, the interval in the record, options without selector
// (which prepare has set), options of the interface. Overrides by configuration come with normalize.
func (s *Session) sample(r *flow.Record) {
	c := &s.m.rec
	if s.post&postSampling != 0 {
		if c.named {
			if n, ok := s.told.samplers[c.sampler]; ok {
				r.SamplingInterval, r.SamplingSource = n, flow.SamplingOptions
				return
			}
		}
		if n := c.rate.n(); n > 0 {
			r.SamplingInterval, r.SamplingSource = n, flow.SamplingHeader
			return
		}
	}
	if n, ok := s.told.byInterface[r.InIf]; ok && r.Present&flow.HasInIf != 0 {
		r.SamplingInterval, r.SamplingSource = n, flow.SamplingOptions
		return
	}
	// Sampler 0 stands for "not sampled" with most exporters.
	if s.post&postSampling != 0 && c.named && c.sampler != 0 && r.SamplingSource == flow.SamplingNone {
		r.SamplingSource = flow.SamplingUnknown
	}
}
