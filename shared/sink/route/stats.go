package route

// Stats are the counters of an output since its start. All events are accounted for: Events = delivered, dropped, refused and waiting, but
// for what waited at the start.
type Stats struct {
	Name, Type string

	Events    uint64 // put into the spool
	Unrouted  uint64 // changes of alerts not for this output: severity, detector, kind of change
	Unchanged uint64 // repetitions that told nothing new
	Delivered uint64
	Again     uint64 // sent again because it was not sure that they arrived
	Failures  uint64 // attempts
	Waiting   uint64 // in the spool
	Bytes     int64  // of the spool
	Torn      uint64 // ends of spool files cut off at the start
	DiskError uint64 // failed writes
	Dropped   map[string]uint64
}

// DroppedRefused is the reason of events that the receiver will never take.
const DroppedRefused = "refused"

// Stats returns the counters of each output, in the order of the configuration.
func (o *Outputs) Stats() []Stats {
	list := make([]Stats, 0, len(o.list))
	for _, out := range o.list {
		sp := out.spool.Stats()
		if n := out.counts.Refused.Load(); n > 0 {
			sp.Dropped[DroppedRefused] = n
		}
		s := Stats{
			Name: out.cfg.Name, Type: out.cfg.Type, Events: sp.Put,
			Delivered: out.counts.Delivered.Load(), Again: out.counts.Again.Load(), Failures: out.counts.Failures.Load(),
			Waiting: sp.Waiting, Bytes: sp.Bytes, Torn: sp.Torn, DiskError: sp.WriteErrors, Dropped: sp.Dropped,
		}
		o.mu.Lock()
		s.Unrouted, s.Unchanged = out.choice.unrouted, out.choice.unchanged
		o.mu.Unlock()
		list = append(list, s)
	}
	return list
}
