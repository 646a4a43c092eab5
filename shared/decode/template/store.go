package template

import (
	"math"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// Ids that withdraw all templates and all options templates (RFC 7011, 8.1), and the first id of a template.
const (
	allTemplates = 2
	allOptions   = 3
	firstID      = 256
)

// ReadFields is [ReadFields] with the session's cap and room: the result holds until the next call. ok is false, and the fault
// counted, when the definition cannot be used.
func (s *Session) ReadFields(set *SetCursor, id uint16, n int) (fields []Field, ok bool) {
	if n > s.limits.MaxFields {
		s.Malformed(flow.MalformedTemplateCap, id, "more fields than the cap")
		return nil, false
	}
	if s.fields, ok = ReadFields(s.fields, &set.Cursor, n, set.Enterprise); !ok {
		s.Malformed(flow.MalformedTemplate, id, "the definition is cut short")
	}
	return s.fields, ok
}

// Defines tells whether id may be that of a template. Where it may not, the fault is counted and the rest of the set means nothing:
// going on would read it field by field as definitions, of zeros for example.
func (s *Session) Defines(id uint16) bool {
	if id < firstID {
		s.Malformed(flow.MalformedTemplate, id, "template id below 256")
	}
	return id >= firstID
}

// Define takes a definition; d.Fields is copied. The same definition again changes nothing. Sets that waited for it are decoded.
func (s *Session) Define(d Definition) {
	at := &s.batch.Datagrams[s.meta]
	now := at.Received
	s.defined++
	old := s.templates[d.ID]
	s.account.Definitions.Add(1)
	if old != nil && old.equal(&d) {
		old.used, old.defined, old.from = now, at.Exported, s.from
		return
	}
	if why, detail := s.check(&d, old); why != flow.ReasonNone {
		s.remove(d.ID) // the exporter no longer means the old one
		s.Malformed(why, d.ID, detail)
		return
	}
	before := uint64(0)
	if old != nil {
		before = old.hash()
		if old.before == d.hash() { // as before the last definition: two devices take turns
			s.account.Clashes.Add(1)
		}
	}
	t := s.install(d, now)
	t.defined, t.from, t.before = at.Exported, s.from, before
	s.limits.generation.Add(1)
	s.release(d.ID)
}

// check tells whether a definition can be used, with the reason where it cannot. If it can, its memory has been reserved.
func (s *Session) check(d *Definition, old *Template) (why flow.Reason, detail string) {
	least, _ := d.size()
	switch {
	case d.ID < firstID:
		return flow.MalformedTemplate, "template id below 256"
	case d.Scope > len(d.Fields):
		return flow.MalformedTemplate, "more scope fields than fields"
	case least == 0:
		return flow.MalformedTemplateZero, "records have no size"
	case least >= VariableLength:
		return flow.MalformedTemplate, "a record is larger than any set"
	case old == nil && len(s.templates) >= s.limits.MaxTemplates:
		return flow.MalformedTemplateCap, "more templates than the cap"
	case !take(&s.limits.templateBytes, d.cost(), s.limits.MaxTemplateBytes):
		return flow.MalformedTemplateCap, "no room for templates left"
	}
	return flow.ReasonNone, ""
}

// install keeps a definition that check found usable.
func (s *Session) install(d Definition, now int64) *Template {
	s.remove(d.ID)
	d.Fields = slices.Clone(d.Fields)
	t := &Template{Definition: d, used: now}
	t.least, _ = d.size()
	if !d.Options {
		t.program = compile(&d)
	}
	s.templates[d.ID] = t
	s.account.Templates.Add(1)
	return t
}

// MoveTemplates gives the templates that were last defined by a source port to another session.
func (s *Session) MoveTemplates(to *Session, port uint16) {
	for id, t := range s.templates {
		if t.from != port || to.templates[id] != nil {
			continue
		}
		delete(s.templates, id)
		to.templates[id] = t
		s.account.Templates.Add(-1)
		to.account.Templates.Add(1)
		s.limits.generation.Add(1)
	}
}

func (s *Session) remove(id uint16) {
	if t := s.templates[id]; t != nil {
		delete(s.templates, id)
		s.limits.templateBytes.Add(-t.cost())
		s.limits.generation.Add(1)
		s.account.Templates.Add(-1)
	}
}

// Withdraw forgets template id; the ids 2 and 3 stand for all templates and all options templates. ok is as of [Session.Defines].
func (s *Session) Withdraw(id uint16) (ok bool) {
	if id != allTemplates && id != allOptions {
		s.remove(id)
		return s.Defines(id)
	}
	for other, t := range s.templates {
		if t.Options == (id == allOptions) {
			s.remove(other)
		}
	}
	return true
}

// Flush forgets the templates that were last defined by a datagram exported before a time (ns since the Unix epoch), and the sets
// that wait since then, after a restart of the exporter: ids may mean something else now.
func (s *Session) Flush(before int64) {
	for id, t := range s.templates {
		if t.defined < before {
			s.remove(id)
		}
	}
	s.wait.expireExported(before, flow.ExpiredRestart)
}

// Close is [Session.Flush] at the end of the session, which gives back all its room.
func (s *Session) Close() {
	s.Flush(math.MaxInt64)
	s.open.forget()
	t := &s.told
	s.limits.names.Add(-int64(len(t.samplers) + len(t.byInterface) + len(t.interfaces) + len(t.applications) + len(t.seen)))
	s.told = newTold(s.limits, s.symbols)
}

// Expire lets go of what is too old at the time now (ns since the Unix epoch).
func (s *Session) Expire(now int64) {
	for id, t := range s.templates {
		if now-t.used > int64(s.limits.TTL) {
			s.remove(id)
		}
	}
	s.wait.expire(now - int64(s.limits.WaitAge))
}
