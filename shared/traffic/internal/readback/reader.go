package readback

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrShape says that lengths or counts of a datagram do not add up.
var ErrShape = errors.New("datagram does not add up")

// Header is a datagram's header. Fields a protocol does not have are 0.
type Header struct {
	Version, Count, Sampling uint16
	Uptime, Secs, Nanos      uint32
	Sequence, Domain         uint32
}

// Datagram is what one datagram held.
type Datagram struct {
	Header    Header
	Records   []Record
	Options   []Record
	Templates int // template and options template records
}

// field is an element of a template.
type field struct{ id, length uint16 }

type template struct {
	fields  []field
	options bool
}

// Reader reads the datagrams of one exporter and keeps its templates.
type Reader struct {
	templates map[uint32]map[uint16]template // by domain and id
}

var be = binary.BigEndian

// NewReader returns a Reader that knows no template.
func NewReader() *Reader { return &Reader{templates: map[uint32]map[uint16]template{}} }

// Read reads one datagram.
func (r *Reader) Read(p []byte) (Datagram, error) {
	if len(p) < 16 {
		return Datagram{}, fmt.Errorf("%d bytes: %w", len(p), ErrShape)
	}
	d := Datagram{Header: Header{Version: be.Uint16(p), Count: be.Uint16(p[2:])}}
	h := &d.Header
	switch {
	case h.Version == 5 && len(p) == 24+48*int(h.Count):
		h.Uptime, h.Secs, h.Nanos, h.Sequence = be.Uint32(p[4:]), be.Uint32(p[8:]), be.Uint32(p[12:]), be.Uint32(p[16:])
		h.Domain, h.Sampling = uint32(be.Uint16(p[20:])), be.Uint16(p[22:])
		for p = p[24:]; len(p) > 0; p = p[48:] {
			d.Records = append(d.Records, v5Record(p[:48]))
		}
		return d, nil
	case h.Version == 9 && len(p) >= 20:
		h.Uptime, h.Secs, h.Sequence, h.Domain = be.Uint32(p[4:]), be.Uint32(p[8:]), be.Uint32(p[12:]), be.Uint32(p[16:])
		err := r.sets(&d, p[20:])
		if n := d.Templates + len(d.Records) + len(d.Options); err == nil && n != int(h.Count) {
			err = fmt.Errorf("count %d, %d records: %w", h.Count, n, ErrShape)
		}
		return d, err
	case h.Version == 10 && len(p) == int(h.Count):
		h.Secs, h.Sequence, h.Domain = be.Uint32(p[4:]), be.Uint32(p[8:]), be.Uint32(p[12:])
		return d, r.sets(&d, p[16:])
	}
	return d, fmt.Errorf("version %d, count %d in %d bytes: %w", h.Version, h.Count, len(p), ErrShape)
}

func (r *Reader) sets(d *Datagram, p []byte) error {
	for len(p) > 0 {
		if len(p) < 4 || int(be.Uint16(p[2:])) > len(p) || be.Uint16(p[2:]) < 5 {
			return fmt.Errorf("set header in the last %d bytes: %w", len(p), ErrShape)
		}
		id, n := be.Uint16(p), be.Uint16(p[2:])
		if d.Header.Version == 9 && n%4 != 0 {
			return fmt.Errorf("set %d is not padded: %w", id, ErrShape)
		}
		if err := r.set(d, id, p[4:n]); err != nil {
			return fmt.Errorf("set %d: %w", id, err)
		}
		p = p[n:]
	}
	return nil
}

func (r *Reader) set(d *Datagram, id uint16, p []byte) error {
	switch {
	case id == 0 && d.Header.Version == 9 || id == 2 && d.Header.Version == 10:
		return r.templateSet(d, p, false)
	case id == 1 && d.Header.Version == 9 || id == 3 && d.Header.Version == 10:
		return r.templateSet(d, p, true)
	}
	t, ok := r.templates[d.Header.Domain][id]
	if !ok {
		return fmt.Errorf("no template: %w", ErrShape)
	}
	for minimum := t.minimum(); len(p) >= minimum; {
		rec, n, err := t.record(p)
		if err != nil {
			return err
		}
		if p = p[n:]; t.options {
			d.Options = append(d.Options, rec)
		} else {
			d.Records = append(d.Records, rec)
		}
	}
	for _, b := range p { // padding
		if b != 0 || d.Header.Version == 10 {
			return fmt.Errorf("%d bytes left over: %w", len(p), ErrShape)
		}
	}
	return nil
}

func (r *Reader) templateSet(d *Datagram, p []byte, options bool) error {
	for len(p) >= 4 {
		id, n := be.Uint16(p), int(be.Uint16(p[2:]))
		p = p[4:]
		if options {
			if len(p) < 2 {
				return ErrShape
			}
			if d.Header.Version == 9 { // lengths of scopes and options in bytes
				n = n/4 + int(be.Uint16(p))/4
			}
			p = p[2:]
		}
		if len(p) < 4*n {
			return fmt.Errorf("template %d of %d fields: %w", id, n, ErrShape)
		}
		t := template{options: options}
		for range n {
			t.fields = append(t.fields, field{be.Uint16(p), be.Uint16(p[2:])})
			p = p[4:]
		}
		if r.templates[d.Header.Domain] == nil {
			r.templates[d.Header.Domain] = map[uint16]template{}
		}
		r.templates[d.Header.Domain][id] = t
		d.Templates++
	}
	return nil
}

func (t *template) minimum() int {
	n := 0
	for _, f := range t.fields {
		if f.length == 0xffff {
			n++
		} else {
			n += int(f.length)
		}
	}
	return n
}
