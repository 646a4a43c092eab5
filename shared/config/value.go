package config

import (
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The readers below take one kind of scalar each; where the value is wrong they say so and return false.

// text reads a string; numbers and truth values must be quoted, so that a missing value or a typing error does not pass as text.
func (d *decoder) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Value != "" {
		return n.Value, true
	}
	hint := ""
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" && n.Value != "" {
		hint = ": put it in quotes if it is meant"
	}
	d.fail(n, "found %s where %s belongs%s", describe(n), what, hint)
	return "", false
}

// fileOrOff reads a path; off is none.
func (d *decoder) fileOrOff(n *yaml.Node, at *string) {
	s, ok := d.text(n, "a file, or off,")
	switch {
	case !ok:
	case s == "off":
		*at = ""
	default:
		*at = s
	}
}

// oneOf reads one of the words given.
func (d *decoder) oneOf(n *yaml.Node, at *string, words ...string) {
	if n.Kind == yaml.ScalarNode && slices.Contains(words, n.Value) {
		*at = n.Value
		return
	}
	if near := nearest(n.Value, words); near != "" && n.Kind == yaml.ScalarNode {
		d.fail(n, "%q is not one of %s: did you mean %q?", n.Value, strings.Join(words, ", "), near)
		return
	}
	d.fail(n, "found %s: want one of %s", describe(n), strings.Join(words, ", "))
}

// integer reads a whole number from least to most.
func (d *decoder) integer(n *yaml.Node, least, most int64) (int64, bool) {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil {
		d.fail(n, "found %s where a whole number belongs", describe(n))
		return 0, false
	}
	if v < least || v > most {
		d.fail(n, "%d is out of range: want %d to %d", v, least, most)
		return 0, false
	}
	return v, true
}

func (d *decoder) count(n *yaml.Node, at *int, most int64) {
	if v, ok := d.integer(n, 0, most); ok {
		*at = int(v)
	}
}

// interval reads the N of 1:N sampling.
func (d *decoder) interval(n *yaml.Node, at *float64) {
	v, err := strconv.ParseFloat(n.Value, 64)
	switch {
	case n.Kind != yaml.ScalarNode || (n.Tag != "!!int" && n.Tag != "!!float") || err != nil:
		d.fail(n, "found %s where the N of a sampling 1:N belongs", describe(n))
	case !(v >= 1 && v <= 1<<32):
		d.fail(n, "sampling 1:%s is out of range: want 1 to 4294967296", n.Value)
	default:
		*at = v
	}
}

// unit is a suffix of numbers.
type unit struct {
	suffix string
	factor float64
}

var (
	sizeUnits = []unit{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
		{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
	}
	rateUnits = []unit{{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"", 1}}
	timeUnits = []unit{
		{"ms", float64(time.Millisecond)}, {"s", float64(time.Second)}, {"m", float64(time.Minute)}, {"h", float64(time.Hour)},
		{"d", 24 * float64(time.Hour)}, {"w", 7 * 24 * float64(time.Hour)},
	}
)

// quantity reads a number of at most 2^53 with one of the units.
func (d *decoder) quantity(n *yaml.Node, units []unit, want string) (float64, bool) {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		for _, u := range units {
			digits, ok := strings.CutSuffix(n.Value, u.suffix)
			v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
			if ok && err == nil && v >= 0 && v*u.factor < math.MaxInt64 {
				return v * u.factor, true
			}
		}
	}
	d.fail(n, "found %s where %s belongs", describe(n), want)
	return 0, false
}

func (d *decoder) size(n *yaml.Node, at *int64, least, most int64) {
	v, ok := d.quantity(n, sizeUnits, "a size like 256MiB")
	switch {
	case !ok:
	case int64(v) < least || int64(v) > most:
		d.fail(n, "%s is out of range: want %dKiB to %dGiB", n.Value, least>>10, most>>30)
	default:
		*at = int64(v)
	}
}

// sizeOrOff reads a size; 0 and off are none.
func (d *decoder) sizeOrOff(n *yaml.Node, at *int64, least, most int64) {
	if n.Kind == yaml.ScalarNode && (n.Value == "0" || n.Value == "off") {
		*at = 0
		return
	}
	d.size(n, at, least, most)
}

// percentage reads a part of up to most as a number with a percent sign; 0 needs none.
func (d *decoder) percentage(n *yaml.Node, at *float64, most float64) {
	units := []unit{{"%", 0.01}}
	if n.Kind == yaml.ScalarNode && n.Value == "0" {
		units[0].suffix = ""
	}
	v, ok := d.quantity(n, units, "a percentage like 5%")
	switch {
	case !ok:
	case v > most:
		d.fail(n, "%s is out of range: want 0%% to %g%%", n.Value, most*100)
	default:
		*at = v
	}
}

func (d *decoder) rate(n *yaml.Node, at *float64) {
	if v, ok := d.quantity(n, rateUnits, "a rate like 100M (k, M, G and T are powers of 1000)"); ok {
		*at = v
	}
}

func (d *decoder) duration(n *yaml.Node, at *time.Duration, least, most time.Duration) {
	if n.Kind == yaml.ScalarNode && n.Value == "0" && least == 0 {
		*at = 0
		return
	}
	v, ok := d.quantity(n, timeUnits, "a duration like 700ms, 12h or 90d")
	switch {
	case !ok:
	case time.Duration(v) < least || time.Duration(v) > most:
		d.fail(n, "%s is out of range: want %s to %s", n.Value, least, most)
	default:
		*at = time.Duration(v)
	}
}

// address reads HOST:PORT; the host may be missing.
func (d *decoder) address(n *yaml.Node, example string) (string, bool) {
	s, ok := d.text(n, "an address like \""+example+"\"")
	if !ok {
		return "", false
	}
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		d.fail(n, "%q is not HOST:PORT: want an address like %q", s, example)
		return "", false
	}
	return s, true
}

// prefix reads a CIDR or a single address.
func (d *decoder) prefix(n *yaml.Node) (netip.Prefix, bool) {
	s, ok := d.text(n, "an address or CIDR like 10.0.0.0/8")
	if !ok {
		return netip.Prefix{}, false
	}
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		d.fail(n, "%q is not an address or CIDR: want something like 10.0.0.0/8 or 2001:db8::/32", s)
		return netip.Prefix{}, false
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if m := p.Masked(); m != p {
		d.fail(n, "%q has bits beyond its length: did you mean %q?", s, m)
		return netip.Prefix{}, false
	}
	return p, true
}

func (d *decoder) prefixes(n *yaml.Node, at *[]netip.Prefix) {
	list := []netip.Prefix{}
	d.list(n, "addresses and CIDRs", func(item *yaml.Node) {
		if p, ok := d.prefix(item); ok {
			list = append(list, p)
		}
	})
	*at = list
}

// ports reads a port or a range of ports.
func (d *decoder) ports(n *yaml.Node) (r PortRange, ok bool) {
	first, last, isRange := strings.Cut(n.Value, "-")
	if !isRange {
		last = first
	}
	lo, errLo := strconv.ParseUint(strings.TrimSpace(first), 10, 16)
	hi, errHi := strconv.ParseUint(strings.TrimSpace(last), 10, 16)
	if n.Kind != yaml.ScalarNode || errLo != nil || errHi != nil {
		d.fail(n, "found %s where a port like 443 or a range like 8000-8999 belongs", describe(n))
		return r, false
	}
	if hi < lo {
		d.fail(n, "the range %s ends before it starts", n.Value)
		return r, false
	}
	return PortRange{First: uint16(lo), Last: uint16(hi)}, true
}
