package flow

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
)

// String returns the canonical form "<datagram>-<set>-<record>".
func (id EventID) String() string { return string(id.AppendTo(nil)) }

// AppendTo appends the canonical form to dst.
func (id EventID) AppendTo(dst []byte) []byte {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], id.Datagram.Hi)
	binary.BigEndian.PutUint64(raw[8:], id.Datagram.Lo)
	dst = hex.AppendEncode(dst, raw[:])
	dst = append(dst, '-')
	dst = strconv.AppendUint(dst, uint64(id.Set), 10)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, uint64(id.Record), 10)
}

// ParseEventID reads the canonical form.
func ParseEventID(s string) (id EventID, ok bool) {
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) != 32 {
		return EventID{}, false
	}
	raw, err := hex.DecodeString(parts[0])
	set, errSet := strconv.ParseUint(parts[1], 10, 16)
	record, errRecord := strconv.ParseUint(parts[2], 10, 32)
	if err != nil || errSet != nil || errRecord != nil {
		return EventID{}, false
	}
	id.Datagram = DatagramID{Hi: binary.BigEndian.Uint64(raw), Lo: binary.BigEndian.Uint64(raw[8:])}
	id.Set, id.Record = uint16(set), uint32(record)
	return id, true
}

func getEventID(dst []Value, _ *Batch, r *Record) []Value { return append(dst, Keyword(r.ID.String())) }

func appendEventID(dst []byte, r *Record) []byte { return r.ID.AppendTo(dst) }

func setEventID(_ *Batch, r *Record, v Value) (ok bool) {
	r.ID, ok = ParseEventID(v.S)
	return ok
}

func getDuplicateOf(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasDuplicateOf == 0 {
		return dst
	}
	return append(dst, Keyword(r.DuplicateOf.String()))
}

func appendDuplicateOf(dst []byte, r *Record) []byte {
	if r.Present&HasDuplicateOf == 0 {
		return dst
	}
	return r.DuplicateOf.AppendTo(dst)
}

func setDuplicateOf(_ *Batch, r *Record, v Value) (ok bool) {
	r.DuplicateOf, ok = ParseEventID(v.S)
	r.Present |= HasDuplicateOf
	return ok
}

func countryField(at func(*Record) *[2]byte) (get getter, text func([]byte, *Record) []byte, set setter) {
	get = func(dst []Value, _ *Batch, r *Record) []Value {
		if c := at(r); c[0] != 0 {
			return append(dst, Keyword(string(c[:])))
		}
		return dst
	}
	text = func(dst []byte, r *Record) []byte {
		if c := at(r); upper(c[0]) && upper(c[1]) {
			return append(dst, c[:]...)
		}
		return dst
	}
	set = func(_ *Batch, r *Record, v Value) bool {
		return len(v.S) == 2 && upper(v.S[0]) && upper(v.S[1]) && copy(at(r)[:], v.S) == 2
	}
	return get, text, set
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }

// Source counters are what is not reverse: normalize keeps Source, Destination and the sums consistent.
func getSourceBytes(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasBytes == 0 {
		return dst
	}
	return append(dst, Uint(r.Source.Bytes))
}

func setSourceBytes(_ *Batch, r *Record, v Value) bool { r.Source.Bytes = v.U; return true }

func getSourcePackets(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasPackets == 0 {
		return dst
	}
	return append(dst, Uint(r.Source.Packets))
}

func setSourcePackets(_ *Batch, r *Record, v Value) bool { r.Source.Packets = v.U; return true }

func getTransport(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasProtocol == 0 {
		return dst
	}
	return append(dst, Keyword(TransportName(r.IPProtocol)))
}

func setTransport(_ *Batch, r *Record, v Value) bool {
	n, ok := TransportNumber(v.S)
	r.IPProtocol = n
	r.Present |= HasProtocol
	return ok
}

func getDomain(dst []Value, _ *Batch, r *Record) []Value { return append(dst, Uint(uint64(r.Domain))) }

func setDomain(_ *Batch, r *Record, v Value) bool {
	r.Domain = uint32(v.U)
	return v.U <= 1<<32-1
}

func getSampling(dst []Value, _ *Batch, r *Record) []Value {
	if r.SamplingInterval == 0 {
		return dst
	}
	return append(dst, Float(r.SamplingInterval))
}

func setSampling(_ *Batch, r *Record, v Value) bool { r.SamplingInterval = v.F; return true }

func getTCPFlags(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasTCPFlags == 0 {
		return dst
	}
	for i, name := range tcpFlagNames {
		if r.TCPFlags&(1<<i) != 0 {
			dst = append(dst, Keyword(name))
		}
	}
	return dst
}

func setTCPFlag(_ *Batch, r *Record, v Value) bool {
	bit := TCPFlagBit(v.S)
	r.TCPFlags |= bit
	r.Present |= HasTCPFlags
	return bit != 0
}

func getRelatedIP(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasSourceIP != 0 {
		dst = append(dst, IP(r.Source.IP))
	}
	if r.Present&HasDestinationIP != 0 {
		dst = append(dst, IP(r.Destination.IP))
	}
	return dst
}

func getRelatedPort(dst []Value, _ *Batch, r *Record) []Value {
	if r.Present&HasSourcePort != 0 {
		dst = append(dst, Uint(uint64(r.Source.Port)))
	}
	if r.Present&HasDestinationPort != 0 {
		dst = append(dst, Uint(uint64(r.Destination.Port)))
	}
	return dst
}

// First and last element of the MPLS label stack (IPFIX IE 70 to 79): 20 bits of label, 3 experimental, bottom of stack.
const (
	firstMPLSElement = 70
	lastMPLSElement  = 79
)

func getMPLS(dst []Value, b *Batch, r *Record) []Value {
	if r.Present&HasMPLS == 0 {
		return dst
	}
	for e, rest, ok := NextElement(b.ElementsOf(r)); ok; e, rest, ok = NextElement(rest) {
		if e.isMPLS() {
			label := uint64(e.Value[0])<<12 | uint64(e.Value[1])<<4 | uint64(e.Value[2])>>4
			dst = append(dst, Uint(label))
		}
	}
	return dst
}

func setMPLS(b *Batch, r *Record, v Value) bool {
	id := uint16(firstMPLSElement + len(getMPLS(nil, b, r)))
	if id > lastMPLSElement || v.U >= 1<<20 {
		return false
	}
	r.Present |= HasMPLS
	b.AppendElement(r, Element{ID: id, Kind: ElementBytes, Value: []byte{byte(v.U >> 12), byte(v.U >> 4), byte(v.U << 4)}})
	return true
}

// getElements yields one placeholder value where the record has elements, so that "exists" works; AppendJSON shows them. Labels of
// MPLS do not count: they have a field of their own.
func getElements(dst []Value, b *Batch, r *Record) []Value {
	for e, rest, ok := NextElement(b.ElementsOf(r)); ok; e, rest, ok = NextElement(rest) {
		if !isMPLSLabel(r, e) {
			return append(dst, Value{Kind: KindObject})
		}
	}
	return dst
}
