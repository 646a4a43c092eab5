package flow

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

// ParseJSON appends the record of a JSON object as [AppendJSON] writes it to b, and marks the batch as normalized. Keys may come
// in any order; unknown and repeated keys, wrong types and values that contradict each other are errors that name the key. A
// list may be written as a single value.
//
// What the object leaves out is made of what it says: event.end of @timestamp, event.start and event.created of event.end, the
// sums, the two directions and the raw counters of each other, and the sampling interval is assumed to be 1. event.end (or
// @timestamp) is required. The record's identity is left zero where there is no event.id. On an error b is as before.
func ParseJSON(line []byte, reg *Registry, b *Batch) error {
	records, elements := len(b.Records), len(b.Elements)
	p := parser{scanner: scanner{text: line}, reg: reg, b: b, r: b.Grow()}
	err := p.object()
	if err == nil {
		err = p.complete()
	}
	if err != nil {
		b.Records, b.Elements = b.Records[:records], b.Elements[:elements]
		return err
	}
	b.Normalized = true
	return nil
}

// parser reads one record.
type parser struct {
	scanner
	reg  *Registry
	b    *Batch
	r    *Record
	seen [maxFields]bool // by Field.index
	// Fields that repeat others are compared when all is read.
	timestamp int64
	transport uint8
	flags     uint16
}

// has tells whether the field of the name was given.
func (p *parser) has(name string) bool { return p.seen[p.reg.byName[name].index] }

// object reads the whole line: one object and nothing behind it.
func (p *parser) object() error {
	t, err := p.next()
	if err != nil || t.kind != '{' {
		return errors.New("not a JSON object")
	}
	if err := p.members(p.field); err != nil {
		return err
	}
	if t, err = p.next(); err == nil && t.kind != tokenEnd {
		err = fmt.Errorf("found %s behind the object", t)
	}
	return err
}

// members reads the members of an object whose { has been read; each reads the value of a key.
func (p *parser) members(each func(key []byte) error) error {
	for first := true; ; first = false {
		key, err := p.next()
		if err != nil {
			return err
		}
		if key.kind == '}' && first {
			return nil
		}
		if key.kind != tokenString {
			return fmt.Errorf("found %s where a key belongs", key)
		}
		if err := p.expect(':'); err != nil {
			return err
		}
		if err := each(key.text); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if end, err := p.more('}'); end || err != nil {
			return err
		}
	}
}

// items reads the items of a list whose [ has been read.
func (p *parser) items(each func(t token) error) error {
	for first := true; ; first = false {
		t, err := p.next()
		if err != nil {
			return err
		}
		if t.kind == ']' && first {
			return nil
		}
		if err := each(t); err != nil {
			return err
		}
		if end, err := p.more(']'); end || err != nil {
			return err
		}
	}
}

func (p *parser) expect(want tokenKind) error {
	t, err := p.next()
	if err == nil && t.kind != want {
		err = fmt.Errorf("found %s where %c belongs", t, want)
	}
	return err
}

// more reads a comma (false) or the end (true) of a list or object.
func (p *parser) more(end tokenKind) (bool, error) {
	t, err := p.next()
	if err != nil || t.kind == end {
		return true, err
	}
	if t.kind != ',' {
		return true, fmt.Errorf("found %s where , or %c belongs", t, end)
	}
	return false, nil
}

func (p *parser) field(key []byte) error {
	f := p.reg.byName[string(key)]
	switch {
	case f == nil:
		return errors.New("unknown field")
	case p.seen[f.index]:
		return errors.New("given twice")
	case f.Scope == ScopeSession:
		return errors.New("a field of sessions, not of records")
	case f.key == "":
		return errors.New("computed from other fields: leave it out")
	}
	p.seen[f.index] = true
	t, err := p.next()
	switch {
	case err != nil:
		return err
	case f.Kind == KindObject:
		return p.elements(t)
	case t.kind != '[':
		return p.value(f, t)
	case !f.List:
		return fmt.Errorf("found a list where one %s belongs", f.Kind)
	}
	return p.items(func(t token) error { return p.value(f, t) })
}

func (p *parser) value(f *Field, t token) error {
	v, err := valueOf(f.Kind, t)
	if err != nil {
		return err
	}
	ok := true
	switch f.Name {
	case timestampName:
		p.timestamp = int64(v.U)
	case transportName:
		p.transport, ok = TransportNumber(v.S)
	case flagsName:
		bit := TCPFlagBit(v.S)
		p.flags |= bit
		ok = bit != 0
	default:
		ok = f.Set(p.b, p.r, v)
	}
	if !ok {
		return fmt.Errorf("%s does not fit: %s", t, f.expects())
	}
	return nil
}

// expects says what values the field takes, for error messages.
func (f *Field) expects() string {
	if len(f.Values) > 0 {
		return fmt.Sprintf("want one of %q", f.Values)
	}
	return "want a value like " + f.Example
}

// valueOf makes a value of the kind, whose JSON type must be the one that AppendJSON writes.
func valueOf(kind Kind, t token) (Value, error) {
	want, name := tokenString, "a string"
	if kind == KindUint || kind == KindInt || kind == KindFloat {
		want, name = tokenNumber, "a number"
	}
	if t.kind != want {
		return Value{}, fmt.Errorf("found %s where %s belongs", t, name)
	}
	v, err := parseValue(kind, string(t.text))
	if err != nil {
		return Value{}, fmt.Errorf("%s is no %s: %w", t, kind, err)
	}
	return v, nil
}

func parseValue(kind Kind, text string) (Value, error) {
	switch kind {
	case KindUint:
		u, err := strconv.ParseUint(text, 10, 64)
		return Uint(u), numError(err)
	case KindInt:
		n, err := strconv.ParseInt(text, 10, 64)
		return Int(n), numError(err)
	case KindFloat:
		f, err := strconv.ParseFloat(text, 64)
		return Float(f), numError(err)
	case KindIP:
		ip, err := netip.ParseAddr(text)
		if err == nil && ip.Zone() != "" {
			err = errors.New("zones have no meaning here")
		}
		return IP(AddrFromNetip(ip)), err
	case KindMAC:
		m, ok := ParseMAC(text)
		if !ok {
			return Value{}, errors.New("want six bytes of hex")
		}
		return MACValue(m), nil
	case KindTime:
		ns, err := parseTime(text)
		return Time(ns), err
	}
	return Keyword(text), nil
}

// numError takes the function's name and the text out of strconv's errors.
func numError(err error) error {
	var n *strconv.NumError
	if errors.As(err, &n) {
		return n.Err
	}
	return err
}

// parseTime reads an RFC 3339 time; nanoseconds since 1970 reach from 1677 to 2262.
func parseTime(text string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, errors.New("want a time like 2026-03-02T08:15:00Z (RFC 3339)")
	}
	if t.Year() < 1678 || t.Year() > 2261 {
		return 0, errors.New("want a year from 1678 to 2261")
	}
	return t.UnixNano(), nil
}
