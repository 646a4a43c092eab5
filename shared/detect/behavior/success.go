package behavior

import (
	"fmt"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// successName is the detector of logins that follow password guessing and are not like a failed attempt.
const successName = "brute.success"

const (
	successAfter   = 10 // failed attempts
	loginGrace     = 120 * second
	successBytes   = 4290 // Slips
	packetsBeyond  = 5    // above the most frequent number of packets of a failed attempt (SSHCure)
	fewOdd         = 2    // sessions beyond the usual size, or oddShare of all: more are no sign
	oddShare       = 0.05
	likely, surely = 0.6, 0.8
	toolShare      = 0.9
)

// oddSession is a session that is no failed attempt.
type oddSession struct {
	start, end int64
	packets    uint64
	bytes      uint64
	told       bool
}

// keepOdd keeps the largest of a pair's sessions that are no failed attempts: they may come before the guessing is known for what
// it is. A session told of again takes the place of what it was.
func (p *loginPair) keepOdd(s *flow.Session) {
	o := oddSession{start: s.Start, end: s.End, packets: s.Client.Packets, bytes: s.Client.Bytes}
	least := 0
	for i := range p.odd[:p.odds] {
		if p.odd[i].start == o.start {
			o.told = p.odd[i].told
			p.odd[i] = o
			return
		}
		if p.odd[i].bytes < p.odd[least].bytes {
			least = i
		}
	}
	p.other++
	if int(p.odds) < len(p.odd) {
		p.odd[p.odds] = o
		p.odds++
		return
	}
	if o.bytes > p.odd[least].bytes {
		p.odd[least] = o
	}
}

// success looks whether one of the pair's other sessions is a login that succeeded.
func (e *Engine) success(p *loginPair, g *guessedService, s *flow.Session) {
	if p.odds == 0 || (!p.raised && !p.few()) {
		return
	}
	for i := range p.odd[:p.odds] {
		o := &p.odd[i]
		if o.told {
			continue
		}
		if c := p.chance(o); c >= likely {
			o.told = true
			e.tellSuccess(p, g, s, o, c)
		}
	}
}

// few tells whether there are some attempts, too few for a finding of their own, that are as alike as those of a tool.
func (p *loginPair) few() bool {
	_, share := p.mode()
	return p.attempts >= successAfter && p.attempts < guesses && p.last-p.start <= guessWindow && share >= toolShare
}

// chance combines the signs that a session was a successful login (noisy or).
func (p *loginPair) chance(o *oddSession) float64 {
	packets, _ := p.mode()
	miss := 1.0
	if o.packets >= uint64(packets)+packetsBeyond && float64(p.other) <= max(fewOdd, oddShare*float64(p.attempts)) {
		miss *= 0.5
	}
	if o.bytes > max(successBytes, 3*p.modalBytes()) {
		miss *= 0.5
	}
	if o.end-o.start > max(loginGrace, 5*p.longest) {
		miss *= 0.4
	}
	return 1 - miss
}

// modalBytes returns about how many bytes the most frequent failed attempt has.
func (p *loginPair) modalBytes() uint64 {
	best := p.sizes[0]
	for _, c := range p.sizes[1:] {
		if c.n > best.n {
			best = c
		}
	}
	return uint64(1) << (best.bytes / 4) * uint64(4+best.bytes%4) / 4
}

func (e *Engine) tellSuccess(p *loginPair, g *guessedService, s *flow.Session, o *oddSession, chance float64) {
	f := e.raise(successName, fmt.Sprintf("%s|%s|%s", s.Client.IP, s.Server.IP, g.name), o.start)
	if f == nil {
		return
	}
	f.see(s, e.deps.Symbols)
	f.addActor(s.Client.IP)
	f.addVictim(s.Server.IP)
	f.name, f.unit, f.value, f.threshold = "likelihood", "", max(f.value, chance), likely
	f.base = 50
	if chance >= surely {
		f.base = 70
	}
	f.confidence = chance
	f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: s.Server.Port}
	f.techniques = []flow.Technique{{ID: "T1110", Name: "Brute Force"}, {ID: "T1078", Name: "Valid Accounts"}}
	f.filter = between(s.Client.IP, s.Server.IP, s.Server.Port)
	f.title = fmt.Sprintf("%s has probably logged in to %s of %s after %d failed attempts", s.Client.IP, g.name, s.Server.IP, p.attempts)
	e.bound(f, s.Client.IP, proper{low: enrich.Automation | enrich.Tester})
	e.note(f)
}
