package behavior

import (
	"fmt"
	"math"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// Password guessing under sampling is told by the number of connections: each has one SYN, which is among the samples with probability
// 1/N (Duffield, Lund, Thorup 2003), while sizes are lost. So is whether attempts fail, and a finding is low at most.
const (
	connections     = 60  // within guessWindow; as many as of a service that programs poll
	connectionsIn   = 240 // by an inside host: jobs connect often
	connectionsMany = 30_000
	synsFew         = 10 // SYNs that must have been sampled, up to 1:10
	synsSure        = 30 // beyond
	pollFactor      = 4  // for services that programs poll
)

// guessSampled looks at a session of which a part was seen.
func (e *Engine) guessSampled(s *flow.Session, g *guessedService, class sampling.Class) {
	if s.Open || s.State == flow.StateBSC || (g.polled && !fromOutside(s.Direction)) || !sampling.Sees(brutePrefix+g.name, class) {
		return
	}
	begun := s.Client.TCPFlags&flow.SYN != 0 && s.Confidence >= directionEnough
	key := pairKey{s.Client.IP, s.Server.IP, s.Server.Port}
	if !begun && e.pairs.get(key) == nil {
		return
	}
	p := e.pairs.touch(key, e.clock)
	if p.last != 0 && s.Start-p.last > guessIdle && !p.raised {
		*p = loginPair{}
	}
	p.packets += s.Client.Packets
	if !begun {
		return
	}
	p.begun(s)
	need := synsNeeded(s, g) * e.fanout(s.Client.IP)
	if p.raised || (p.within(need) && g.like(p.packets, s.SamplingInterval*float64(p.attempts))) {
		e.tellConnections(p, g, s, need)
	}
}

// synsNeeded returns how many SYNs of a pair must have been sampled within the window.
func synsNeeded(s *flow.Session, g *guessedService) uint32 {
	least := float64(connections)
	if !fromOutside(s.Direction) {
		least = connectionsIn
	}
	var need float64
	switch classOf(s) {
	case sampling.UpTo10:
		need = max(synsFew, math.Ceil(least/s.SamplingInterval))
	case sampling.UpTo100:
		need = synsSure
	default:
		need = max(synsSure, math.Ceil(connectionsMany/s.SamplingInterval))
	}
	if g.polled {
		need *= pollFactor
	}
	return uint32(need)
}

// like tells whether connections have about as many packets as failed attempts on the average: a server that does not answer, or
// sessions of people, do not.
func (g *guessedService) like(packets uint64, connections float64) bool {
	mean := float64(packets) / max(1, connections)
	return mean >= float64(g.minPackets)/2 && mean <= 2*float64(g.maxPackets)
}

// begun counts an attempt, or a connection whose SYN was sampled.
func (p *loginPair) begun(s *flow.Session) {
	if p.attempts == 0 {
		p.start = s.Start
	}
	p.start = min(p.start, s.Start)
	p.at(s.Start)
}

// tellConnections raises the finding of a client and service, or adds to it.
func (e *Engine) tellConnections(p *loginPair, g *guessedService, s *flow.Session, need uint32) {
	f := e.raise(brutePrefix+g.name, fmt.Sprintf("%s|%s", s.Client.IP, g.name), p.start)
	if f == nil {
		return
	}
	more := 1.0
	if !p.raised {
		p.raised, more = true, float64(p.attempts)
		f.victimsTotal++
	}
	f.see(s, e.deps.Symbols)
	f.addActor(s.Client.IP)
	f.addVictim(s.Server.IP)
	f.value += more * s.SamplingInterval
	f.name, f.unit, f.threshold = "connections", "sessions", float64(need)*s.SamplingInterval
	f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: s.Server.Port}
	f.techniques = []flow.Technique{{ID: "T1110.001", Name: "Brute Force: Password Guessing"}}
	f.filter = from(s.Client.IP, s.Server.Port)
	f.confidence, f.base = sampledConfidence, 25
	f.title = fmt.Sprintf("%s may guess passwords of %s: about %.0f connections to %d hosts", s.Client.IP, g.name, f.value, f.victimsTotal)
	e.bound(f, s.Client.IP, guessers(f))
	f.most = min(f.most, mostLow)
	f.caveat(s)
	e.note(f)
}

// sampledConfidence is that of guessing by the number of connections alone.
const sampledConfidence = 0.5
