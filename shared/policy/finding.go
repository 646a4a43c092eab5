package policy

import "github.com/weirflow/weir/shared/flow"

// Key is whose traffic was measured: which members are set follows from the policy's grouping.
type Key struct {
	Session     flow.SessionID // BySession
	Source      flow.Addr      // BySource, ByPair
	Destination flow.Addr      // ByDestination, ByPair
	Group       string         // ByGroup
}

// Measurement is a measure's value beside the limit it is held against.
type Measurement struct {
	Limit  Limit
	Value  float64 // in the measure's unit; of distinct things beyond twice the limit at least so many
	Passed bool
}

// MaxSample is how many sessions a finding names.
const MaxSample = 16

// Finding says that a policy does not hold. The same finding (policy, key, first) is given when it is new and when it is over, which
// may be at once, and in between as it goes on: with each telling of its session, in a window at most once a minute.
type Finding struct {
	Policy *Policy // of the set; not to be changed
	Key    Key
	New    bool // given for the first time
	// Over says that the session has ended, or that the limit has not been passed for the length of a window. What was measured is then the
	// whole session, or the greatest of each measure while it lasted.
	Over bool
	// First and Last are the times (ns) of the first and last packet of a session; in a window First is when the traffic in it
	// began and Last when it last passed the limit.
	First, Last int64
	Measured    []Measurement // in the order of the policy's limit
	Latest      flow.Session  // the session that completed the evidence
	// Sessions are the latest of those that counted, at most MaxSample, oldest first, with their addresses, each once.
	Sessions         []flow.SessionID
	Clients, Servers []flow.Addr
}

// sample keeps the latest sessions of a window.
type sample struct {
	list [MaxSample]sampled
	next int // where the next goes
	size int
}

type sampled struct {
	id             flow.SessionID
	client, server flow.Addr
}

func (s *sample) add(x *flow.Session) {
	for i := range s.list[:s.size] {
		if s.list[i].id == x.ID {
			return
		}
	}
	s.list[s.next] = sampled{x.ID, x.Client.IP, x.Server.IP}
	s.next = (s.next + 1) % MaxSample
	s.size = min(s.size+1, MaxSample)
}

// fill names the sessions in f.
func (s *sample) fill(f *Finding) {
	for i := range s.size {
		e := &s.list[(s.next-s.size+i+MaxSample)%MaxSample]
		f.Sessions = append(f.Sessions, e.id)
		f.Clients = appendOnce(f.Clients, e.client)
		f.Servers = appendOnce(f.Servers, e.server)
	}
}

func appendOnce(list []flow.Addr, a flow.Addr) []flow.Addr {
	for _, b := range list {
		if a == b {
			return list
		}
	}
	return append(list, a)
}

// measured holds the values against the limits of a policy.
func (r *rule) measured(values *[numMeasures]float64) []Measurement {
	list := make([]Measurement, len(r.limits))
	for i, l := range r.limits {
		v := values[l.Measure]
		list[i] = Measurement{Limit: l, Value: v, Passed: l.Passed(v)}
	}
	return list
}
