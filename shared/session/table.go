package session

import "github.com/weirflow/weir/shared/flow"

// Table makes sessions. It is for one goroutine at a time.
type Table struct {
	cfg      Config
	tell     func(Told)
	service  func(protocol uint8, port uint16) bool
	seed     uint64
	sessions arena[entry]
	aliases  arena[alias]
	index    index // numbers of sessions, and of aliases with aliasBit
	lists    [numClasses]list
	links    []link // by number of the session
	held     hold
	points   points
	servers  servers

	clock    int64 // the latest receive time or time passed, 0 before the first
	done     int64 // the last second of event time that has been taken
	wait     int64 // how many seconds records are held after their end
	life     [numClasses]int64
	out      Told
	taken    bool // Changes has given out
	lone     entry
	late     piece
	given    []uint32 // scratch
	ended    []uint32 // sessions that have ended but still hold their places
	warmed   int64    // keeps the compiler from leaving out warm
	counters Stats
}

// aliasBit marks numbers of aliases in the index.
const aliasBit = 1 << 31

// New returns an empty table. It starts nothing; the time that passes is that of [Table.Observe] and [Table.Advance].
func New(cfg Config, deps Deps) (*Table, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	seed, err := deps.seed()
	if err != nil {
		return nil, err
	}
	t := &Table{
		cfg: cfg, tell: deps.Tell, service: deps.Service, seed: seed,
		sessions: newArena[entry](cfg.Sessions), aliases: newArena[alias](cfg.Sessions), index: newIndex(),
		held: newHold(cfg.Held), points: newPoints(), servers: newServers(cfg.Servers, seed),
		wait: (int64(cfg.InactiveTimeout+cfg.Shuffle) + 5*second) / second,
	}
	quiet := t.pairGap()
	t.life = [numClasses]int64{
		classSlight: quiet + int64(cfg.ActiveTimeout), classSolid: quiet + int64(cfg.ActiveTimeout), classDone: quiet,
	}
	return t, nil
}

// pieceGap is the longest gap between pieces of one side, pairGap between those of both (docs/sessions.md).
func (t *Table) pieceGap() int64 { return int64(t.cfg.InactiveTimeout) + 2*second }
func (t *Table) pairGap() int64  { return int64(t.cfg.InactiveTimeout) + 5*second }

// Observe takes the records of a batch, which must be normalized and enriched. Records set aside, those without addresses,
// notices of dropped packets and translators' events are left out; whether they are marked as copies does not matter. Time passes by the records' receive
// times; now (ns since the Unix
// epoch) stands in where a record has none.
func (t *Table) Observe(b *flow.Batch, now int64) {
	t.reuse()
	for i := range b.Records {
		t.record(b, &b.Records[i], now)
	}
	t.tellNow()
}

func (t *Table) record(b *flow.Batch, r *flow.Record, now int64) {
	if r.Invalid != flow.ReasonNone || !r.Present.Has(flow.HasSourceIP|flow.HasDestinationIP) || r.End <= 0 || isNotice(r) || isNATEvent(b, r) {
		t.counters.Skipped++
		return
	}
	received := r.Created
	if received == 0 {
		received = now
	}
	t.passTo(received)
	t.counters.Records++
	sec := r.End / second
	if sec <= t.done {
		t.counters.Late++
		t.takeNow(b, r)
		return
	}
	for t.held.full() {
		t.counters.Hurried++
		t.takeSecond()
	}
	sec = min(max(sec, t.done+1), t.done+holdSeconds-1)
	p := t.held.next(sec)
	t.fill(p, b, r)
	t.held.put(p, sec)
}

// isNotice tells whether the record is sFlow's notice of a dropped packet, which may have been sampled beside.
func isNotice(r *flow.Record) bool {
	return r.Protocol == flow.SFlow5 && !r.Present.Has(flow.HasPackets)
}

// takeNow takes a record whose second has been taken.
func (t *Table) takeNow(b *flow.Batch, r *flow.Record) {
	t.fill(&t.late, b, r)
	t.process(&t.late)
	t.releaseNAT(&t.late)
}

// Advance lets time pass: now is in ns since the Unix epoch and should come from the same clock as the receive times.
func (t *Table) Advance(now int64) {
	t.reuse()
	t.passTo(now)
	t.tellNow()
}

func (t *Table) passTo(now int64) {
	if now <= t.clock {
		return
	}
	first := t.clock == 0
	t.clock = now
	until := now/second - t.wait - 1
	if first {
		t.done = until
		return
	}
	for t.done < until && t.held.used > 0 {
		t.takeSecond()
	}
	if t.done < until {
		t.done = until
		t.expire()
	}
}

// takeSecond takes the pieces of the next second of event time and ends the sessions that nothing can be added to any more.
func (t *Table) takeSecond() {
	t.done++
	const ahead = 16
	taken := t.held.empty(t.done)
	for places, from := taken.places, 0; len(places) > 0; from += ahead {
		part := places[:min(ahead, len(places))]
		t.warmed += t.held.look(&taken, from)
		places = places[len(part):]
		t.warm(part)
		for _, at := range part {
			p := t.held.at(at)
			t.process(p)
			t.releaseNAT(p)
		}
	}
	t.held.give(taken)
	t.expire()
}

// ahead is how many pieces, or sessions, are looked at before the first of them is taken.
const ahead = 16

// warm looks at what some pieces will need. Each look is likely to miss the caches of the processor, but together they wait for
// memory once, not one after the other.
func (t *Table) warm(places []place) {
	sum := int64(0)
	for _, at := range places {
		p := t.held.at(at)
		sum += int64(p.from.lo) + p.start + int64(p.bytes[0]) + int64(p.hint)
		tag := tagOf(p.hash)
		if s := t.index.slots[t.index.home(tag)]; s.tag == tag && s.number != 0 && s.number&aliasBit == 0 {
			sum += t.sessions.at(s.number).look()
		}
	}
	t.warmed = sum
}

// now is the event clock: the time up to which pieces have been taken in order.
func (t *Table) now() int64 { return (t.done + 1) * second }

func (t *Table) expire() {
	now := t.now()
	for c := range t.lists {
		for n := t.lists[c].first; n != 0; n = t.lists[c].first {
			if t.sessions.at(n).touched+t.life[c] >= now {
				break
			}
			t.finish(n, false)
		}
	}
}

// Flush takes all that is held and ends every session: for the end of the input. The table can go on afterwards.
func (t *Table) Flush() {
	t.reuse()
	for t.held.used > 0 {
		t.takeSecond()
	}
	for c := range t.lists {
		for n := t.lists[c].first; n != 0; n = t.lists[c].first {
			t.finish(n, false)
		}
	}
	t.tellNow()
}

// Changes returns the sessions that ended, were truncated, or have grown since they were last told of, in the order in which
// that happened. A session is told of again under the same id whenever it has grown; its last state counts. The memory is reused:
// it is valid until the next call of [Table.Observe], [Table.Advance] or [Table.Flush]. It is empty where Deps.Tell is used.
func (t *Table) Changes() []flow.Session {
	t.taken = true
	return t.out.Sessions
}

func (t *Table) reuse() {
	if t.taken {
		t.forgetTold()
		t.taken = false
	}
}

// Stats are the counters and gauges of a table.
type Stats struct {
	Records   uint64 // records taken
	Skipped   uint64 // records left out: set aside, or without addresses or time
	Copies    uint64 // records of other exporters about what is summed already
	Late      uint64 // records that came after their turn: taken at once
	Hurried   uint64 // times that records were taken before their turn for want of room
	Ended     uint64 // sessions ended
	Truncated uint64 // sessions given up for want of room
	Reused    uint64 // sessions that began because their ports were used anew
	Sessions  int    // sessions kept
	Held      int    // records held to be put in order
	Servers   int    // server endpoints known
}

// Stats returns the counters.
func (t *Table) Stats() Stats {
	s := t.counters
	s.Sessions, s.Held, s.Servers = t.sessions.used()-len(t.ended), t.held.used, t.servers.used
	return s
}
