package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	p := parser{dec: json.NewDecoder(bytes.NewReader(line)), reg: reg, b: b, r: b.Grow(), seen: make(map[string]bool, 48)}
	p.dec.UseNumber()
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
	dec  *json.Decoder
	reg  *Registry
	b    *Batch
	r    *Record
	seen map[string]bool
	// Fields that repeat others are compared when all is read.
	timestamp int64
	transport uint8
	flags     uint16
}

var errNotObject = errors.New("not a JSON object")

// object reads the whole line: one object and nothing behind it.
func (p *parser) object() error {
	if err := p.delim('{'); err != nil {
		return errNotObject
	}
	for p.dec.More() {
		key, err := p.key()
		if err != nil {
			return err
		}
		if err := p.field(key); err != nil {
			return fmt.Errorf("%s: %w", strconv.Quote(key), err)
		}
	}
	if err := p.delim('}'); err != nil {
		return err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one object in the line")
	}
	return nil
}

func (p *parser) delim(want json.Delim) error {
	t, err := p.dec.Token()
	if err != nil {
		return noEOF(err)
	}
	if t != want {
		return fmt.Errorf("found %s where %s belongs", describe(t), want)
	}
	return nil
}

// noEOF makes the end of the text in the middle of an object the error that it is.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (p *parser) key() (string, error) {
	t, err := p.dec.Token()
	if err != nil {
		return "", noEOF(err)
	}
	key, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("found %s where a key belongs", describe(t))
	}
	return key, nil
}

func (p *parser) field(key string) error {
	f := p.reg.Lookup(key)
	switch {
	case f == nil:
		return errors.New("unknown field")
	case p.seen[key]:
		return errors.New("given twice")
	case f.Scope == ScopeSession:
		return errors.New("a field of sessions, not of records")
	case f.key == "":
		return errors.New("computed from other fields: leave it out")
	}
	p.seen[key] = true
	if f.Kind == KindObject {
		return p.elements()
	}
	t, err := p.dec.Token()
	if err != nil {
		return noEOF(err)
	}
	if t != json.Delim('[') {
		return p.value(f, t)
	}
	if !f.List {
		return fmt.Errorf("found a list where one %s belongs", f.Kind)
	}
	for p.dec.More() {
		if t, err = p.dec.Token(); err != nil {
			return noEOF(err)
		}
		if err := p.value(f, t); err != nil {
			return err
		}
	}
	return p.delim(']')
}

func (p *parser) value(f *Field, t json.Token) error {
	v, err := valueOf(f.Kind, t)
	if err != nil {
		return err
	}
	ok := true
	switch {
	case f.Name == timestampName:
		p.timestamp = int64(v.U)
	case f.Name == transportName:
		p.transport, ok = TransportNumber(v.S)
	case f.Name == flagsName:
		bit := TCPFlagBit(v.S)
		p.flags |= bit
		ok = bit != 0
	default:
		ok = f.Set(p.b, p.r, v)
	}
	if !ok {
		return fmt.Errorf("%s does not fit: %s", describe(t), f.expects())
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
func valueOf(kind Kind, t json.Token) (Value, error) {
	text, isString := t.(string)
	number, isNumber := t.(json.Number)
	if isNumber {
		text = number.String()
	}
	if wantNumber := kind == KindUint || kind == KindInt || kind == KindFloat; (wantNumber && !isNumber) || (!wantNumber && !isString) {
		return Value{}, fmt.Errorf("found %s where %s belongs", describe(t), jsonType(wantNumber))
	}
	v, err := parseValue(kind, text)
	if err != nil {
		return Value{}, fmt.Errorf("%s is no %s: %w", describe(t), kind, err)
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

func jsonType(number bool) string {
	if number {
		return "a number"
	}
	return "a string"
}

// describe shows a token in an error message, cut short where it is long.
func describe(t json.Token) string {
	const most = 60
	switch v := t.(type) {
	case nil:
		return "null"
	case string:
		if len(v) > most {
			v = v[:most] + "..."
		}
		return strconv.Quote(v)
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(t)
}
