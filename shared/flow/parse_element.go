package flow

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// elements reads weir.elements. JSON does not say the kind of an element, so it is told by the value: what is read is shown
// again in the same words, though a number may have another width than on the wire.
func (p *parser) elements(t token) error {
	if t.kind != '{' {
		return fmt.Errorf("found %s where an object belongs", t)
	}
	known := map[string]bool{}
	return p.members(func(key []byte) error {
		if known[string(key)] {
			return errors.New("given twice")
		}
		known[string(key)] = true
		return p.element(string(key))
	})
}

func (p *parser) element(key string) error {
	e, err := parseElementKey(key)
	if err != nil {
		return err
	}
	t, err := p.next()
	if err != nil {
		return err
	}
	if t.kind != '[' {
		return p.addElement(e, t)
	}
	return p.items(func(t token) error { return p.addElement(e, t) })
}

func parseElementKey(key string) (Element, error) {
	pen, id, ok := strings.Cut(key, "/")
	n, errPEN := strconv.ParseUint(pen, 10, 32)
	k, errID := strconv.ParseUint(id, 10, 16)
	if !ok || errPEN != nil || errID != nil || key != fmt.Sprintf("%d/%d", n, k) {
		return Element{}, errors.New(`want an element's number like "9/12235": enterprise, id`)
	}
	return Element{PEN: uint32(n), ID: uint16(k)}, nil
}

func (p *parser) addElement(e Element, t token) error {
	var ok bool
	switch t.kind {
	case tokenString:
		ok = e.setText(string(t.text))
	case tokenNumber:
		ok = e.setNumber(string(t.text))
	default:
		return fmt.Errorf("found %s where a number or string belongs", t)
	}
	if !ok {
		return fmt.Errorf("%s is more than an element can hold", t)
	}
	p.b.AppendElement(p.r, e)
	return nil
}

// setText takes hex with its prefix as bytes, and what reads exactly like an address as one.
func (e *Element) setText(s string) bool {
	if digits, ok := strings.CutPrefix(s, hexPrefix); ok {
		if raw, err := hex.DecodeString(digits); err == nil && strings.ToLower(digits) == digits {
			e.Kind, e.Value = ElementBytes, raw
			return len(raw) <= math.MaxUint16
		}
	}
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" && ip.String() == s {
		e.Kind, e.Value = ElementAddr, ip.AsSlice()
		return true
	}
	if m, ok := ParseMAC(s); ok && m.String() == s {
		e.Kind, e.Value = ElementMAC, m[:]
		return true
	}
	e.Kind, e.Value = ElementString, []byte(s)
	return len(s) <= math.MaxUint16
}

func (e *Element) setNumber(s string) bool {
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		e.Kind, e.Value = ElementUint, binary.BigEndian.AppendUint64(nil, u)
		return true
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n != 0 {
		e.Kind, e.Value = ElementInt, binary.BigEndian.AppendUint64(nil, uint64(n))
		return true
	}
	f, err := strconv.ParseFloat(s, 64)
	e.Kind, e.Value = ElementFloat, binary.BigEndian.AppendUint64(nil, math.Float64bits(f))
	return err == nil
}
