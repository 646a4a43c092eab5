package interfaces

// Stats are the counters of a meter.
type Stats struct {
	Samples    uint64            // samples of counters
	Faults     map[string]uint64 // samples that made no rate with the one before, by reason: order, gap, reset, narrow, domain
	Flows      uint64            // records that name an interface
	Late       uint64            // records of which a part came when its minute had been closed
	Told       uint64            // minutes told
	Untold     uint64            // of these those that found no room and are told again
	Full       uint64            // samples and records of interfaces left out for want of room
	Dropped    uint64            // offered samples left out for want of room
	Raised     uint64            // times that a finding became active
	Interfaces int               // interfaces with series
	VLANs      int
	Processors int
	Open       int // findings kept
	Table      TableStats
}

type meterCounts struct {
	samples, flows, late, told, untold, full uint64
	faults                                   [numFaults]uint64
}

// publish makes the counters visible to others.
func (m *Meter) publish() {
	c := &m.count
	s := Stats{
		Samples: c.samples, Flows: c.flows, Late: c.late, Told: c.told, Untold: c.untold, Full: c.full, Faults: map[string]uint64{},
		Raised: m.watcher.raised, Interfaces: m.ports[KindInterface], VLANs: m.ports[KindVLAN], Processors: m.ports[KindProcessor], Open: len(m.watcher.findings),
	}
	for why, name := range faultNames {
		if name != "" && c.faults[why] > 0 {
			s.Faults[name] = c.faults[why]
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.public = s
}

// Stats returns the counters as of when minutes were last told; it may be called from any goroutine.
func (m *Meter) Stats() Stats {
	m.mu.Lock()
	s := m.public
	s.Dropped = m.dropped
	m.mu.Unlock()
	s.Table = m.deps.Table.Stats()
	return s
}
