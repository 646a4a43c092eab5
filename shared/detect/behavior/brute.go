package behavior

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// brutePrefix begins the names of the detectors of password guessing, the service's name ends them.
const brutePrefix = "brute."

const (
	guesses      = 30 // attempts within guessWindow
	polls        = 60 // the same by an inside client of a service that programs poll
	pollShare    = 0.7
	guessWindow  = 30 * minute
	guessIdle    = 30 * minute
	modalShare   = 0.6 // of the attempts are of the most frequent size
	manyTargets  = 10
	robotSpacing = 45 * second // automation tries at most so often, evenly
	robotSpread  = 0.2         // of its intervals: standard deviation to mean
)

// pairKey is a client that logs in to a service of a server.
type pairKey struct {
	client, server flow.Addr
	port           uint16
}

// loginPair is what is known of the logins of a pair.
type loginPair struct {
	start, last int64
	attempts    uint32
	other       uint32       // sessions that are no failed attempts
	base        int64        // start of the first attempt
	times       [polls]int32 // starts of the last attempts, a ring: ms after base
	sizes       [8]sizeCount
	gaps        uint32 // between attempts, their sum and sum of squares in seconds
	gapSum      float64
	gapSquares  float64
	longest     int64 // duration of a failed attempt
	raised      bool
	packets     uint64 // of the client, where sampled: see guessSampled
	odd         [4]oddSession
	odds        uint8
}

// sizeCount counts attempts of one size: packets and a quarter of a doubling of bytes.
type sizeCount struct {
	packets uint32
	bytes   uint8
	n       uint32
}

// guess looks at a session for an attempt to log in.
func (e *Engine) guess(s *flow.Session) {
	g := guessedBy(s.Server.Port)
	if g == nil || s.Transport != protoTCP {
		return
	}
	if class := classOf(s); class != sampling.Unsampled {
		e.guessSampled(s, g, class)
		return
	}
	if s.Confidence < directionEnough {
		return
	}
	if s.State != flow.StateEST && s.State != flow.StateUNI {
		return
	}
	key := pairKey{s.Client.IP, s.Server.IP, s.Server.Port}
	failed := !s.Open && g.failed(s.Client.Packets, s.Client.Bytes)
	if s.Open && e.pairs.get(key) == nil {
		return
	}
	p := e.pairs.touch(key, e.clock)
	if p.last != 0 && s.Start-p.last > guessIdle && !p.raised {
		*p = loginPair{}
	}
	if failed {
		p.attempt(s)
		if p.raised || p.guessing(g.polled && !fromOutside(s.Direction), e.fanout(s.Client.IP)) {
			e.tellGuessing(p, g, s)
		}
	} else if !g.failed(s.Client.Packets, s.Client.Bytes) {
		p.keepOdd(s)
	}
	e.success(p, g, s)
}

// attempt counts a failed attempt.
func (p *loginPair) attempt(s *flow.Session) {
	if p.attempts > 0 {
		gap := math.Abs(float64(s.Start-p.last)) / float64(second)
		p.gaps, p.gapSum, p.gapSquares = p.gaps+1, p.gapSum+gap, p.gapSquares+gap*gap
	}
	p.begun(s)
	p.longest = max(p.longest, s.Duration())
	p.size(uint32(min(s.Client.Packets, math.MaxUint32)), quarters(s.Client.Bytes))
}

// quarters returns the number of quarters of a doubling: floor(4 log2 bytes).
func quarters(bytes uint64) uint8 {
	if bytes == 0 {
		return 0
	}
	n := bits.Len64(bytes) - 1
	return uint8(4*n) + uint8(4*math.Log2(float64(bytes)/float64(uint64(1)<<n)))
}

// size counts a size; a new one takes the place of the rarest (space saving with eight places).
func (p *loginPair) size(packets uint32, bytes uint8) {
	least := 0
	for i := range p.sizes {
		c := &p.sizes[i]
		if c.n > 0 && c.packets == packets && c.bytes == bytes {
			c.n++
			return
		}
		if c.n < p.sizes[least].n {
			least = i
		}
	}
	p.sizes[least] = sizeCount{packets, bytes, p.sizes[least].n + 1}
}

// mode returns the most frequent size, with those of one packet and one quarter more or less: retransmissions and the lengths of
// names and passwords make sizes vary.
func (p *loginPair) mode() (packets uint32, share float64) {
	best, most := 0, uint32(0)
	for i := range p.sizes {
		if n := p.near(i); n > most {
			best, most = i, n
		}
	}
	return p.sizes[best].packets, min(1, float64(most)/float64(max(1, p.attempts)))
}

func (p *loginPair) near(i int) (n uint32) {
	for _, c := range p.sizes {
		if c.n > 0 && distance(c.packets, p.sizes[i].packets) <= 1 && distance(uint32(c.bytes), uint32(p.sizes[i].bytes)) <= 1 {
			n += c.n
		}
	}
	return n
}

func distance(a, b uint32) uint32 { return max(a, b) - min(a, b) }

// guessing tells whether the attempts are many within the window, for so many hosts, and alike.
func (p *loginPair) guessing(polled bool, hosts uint32) bool {
	need, alike := uint32(guesses), modalShare
	if polled {
		need, alike = polls, pollShare
	}
	_, share := p.mode()
	return share >= alike && p.within(need*hosts)
}

// at notes when an attempt was made. Times are kept to the millisecond, and to 24 days after the first.
func (p *loginPair) at(start int64) {
	if p.attempts == 0 {
		p.base = start
	}
	p.times[p.attempts%polls] = int32(max(math.MinInt32, min((start-p.base)/millisecond, math.MaxInt32)))
	p.attempts++
	p.last = max(p.last, start)
}

// within tells whether the latest n attempts came within the window; of more than are kept, whether the latest came as often.
func (p *loginPair) within(n uint32) bool {
	kept := min(n, polls)
	return p.attempts >= n && p.span(kept) <= guessWindow*int64(kept)/int64(max(1, n))
}

// span returns the time from the first to the last of the latest n attempts.
func (p *loginPair) span(n uint32) int64 {
	oldest, newest := int32(math.MaxInt32), int32(math.MinInt32)
	for i := p.attempts - n; i != p.attempts; i++ {
		oldest, newest = min(oldest, p.times[i%polls]), max(newest, p.times[i%polls])
	}
	return (int64(newest) - int64(oldest)) * millisecond
}

// fromOutside tells whether the client is an outside host.
func fromOutside(d flow.Direction) bool { return d == flow.Inbound || d == flow.External }

// robot tells whether the attempts come evenly and seldom: automation with a password that has changed.
func (p *loginPair) robot() bool {
	mean := p.gapSum / float64(max(1, p.gaps))
	spread := math.Sqrt(max(0, p.gapSquares/float64(max(1, p.gaps))-mean*mean))
	return mean >= float64(robotSpacing)/float64(second) && spread < robotSpread*mean
}

// guessers says whose failed logins are those of jobs that have lost their credential, or tests.
func guessers(f *finding) proper {
	if f.victimsTotal > 1 {
		return proper{info: enrich.Tester, low: enrich.Automation}
	}
	return proper{info: enrich.Tester | enrich.Automation}
}

// tellGuessing raises the finding of a client and service, or adds to it.
func (e *Engine) tellGuessing(p *loginPair, g *guessedService, s *flow.Session) {
	fresh := !p.raised
	p.raised = true
	key := fmt.Sprintf("%s|%s", s.Client.IP, g.name)
	f := e.raise(brutePrefix+g.name, key, p.start)
	if f == nil {
		return
	}
	f.see(s, e.deps.Symbols)
	f.addActor(s.Client.IP)
	f.addVictim(s.Server.IP)
	if fresh {
		f.victimsTotal++
		f.value += float64(p.attempts)
	} else {
		f.value++
	}
	f.name, f.unit, f.threshold = "attempts", "sessions", guesses
	f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: s.Server.Port}
	f.techniques = []flow.Technique{{ID: "T1110.001", Name: "Brute Force: Password Guessing"}}
	f.filter = from(s.Client.IP, s.Server.Port)
	if f.victimsTotal <= manyTargets {
		f.filter += " and destination.ip : " + hostList(f.victims)
	}
	f.confidence = s.Confidence
	f.title = fmt.Sprintf("%s guesses passwords of %s: %.0f attempts on %s", s.Client.IP, g.name, f.value, hostsOf(f))
	f.base = 25
	inside := s.Direction == flow.Internal || s.Direction == flow.Outbound
	switch {
	case inside && f.victimsTotal == 1 && p.robot():
		f.base = -5
		f.title = fmt.Sprintf("%s fails to log in to %s of %s again and again: a credential that has changed", s.Client.IP, g.name, s.Server.IP)
	case inside:
		f.base = 62
	case f.victimsTotal >= manyTargets:
		f.base = 42
	}
	e.bound(f, s.Client.IP, guessers(f))
	e.note(f)
}
