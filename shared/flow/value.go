package flow

import (
	"strconv"
	"time"
)

// Kind is the kind of a field's values: it decides how filters compare and how values are shown.
type Kind uint8

// Kinds of values. Times are nanoseconds since the Unix epoch, UTC.
const (
	KindUint Kind = iota + 1
	KindInt
	KindFloat
	KindIP
	KindMAC
	KindKeyword
	KindTime
	KindObject // weir.elements: a map, shown but not compared
)

var kindNames = [...]string{"", "unsigned", "integer", "float", "ip", "mac", "keyword", "time", "object"}

// String returns the name used in the field reference.
func (k Kind) String() string { return nameOf(kindNames[:], uint8(k)) }

// Value is one value of a field. Which member holds it depends on the kind: U for KindUint, KindInt and KindTime (two's
// complement) and KindMAC, F for KindFloat, IP for KindIP, S for KindKeyword.
type Value struct {
	S    string
	U    uint64
	F    float64
	IP   Addr
	Kind Kind
}

// Uint makes a KindUint value.
func Uint(v uint64) Value { return Value{Kind: KindUint, U: v} }

// Int makes a KindInt value.
func Int(v int64) Value { return Value{Kind: KindInt, U: uint64(v)} }

// Float makes a KindFloat value.
func Float(v float64) Value { return Value{Kind: KindFloat, F: v} }

// IP makes a KindIP value.
func IP(a Addr) Value { return Value{Kind: KindIP, IP: a} }

// MACValue makes a KindMAC value.
func MACValue(m MAC) Value { return Value{Kind: KindMAC, U: m.Number()} }

// Keyword makes a KindKeyword value.
func Keyword(s string) Value { return Value{Kind: KindKeyword, S: s} }

// Time makes a KindTime value of nanoseconds since the Unix epoch.
func Time(ns int64) Value { return Value{Kind: KindTime, U: uint64(ns)} }

// String returns the value as shown to people and, for times and addresses, as it is in JSON.
func (v Value) String() string {
	switch v.Kind {
	case KindKeyword:
		return v.S
	default:
		return string(v.appendText(nil))
	}
}

func (v Value) appendText(dst []byte) []byte {
	switch v.Kind {
	case KindUint:
		return strconv.AppendUint(dst, v.U, 10)
	case KindInt:
		return strconv.AppendInt(dst, int64(v.U), 10)
	case KindFloat:
		return strconv.AppendFloat(dst, v.F, 'g', -1, 64)
	case KindIP:
		return v.IP.Netip().AppendTo(dst)
	case KindMAC:
		return MACFromNumber(v.U).AppendTo(dst)
	case KindTime:
		return AppendTime(dst, int64(v.U))
	}
	return append(dst, v.S...)
}

// AppendTime appends a time in RFC 3339 form, UTC, with as many decimals as it needs.
func AppendTime(dst []byte, ns int64) []byte {
	return time.Unix(0, ns).UTC().AppendFormat(dst, time.RFC3339Nano)
}
