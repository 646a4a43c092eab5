package flow

import "strings"

// The functions below make accessors, so that a row of the registry says only where its value lives.

type getter = func(dst []Value, b *Batch, r *Record) []Value
type setter = func(b *Batch, r *Record, v Value) bool

// uintField accesses a number with a presence bit (0: the number itself is absent when 0).
func uintField[T uint8 | uint16 | uint32 | uint64](at func(*Record) *T, bit Presence) (getter, setter) {
	get := func(dst []Value, _ *Batch, r *Record) []Value {
		v := *at(r)
		if (bit != 0 && r.Present&bit == 0) || (bit == 0 && v == 0) {
			return dst
		}
		return append(dst, Uint(uint64(v)))
	}
	set := func(_ *Batch, r *Record, v Value) bool {
		*at(r) = T(v.U)
		r.Present |= bit
		return uint64(T(v.U)) == v.U
	}
	return get, set
}

// addrField accesses an address with a presence bit (0: absent when zero).
func addrField(at func(*Record) *Addr, bit Presence) (getter, setter) {
	get := func(dst []Value, _ *Batch, r *Record) []Value {
		a := *at(r)
		if (bit != 0 && r.Present&bit == 0) || (bit == 0 && a.IsZero()) {
			return dst
		}
		return append(dst, IP(a))
	}
	set := func(_ *Batch, r *Record, v Value) bool {
		*at(r) = v.IP
		r.Present |= bit
		return true
	}
	return get, set
}

func macField(at func(*Record) *MAC) (getter, setter) {
	get := func(dst []Value, _ *Batch, r *Record) []Value {
		if m := *at(r); !m.IsZero() {
			return append(dst, MACValue(m))
		}
		return dst
	}
	set := func(_ *Batch, r *Record, v Value) bool { *at(r) = MACFromNumber(v.U); return true }
	return get, set
}

func timeField(at func(*Record) *int64) (getter, setter) {
	get := func(dst []Value, _ *Batch, r *Record) []Value {
		if t := *at(r); t != 0 {
			return append(dst, Time(t))
		}
		return dst
	}
	set := func(_ *Batch, r *Record, v Value) bool { *at(r) = int64(v.U); return true }
	return get, set
}

// maxMillis bounds durations in ms, so that their nanoseconds are a number.
const maxMillis = 1 << 43

// milliField accesses a duration kept in ns and shown in ms.
func milliField(at func(*Record) *int64, make func(int64) Value) (getter, setter) {
	get := func(dst []Value, _ *Batch, r *Record) []Value {
		if r.Present&HasClock == 0 {
			return dst
		}
		return append(dst, make(*at(r)/1e6))
	}
	set := func(_ *Batch, r *Record, v Value) bool {
		*at(r) = int64(v.U) * 1e6
		r.Present |= HasClock
		return (v.Kind == KindInt && -int64(v.U) < maxMillis && int64(v.U) < 0) || v.U < maxMillis
	}
	return get, set
}

func symbolField(at func(*Record) *Symbol) (getter, setter) {
	get := func(dst []Value, b *Batch, r *Record) []Value {
		if s := *at(r); s != 0 {
			return append(dst, Keyword(b.Symbols.Text(s)))
		}
		return dst
	}
	set := func(b *Batch, r *Record, v Value) bool { *at(r) = b.Symbols.Intern(v.S); return true }
	return get, set
}

// listField accesses a list symbol; each Set adds a member.
func listField(at func(*Record) *Symbol) (getter, setter) {
	get := func(dst []Value, b *Batch, r *Record) []Value {
		if *at(r) == 0 {
			return dst
		}
		name, rest, more := strings.Cut(b.Symbols.Text(*at(r)), ListSeparator)
		for dst = append(dst, Keyword(name)); more; dst = append(dst, Keyword(name)) {
			name, rest, more = strings.Cut(rest, ListSeparator)
		}
		return dst
	}
	set := func(b *Batch, r *Record, v Value) bool {
		if v.S == "" || strings.Contains(v.S, ListSeparator) {
			return false
		}
		text := v.S
		if old := b.Symbols.Text(*at(r)); old != "" {
			text = old + ListSeparator + text
		}
		*at(r) = b.Symbols.Intern(text)
		return true
	}
	return get, set
}

// enumField accesses a small number that is shown by name; it is absent when its name is "" or its presence bit is not set.
func enumField(at func(*Record) *uint8, names []string, bit Presence) (getter, setter) {
	get := func(dst []Value, _ *Batch, r *Record) []Value {
		n := *at(r)
		if (bit != 0 && r.Present&bit == 0) || (bit == 0 && n == 0) {
			return dst
		}
		if s := nameOf(names, n); s != "" {
			return append(dst, Keyword(s))
		}
		return append(dst, Keyword("0"))
	}
	set := func(_ *Batch, r *Record, v Value) bool {
		n, ok := enumNumber(names, v.S)
		*at(r) = n
		r.Present |= bit
		return ok
	}
	return get, set
}

// field joins a row's description with its accessors.
func field(f Field, get getter, set setter) Field {
	f.Get, f.Set = get, set
	return f
}
