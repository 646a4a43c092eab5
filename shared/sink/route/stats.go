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
		if out.splunk != nil {
			list = append(list, o.ofSplunk(out))
			continue
		}
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

// ofSplunk are the same counters of an output of type hec.
func (o *Outputs) ofSplunk(out *output) Stats {
	st := out.splunk.sink.Stats()
	s := Stats{
		Name: out.cfg.Name, Type: out.cfg.Type, Delivered: st.Delivered, Again: st.Again, Failures: st.Failures,
		Waiting: st.Waiting, Bytes: st.Bytes, Torn: st.Torn, DiskError: st.DiskError, Dropped: st.Dropped,
	}
	for _, n := range st.Made {
		s.Events += n
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Unrouted, s.Unchanged = out.choice.unrouted, out.choice.unchanged
	return s
}

// HECStats are the further counters of an output of type hec.
type HECStats struct {
	Name         string
	Kinds        map[string]uint64 // events made, by kind
	Answers      map[string]uint64 // of the server, by code
	Acknowledged uint64            // of the events delivered those that indexers have acknowledged
	Late         uint64            // requests sent again because they were not acknowledged in time
	Restarts     uint64            // channels given up because numbers of acknowledgements went back
	Requests     uint64            // with events
	Polls        uint64            // for acknowledgements
	SentBytes    uint64            // of the requests with events, compressed
	Pieces       int               // requests that are posted, or wait for their acknowledgement
	Memory       int64             // bytes of them
	OpenSessions int               // remembered: they go on
	Unremembered uint64            // states of sessions that go on for which there was no room
	EarlySums    uint64            // minutes of sums told of early for want of room
}

// HEC returns the further counters of outputs of type hec.
func (o *Outputs) HEC() []HECStats {
	var list []HECStats
	for _, out := range o.list {
		if out.splunk == nil {
			continue
		}
		s, f := out.splunk.sink.Stats(), out.splunk.feed.Stats()
		list = append(list, HECStats{
			Name: out.cfg.Name, Kinds: s.Made, Answers: s.Answers, Acknowledged: s.Acknowledged, Late: s.Late, Restarts: s.Restarts, Requests: s.Requests,
			Polls: s.Polls, SentBytes: s.SentBytes, Pieces: s.Pieces, Memory: s.Memory,
			OpenSessions: f.OpenSessions, Unremembered: f.Unremembered, EarlySums: f.Flushes,
		})
	}
	return list
}
