package filter

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// mappedBits is the length of the prefix under which IPv4 addresses are mapped into IPv6 ones.
const mappedBits = 96

// wants is the error of a value that does not fit its field.
func wants(f *flow.Field, what string, l literal) *Error {
	return &Error{Text: fmt.Sprintf("%s wants %s, not %s", f.Name, what, l.text())}
}

// valueOf reads a value as the field's kind asks. The error's column is left to the caller.
func valueOf(f *flow.Field, op Op, l literal) (Value, *Error) {
	if f.Kind == flow.KindObject {
		return Value{}, &Error{Text: f.Name + " can only be asked for being there", Suggestion: f.Name + " : *"}
	}
	if f.Kind == flow.KindKeyword {
		return keywordOf(f, op, l)
	}
	if l.wild() {
		return Value{}, wildcardError(f, l)
	}
	switch f.Kind {
	case flow.KindIP:
		return addressOf(f, op, l)
	case flow.KindTime:
		return timeOf(f, op, l)
	case flow.KindMAC:
		return macOf(f, op, l)
	}
	return numberOf(f, l)
}

func wildcardError(f *flow.Field, l literal) *Error {
	e := &Error{Text: fmt.Sprintf("%s takes no wildcards", f.Name)}
	if f.Kind == flow.KindIP {
		e.Text += ": write a prefix"
		e.Suggestion = prefixOfPart(strings.TrimSuffix(l.text(), "*"))
	}
	return e
}

// prefixOfPart makes a prefix of the first octets of an address: 10.1. and 10.1 are 10.1.0.0/16.
func prefixOfPart(text string) string {
	octets := strings.Split(strings.TrimSuffix(text, "."), ".")
	known := len(octets)
	if known > 3 || known == 1 && !strings.HasSuffix(text, ".") {
		return ""
	}
	for len(octets) < 4 {
		octets = append(octets, "0")
	}
	s := fmt.Sprintf("%s/%d", strings.Join(octets, "."), 8*known)
	if _, err := netip.ParsePrefix(s); err != nil {
		return ""
	}
	return s
}

var errNotWhole = errors.New("not a whole number")

func parseUint(s string) (uint64, error) {
	if s == "" || s[0] == '+' {
		return 0, errNotWhole
	}
	return strconv.ParseUint(s, 10, 64)
}

func numberOf(f *flow.Field, l literal) (Value, *Error) {
	switch f.Kind {
	case flow.KindUint:
		if n, err := parseUint(l.text()); err == nil {
			if f.Max != 0 && n > f.Max {
				return Value{}, &Error{Text: fmt.Sprintf("%s is at most %d, not %s", f.Name, f.Max, l.text())}
			}
			return Value{Value: flow.Uint(n)}, nil
		}
		if _, err := strconv.ParseFloat(l.text(), 64); err == nil {
			return Value{}, wants(f, "a whole number from 0 to 18446744073709551615", l)
		}
	case flow.KindInt:
		if n, err := strconv.ParseInt(l.text(), 10, 64); err == nil {
			return Value{Value: flow.Int(n)}, nil
		}
	case flow.KindFloat:
		if n, err := strconv.ParseFloat(l.text(), 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return Value{Value: flow.Float(n)}, nil
		}
	}
	e := wants(f, "a number", l)
	if strings.HasSuffix(f.Name, ".port") && isBare(l.text()) && !strings.ContainsAny(l.text()[:1], "0123456789+-._/") {
		e.Suggestion = "network.protocol : " + l.text()
	}
	return Value{}, e
}

func addressOf(f *flow.Field, op Op, l literal) (Value, *Error) {
	if ip, err := netip.ParseAddr(l.text()); err == nil && ip.Zone() == "" {
		return Value{Value: flow.IP(flow.AddrFromNetip(ip)), Bits: addrBits}, nil
	}
	p, err := netip.ParsePrefix(l.text())
	if err != nil {
		e := wants(f, "an address or a prefix", l)
		e.Suggestion = prefixOfPart(l.text())
		return Value{}, e
	}
	if op != Equal {
		return Value{}, &Error{Text: fmt.Sprintf("a prefix has no order: %s %s wants an address", f.Name, strings.TrimSpace(opTexts[op])), Suggestion: f.Name + " : " + l.text()}
	}
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += mappedBits
	}
	return Value{Value: flow.IP(masked(flow.AddrFromNetip(p.Addr()), bits)), Bits: uint8(bits)}, nil
}

// masked clears the bits after the prefix.
func masked(a flow.Addr, bits int) flow.Addr {
	for bit := bits; bit < addrBits; bit++ {
		a[bit/8] &^= 1 << (7 - bit%8)
	}
	return a
}

// Times that fit nanoseconds since the Unix epoch in 64 bits.
const (
	firstYear = 1678
	lastYear  = 2261
)

func timeOf(f *flow.Field, op Op, l literal) (Value, *Error) {
	t, err := time.Parse(time.RFC3339Nano, l.text())
	if err != nil {
		t, err = time.Parse(time.DateOnly, l.text())
		// The other comparisons with a day would have to mean its end, which readers can't see.
		if err == nil && op != GreaterEqual && op != Less {
			return Value{}, &Error{Text: fmt.Sprintf("%s wants a full time here; a day goes with >= and < only", f.Name), Suggestion: fmt.Sprintf(`%s >= "%s"`, f.Name, l.text())}
		}
	}
	if err != nil || t.UTC().Year() < firstYear || t.UTC().Year() > lastYear {
		return Value{}, wants(f, `a time such as "2026-03-02T08:15:00Z"`, l)
	}
	return Value{Value: flow.Time(t.UnixNano())}, nil
}

func macOf(f *flow.Field, op Op, l literal) (Value, *Error) {
	m, ok := flow.ParseMAC(l.text())
	if !ok {
		return Value{}, wants(f, `a hardware address such as "00-1B-44-11-3A-B7"`, l)
	}
	if op != Equal {
		return Value{}, noOrder(f)
	}
	return Value{Value: flow.MACValue(m)}, nil
}
