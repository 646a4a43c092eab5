package pivot

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Kind is what a pivot is about.
type Kind string

// Kinds of subjects.
const (
	Address  Kind = "address"
	Port     Kind = "port"
	AS       Kind = "as"
	Alert    Kind = "alert"
	Incident Kind = "incident"
)

// Kinds returns the names of all kinds.
func Kinds() []string {
	return []string{string(Address), string(Port), string(AS), string(Alert), string(Incident)}
}

// Subject is what a link is to be made for. Only what is known is set; a template that needs more has no link for it. One of an
// alert's hosts is an address with the alert's other values.
type Subject struct {
	Kind      Kind
	IP        netip.Addr // of an address
	Port      uint16
	Transport string // "tcp", "udp", ...; "": unknown or all
	ASN       uint32
	Alert     string // id
	Incident  string // id
	Detector  string
	Title     string    // of the alert
	From, To  time.Time // the event's first and last moment: from <= @timestamp < to
	Filter    string    // selects its flows, in Weir's language; "": what follows from the kind
}

// OfAddress is an address in a range of time.
func OfAddress(ip netip.Addr, from, to time.Time) Subject {
	return Subject{Kind: Address, IP: ip.Unmap().WithZone(""), From: from, To: to}
}

// ParseSubject reads an address, a port (443, tcp/443) or an AS (AS64500); what is none of them is not ok: it may be an alert's id. Times
// are left to the caller.
func ParseSubject(text string) (s Subject, ok bool) {
	text = strings.TrimSpace(text)
	if ip, err := netip.ParseAddr(text); err == nil {
		return OfAddress(ip, time.Time{}, time.Time{}), true
	}
	if digits, found := strings.CutPrefix(strings.ToUpper(text), "AS"); found {
		n, err := strconv.ParseUint(digits, 10, 32)
		return Subject{Kind: AS, ASN: uint32(n)}, err == nil && n > 0
	}
	transport, port, found := strings.Cut(text, "/")
	if !found {
		transport, port = "", text
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || (found && transport != "tcp" && transport != "udp" && transport != "sctp") {
		return Subject{}, false
	}
	return Subject{Kind: Port, Port: uint16(n), Transport: transport}, true
}

// label is how a title names the subject; alerts and incidents need no name: theirs is where the link stands.
func (s *Subject) label() string {
	switch s.Kind {
	case Address:
		return s.IP.String()
	case AS:
		return "AS" + strconv.FormatUint(uint64(s.ASN), 10)
	case Port:
		if s.Transport != "" {
			return s.Transport + "/" + strconv.Itoa(int(s.Port))
		}
		return "port " + strconv.Itoa(int(s.Port))
	}
	return ""
}

// filter returns what selects the subject's flows: for a host, a port or an AS all of its own, for an alert its evidence.
func (s *Subject) filter() string {
	switch {
	case s.Filter != "":
		return s.Filter
	case s.Kind == Address && s.IP.IsValid():
		return "related.ip : " + quoted(s.IP)
	case s.Kind == Port && s.Transport != "":
		return fmt.Sprintf("related.port : %d and network.transport : %s", s.Port, s.Transport)
	case s.Kind == Port:
		return fmt.Sprintf("related.port : %d", s.Port)
	case s.Kind == AS && s.ASN != 0:
		return fmt.Sprintf("source.as.number : %d or destination.as.number : %[1]d", s.ASN)
	}
	return ""
}

// quoted returns an address as filters take it: those of IPv6 hold colons and are quoted.
func quoted(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	return `"` + ip.String() + `"`
}

// publicAddress tells whether an address means the same to everybody: private, shared (RFC 6598), loopback, link-local, multicast and
// unspecified ones do not.
func publicAddress(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared.Contains(ip) && !thisNetwork.Contains(ip)
}

var (
	shared      = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")     // RFC 1122
)

// publicAS tells whether an AS number is somebody's: not 0 (RFC 7607), AS_TRANS (RFC 6793), or for private use (RFC 6996) or the
// last of a kind (RFC 7300).
func publicAS(n uint32) bool {
	return n != 0 && n != 23456 && (n < 64512 || n > 65535) && n < 4_200_000_000
}

// alertSpan is the range of an alert's evidence, or of the alert where it has none.
func alertSpan(a *flow.Alert) (from, to time.Time) {
	from, to = a.Evidence.From, a.Evidence.To
	if from.IsZero() {
		from = a.Start
	}
	if !to.After(from) {
		to = a.Last.Add(time.Second)
	}
	return from, to
}
