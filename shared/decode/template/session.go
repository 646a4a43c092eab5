package template

import (
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Template is a definition with its program.
type Template struct {
	Definition
	program *program // nil for options
	least   int      // smallest size of a record
	used    int64    // time of the last definition or use, ns since the Unix epoch
	defined int64    // export time of the datagram that defined it last, 0: of an earlier run
	from    uint16   // and its source port
	before  uint64   // hash of what the id meant before, 0: nothing
}

// Fault is something malformed in a datagram.
type Fault struct {
	Reason   flow.Reason // ReasonNone: there was no fault
	Template uint16      // template or set id
	Detail   string
}

// Set is a set of a datagram (FlowSet in NetFlow v9).
type Set struct {
	ID     uint16
	Number uint16 // in the datagram, all sets counted, from 0
	Data   wire.Window
}

// Session is the state of one stream of NetFlow v9 or IPFIX. It is not safe for concurrent use.
type Session struct {
	// Firewall says what counters of firewall events mean; it is set before the first datagram.
	Firewall Firewall

	limits    *Limits
	account   *flow.Stream
	symbols   *flow.Symbols
	templates map[uint16]*Template
	wait      queue
	backlog   []uint16 // templates with sets that wait although they could be decoded
	told      told
	open      connections
	m         machine
	proto     flow.Record // what the records of the set at hand have in common
	post      post        // steps left for them

	// Of the datagram at hand.
	batch   *flow.Batch
	meta    uint32
	from    uint16 // source port
	records uint32
	unknown int // sets of unknown content
	defined int // definitions, and records of options
	fault   Fault

	fields []Field // room for definitions being read
}

// NewSession returns the state of a stream that has defined nothing yet; account is its loss account.
func NewSession(limits *Limits, account *flow.Stream, symbols *flow.Symbols) *Session {
	s := &Session{limits: limits, account: account, symbols: symbols, templates: map[uint16]*Template{}}
	s.wait = queue{limits: limits, account: account}
	s.open = connections{limits: limits}
	s.told = newTold(limits, symbols)
	s.m.intern = s.told.intern
	return s
}

// Begin starts on the datagram b.Datagrams[meta], whose facts must be complete but for Records and Mark. port is the UDP source
// port that it came from.
func (s *Session) Begin(b *flow.Batch, meta uint32, port uint16) {
	s.batch, s.meta, s.from = b, meta, port
	s.records, s.unknown, s.defined, s.fault = 0, 0, 0, Fault{}
	s.told.exporter = tellers{}
}

// Announces tells whether the datagram held definitions or options data, as those of an exporter that starts do.
func (s *Session) Announces() bool { return s.defined > 0 }

// Exporter returns the address that options data of the datagram told of the exporter, zero for none or several. own says that they
// are about it, and do not only name it as their scope.
func (s *Session) Exporter() (a flow.Addr, own bool) { return s.told.exporter.address() }

// Records returns how many data records, those of options included, the sets of the datagram held; known is false when there
// were sets without their template.
func (s *Session) Records() (n uint32, known bool) { return s.records, s.unknown == 0 }

// Waiting returns how many sets wait for their template.
func (s *Session) Waiting() int { return s.wait.len() }

// Fault returns the first fault of the datagram.
func (s *Session) Fault() Fault { return s.fault }

// Malformed counts a fault of the datagram.
func (s *Session) Malformed(why flow.Reason, id uint16, detail string) {
	s.account.Errors.Add(why, 1)
	if s.fault.Reason == flow.ReasonNone {
		s.fault = Fault{Reason: why, Template: id, Detail: detail}
	}
}

// Data decodes a data set, or lets it wait when its template is missing.
func (s *Session) Data(set Set) {
	t := s.templates[set.ID]
	if t == nil {
		s.unknown++
		s.wait.push(s.batch.Datagrams[s.meta], set)
		return
	}
	t.used = s.batch.Datagrams[s.meta].Received
	n, ok := s.take(t, set, s.meta)
	s.records += uint32(n)
	s.settle(ok)
}

// settle counts a set that has been read.
func (s *Session) settle(ok bool) {
	if ok {
		s.account.SetsDecoded.Add(1)
	} else {
		s.account.SetsExpired.Add(flow.ExpiredMalformed, 1)
	}
}

// take decodes the records of a set of the datagram b.Datagrams[meta]; ok is false when the set has content but not one record.
func (s *Session) take(t *Template, set Set, meta uint32) (n int, ok bool) {
	switch {
	case t.Options:
		n = s.takeOptions(t, set)
		s.defined += n
		s.account.OptionsRecords.Add(uint64(n))
	default:
		s.prepare(t.program, &s.batch.Datagrams[meta], set.Number, meta)
		if len(t.program.tail) == 0 {
			n = s.takeFixed(t, set)
		} else {
			n = s.takeVariable(t, set)
		}
		s.batch.Datagrams[meta].Records += uint32(n)
		s.account.InFlight.Add(int64(n))
		s.account.Records.Add(uint64(n))
	}
	if n == 0 && set.Data.Len() >= 4 && s.fault.Reason == flow.ReasonNone {
		s.Malformed(flow.MalformedRecord, set.ID, "set is smaller than one record of its template")
	}
	return n, n > 0 || set.Data.Len() < 4
}

// prepare makes the prototype of the records of a set.
func (s *Session) prepare(p *program, d *flow.Datagram, number uint16, meta uint32) {
	s.proto = flow.Record{
		Present: p.present, ID: flow.EventID{Datagram: d.ID, Set: number}, Created: d.Received,
		Exporter: d.Exporter, Domain: d.Domain, Protocol: d.Protocol, Meta: meta,
	}
	if s.told.plain > 0 {
		s.proto.SamplingInterval, s.proto.SamplingSource = s.told.plain, flow.SamplingOptions
	}
	s.m.exported, s.m.exporter = d.Exported, d.Exporter
	s.post = p.post
	if d.HasUptime {
		s.post &^= postUptime // normalize has the better clock
	}
}

// takeFixed takes the records of a template without fields of variable length.
func (s *Session) takeFixed(t *Template, set Set) int {
	p, b := t.program, s.batch
	n := s.cap(set.Data.Len()/p.least, set.ID)
	base := len(b.Records)
	b.Records = slices.Grow(b.Records, n)[:base+n]
	for i := range n {
		r := &b.Records[base+i]
		*r = s.proto
		r.ID.Record = uint32(i)
		s.run(p, set.Data.Part(i*p.least, p.least), r)
		s.finish(r)
	}
	return n
}

// cap bounds the number of records of a set.
func (s *Session) cap(n int, id uint16) int {
	if n > s.limits.MaxRecords {
		s.Malformed(flow.MalformedRecordCap, id, "more records in a set than the cap")
		return s.limits.MaxRecords
	}
	return n
}

// run runs the head of p on the record at the start of w.
func (s *Session) run(p *program, w wire.Window, r *flow.Record) {
	if s.post != 0 {
		s.m.rec = scratch{}
	}
	run(p.code, w, r, &s.m)
	if len(p.copies) != 0 {
		p.elements(w, s.batch, r)
	}
}

// takeVariable takes the records of a template with fields of variable length.
func (s *Session) takeVariable(t *Template, set Set) (n int) {
	p, b := t.program, s.batch
	rest := set.Data
	for rest.Len() >= p.least && s.cap(n+1, set.ID) == n+1 {
		elements := len(b.Elements)
		b.Records = append(b.Records, s.proto)
		r := &b.Records[len(b.Records)-1]
		r.ID.Record = uint32(n)
		s.run(p, rest, r)
		size, ok := p.runTail(rest.From(p.head), b, r, &s.m)
		if !ok {
			b.Records, b.Elements = b.Records[:len(b.Records)-1], b.Elements[:elements]
			s.Malformed(flow.MalformedField, set.ID, "a field runs beyond its set")
			break
		}
		s.finish(r)
		rest = rest.From(p.head + size)
		n++
	}
	return n
}
