package flow

import (
	"encoding/binary"
	"encoding/hex"
)

// SessionState is the state of a connection, read off the flags and counters of both sides.
type SessionState uint8

// States of a session: those of TCP, then those of protocols without connections.
const (
	StateNone SessionState = iota
	StateS0                // opened, unanswered
	StateREJ               // opened, refused
	StateEST0              // handshake only: answered, no data
	StateEST               // data went over an established connection
	StateUNI               // one direction only, but established: the other was not exported
	StateMID               // no opening seen, or too little to tell
	StateBSC               // an answer to what was never asked: backscatter
	StateQ                 // UDP and the like: no reply
	StateQR                // UDP and the like: with a reply
)

var sessionStates = [...]string{"", "S0", "REJ", "EST0", "EST", "UNI", "MID", "BSC", "Q", "QR"}

// String returns the name used in weir.tcp.state.
func (s SessionState) String() string { return nameOf(sessionStates[:], uint8(s)) }

// ParseSessionState is the inverse of [SessionState.String].
func ParseSessionState(s string) (SessionState, bool) {
	n, ok := numberOf(sessionStates[:], s)
	return SessionState(n), ok
}

// SessionID identifies a session: a 128-bit hash of its addresses, ports and protocol, whichever side is the client, and of the
// start of the piece that it was made from.
type SessionID struct{ Hi, Lo uint64 }

// String returns 32 hex digits.
func (id SessionID) String() string { return string(id.AppendTo(nil)) }

// AppendTo appends the text form to dst.
func (id SessionID) AppendTo(dst []byte) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], id.Hi)
	binary.BigEndian.PutUint64(b[8:], id.Lo)
	return hex.AppendEncode(dst, b[:])
}

// ParseSessionID is the inverse of [SessionID.String].
func ParseSessionID(s string) (SessionID, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 {
		return SessionID{}, false
	}
	return SessionID{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, true
}

// SessionSide is the client or the server of a session, with what it sent. Counters are scaled by the sampling interval.
type SessionSide struct {
	IP       Addr
	NAT      Addr // after translation; zero where it is not translated
	Bytes    uint64
	Packets  uint64
	ASN      uint32 // 0 = unknown
	Groups   Symbol // traffic groups: a list symbol
	Port     uint16 // 0 where the protocol has none
	NATPort  uint16 // 0 where it is not translated
	TCPFlags uint16 // of all its packets
	Country  [2]byte
}

// MaxSessionExporters is how many exporters a session lists; further ones are not kept.
const MaxSessionExporters = 6

// Session is a conversation of two endpoints, made of all records about it. It has no pointers. Times are nanoseconds since the
// Unix epoch.
type Session struct {
	ID    SessionID
	Start int64 // first packet
	End   int64 // last packet so far
	Born  int64 // start of the piece that it was made from: with addresses, ports and protocol it makes the id

	Client SessionSide
	Server SessionSide

	Confidence       float64 // how sure it is that Client opened the session, 0 to 1
	SamplingInterval float64 // the greatest of its records; 0 = unknown
	Exporters        [MaxSessionExporters]Addr
	Records          uint32 // records that are summed: other exporters' copies are not
	Copies           uint32 // records that are other exporters' copies
	Told             uint32 // how often it was told of before, while it was open
	Service          Symbol // network.protocol
	Application      Symbol

	ExporterCount uint8 // exporters listed, those that only sent copies included
	Transport     uint8 // IANA protocol number
	ICMPType      uint8 // of the first record
	ICMPCode      uint8
	State         SessionState
	Direction     Direction // from client to server
	Open          bool      // more may come under the same id
	// HasClock says that StartUncertainty is known. Both, and OrderInDoubt, are not stored: who lists sessions adds them.
	HasClock         bool
	StartUncertainty uint32 // how far Start may be off, ms
	OrderInDoubt     bool   // whether the session before this one in a list came first is not decidable
	Truncated        bool   // given up for want of room: the rest makes another session
}

// SessionBatch is sessions with the table of their symbols. It goes to sinks, where a session told of anew replaces what was
// told of it before, and comes from stores.
type SessionBatch struct {
	Sessions []Session
	Symbols  *Symbols
}

// SeenBy returns the exporters of the session; it aliases the session.
func (s *Session) SeenBy() []Addr { return s.Exporters[:s.ExporterCount] }

// Flags returns the TCP flags of both sides.
func (s *Session) Flags() uint16 { return s.Client.TCPFlags | s.Server.TCPFlags }

// Duration returns the length of the session in ns.
func (s *Session) Duration() int64 { return s.End - s.Start }
