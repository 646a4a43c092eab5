package flow

import (
	"strconv"
	"strings"
	"time"
)

// MarshalJSON implements [encoding/json.Marshaler]. Names are left out, as their symbols are the batch's: see
// [SessionBatch.AppendJSON].
func (s *Session) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil), nil }

// AppendJSON appends the session as one JSON object without its names.
func (s *Session) AppendJSON(dst []byte) []byte { return (&SessionBatch{}).AppendJSON(dst, s) }

// AppendJSON appends a session of the batch as one JSON object, without a line end: out is from client to server, times are
// RFC 3339 in UTC, the duration is in ns, flags are names. After the members that every session has follow those that are known of
// it. It allocates nothing but what dst needs to grow. [ParseSessionJSON] reads it back.
func (b *SessionBatch) AppendJSON(dst []byte, s *Session) []byte {
	dst = s.ID.AppendTo(append(dst, `{"id":"`...))
	dst = appendTimeJSON(append(dst, `","start":`...), s.Start)
	dst = appendTimeJSON(append(dst, `,"end":`...), s.End)
	dst = b.appendSide(append(dst, `,"client":`...), s, &s.Client)
	dst = b.appendSide(append(dst, `,"server":`...), s, &s.Server)
	dst = appendStringJSON(append(dst, `,"transport":`...), TransportName(s.Transport))
	dst = appendFiniteJSON(append(dst, `,"direction_confidence":`...), s.Confidence)
	dst = strconv.AppendUint(append(dst, `,"bytes_out":`...), s.Client.Bytes, 10)
	dst = strconv.AppendUint(append(dst, `,"bytes_in":`...), s.Server.Bytes, 10)
	dst = strconv.AppendUint(append(dst, `,"packets_out":`...), s.Client.Packets, 10)
	dst = strconv.AppendUint(append(dst, `,"packets_in":`...), s.Server.Packets, 10)
	dst = appendStringJSON(append(dst, `,"state":`...), s.State.String())
	dst = appendFlagsJSON(append(dst, `,"flags":`...), s.Flags())
	dst = strconv.AppendUint(append(dst, `,"records":`...), uint64(s.Records), 10)
	dst = append(dst, `,"exporters":[`...)
	for i, a := range s.SeenBy() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(a.Netip().AppendTo(append(dst, '"')), '"')
	}
	dst = strconv.AppendBool(append(dst, `],"open":`...), s.Open)
	return append(b.appendKnown(dst, s), '}')
}

// appendKnown appends the members that not every session has, and its duration.
func (b *SessionBatch) appendKnown(dst []byte, s *Session) []byte {
	dst = strconv.AppendInt(append(dst, `,"duration":`...), max(s.Duration(), 0), 10)
	dst = b.appendName(dst, `,"service":`, s.Service)
	dst = b.appendName(dst, `,"application":`, s.Application)
	if s.hasDirection() {
		dst = appendStringJSON(append(dst, `,"direction":`...), s.Direction.String())
	}
	if s.SamplingInterval > 0 {
		dst = appendFiniteJSON(append(dst, `,"sampling":`...), s.SamplingInterval)
	}
	if s.HasICMP() {
		dst = strconv.AppendUint(append(dst, `,"icmp":{"type":`...), uint64(s.ICMPType), 10)
		dst = append(strconv.AppendUint(append(dst, `,"code":`...), uint64(s.ICMPCode), 10), '}')
	}
	if s.Copies > 0 {
		dst = strconv.AppendUint(append(dst, `,"copies":`...), uint64(s.Copies), 10)
	}
	if s.Truncated {
		dst = append(dst, `,"truncated":true`...)
	}
	if s.HasClock {
		dst = strconv.AppendUint(append(dst, `,"start_uncertainty_ms":`...), uint64(s.StartUncertainty), 10)
	}
	if s.OrderInDoubt {
		dst = append(dst, `,"order":"not decidable"`...)
	}
	return dst
}

// appendSide appends one side; its counters are the session's out and in.
func (b *SessionBatch) appendSide(dst []byte, s *Session, e *SessionSide) []byte {
	dst = e.IP.Netip().AppendTo(append(dst, `{"ip":"`...))
	dst = strconv.AppendUint(append(dst, `","port":`...), uint64(e.Port), 10)
	if s.HasTCPFlags() {
		dst = appendFlagsJSON(append(dst, `,"flags":`...), e.TCPFlags)
	}
	dst = e.appendNAT(dst)
	if e.ASN != 0 {
		dst = strconv.AppendUint(append(dst, `,"as":`...), uint64(e.ASN), 10)
	}
	if name := countryName(e.Country); name != "" {
		dst = appendStringJSON(append(dst, `,"country":`...), name)
	}
	return append(b.appendGroups(dst, e.Groups), '}')
}

// appendNAT appends what the side is after translation: its address, its port or both.
func (e *SessionSide) appendNAT(dst []byte) []byte {
	switch {
	case !e.NAT.IsZero():
		dst = append(e.NAT.Netip().AppendTo(append(dst, `,"nat":{"ip":"`...)), '"')
		if e.NATPort != 0 {
			dst = strconv.AppendUint(append(dst, `,"port":`...), uint64(e.NATPort), 10)
		}
	case e.NATPort != 0:
		dst = strconv.AppendUint(append(dst, `,"nat":{"port":`...), uint64(e.NATPort), 10)
	default:
		return dst
	}
	return append(dst, '}')
}

func (b *SessionBatch) appendGroups(dst []byte, groups Symbol) []byte {
	if b.Symbols == nil || groups == 0 {
		return dst
	}
	dst = append(dst, `,"groups":[`...)
	name, rest, more := strings.Cut(b.Symbols.Text(groups), ListSeparator)
	for dst = appendStringJSON(dst, name); more; dst = appendStringJSON(append(dst, ','), name) {
		name, rest, more = strings.Cut(rest, ListSeparator)
	}
	return append(dst, ']')
}

// appendName appends a member that is a name, where there is one.
func (b *SessionBatch) appendName(dst []byte, key string, name Symbol) []byte {
	if b.Symbols == nil || name == 0 {
		return dst
	}
	return appendStringJSON(append(dst, key...), b.Symbols.Text(name))
}

// appendFiniteJSON appends a number, and 0 for one that JSON does not have.
func appendFiniteJSON(dst []byte, f float64) []byte {
	before := len(dst)
	if dst = appendFloatJSON(dst, f, 64); len(dst) == before {
		return append(dst, '0')
	}
	return dst
}

func appendTimeJSON(dst []byte, ns int64) []byte {
	return append(time.Unix(0, ns).UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}

func appendFlagsJSON(dst []byte, flags uint16) []byte {
	dst = append(dst, '[')
	first := true
	for i, name := range tcpFlagNames {
		if flags&(1<<i) == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendStringJSON(dst, name)
	}
	return append(dst, ']')
}
