package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// sessionJSON is the shape of a session in JSON.
type sessionJSON struct {
	ID          string    `json:"id"`
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	Client      sideJSON  `json:"client"`
	Server      sideJSON  `json:"server"`
	Transport   string    `json:"transport"`
	Confidence  float64   `json:"direction_confidence"`
	BytesOut    uint64    `json:"bytes_out"`
	BytesIn     uint64    `json:"bytes_in"`
	PacketsOut  uint64    `json:"packets_out"`
	PacketsIn   uint64    `json:"packets_in"`
	State       string    `json:"state"`
	Flags       []string  `json:"flags"`
	Records     uint32    `json:"records"`
	Exporters   []string  `json:"exporters"`
	Open        bool      `json:"open"`
	Service     string    `json:"service"`
	Application string    `json:"application"`
	Direction   string    `json:"direction"`
	Sampling    float64   `json:"sampling"`
	ICMP        struct {
		Type uint8 `json:"type"`
		Code uint8 `json:"code"`
	} `json:"icmp"`
	Copies    uint32  `json:"copies"`
	Truncated bool    `json:"truncated"`
	Uncertain *uint32 `json:"start_uncertainty_ms"`
	Order     string  `json:"order"`
}

type sideJSON struct {
	IP    string   `json:"ip"`
	Port  uint16   `json:"port"`
	Flags []string `json:"flags"` // absent in what other programs write
	NAT   *struct {
		IP   string `json:"ip"`
		Port uint16 `json:"port"`
	} `json:"nat"`
	ASN     uint32   `json:"as"`
	Country string   `json:"country"`
	Groups  []string `json:"groups"`
}

// UnmarshalJSON implements [encoding/json.Unmarshaler]: it reads what [Session.AppendJSON] writes. Names have no table here and are
// left out: see [ParseSessionJSON].
func (s *Session) UnmarshalJSON(text []byte) error {
	b := SessionBatch{Symbols: NewSymbols()}
	if err := ParseSessionJSON(text, &b); err != nil {
		return err
	}
	*s = b.Sessions[0]
	s.Service, s.Application, s.Client.Groups, s.Server.Groups = 0, 0, 0, 0
	return nil
}

// ParseSessionJSON reads what [SessionBatch.AppendJSON] writes, and appends it to the batch, whose table gets the names. Members that it
// does not know are passed over. Where the sides have no flags of their own, those of the session are taken for the client's. Born
// and Told are not in JSON.
func ParseSessionJSON(text []byte, b *SessionBatch) error {
	var j sessionJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s, err := j.session(b.Symbols)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	b.Sessions = append(b.Sessions, s)
	return nil
}

func (j *sessionJSON) session(symbols *Symbols) (s Session, err error) {
	s = Session{
		Confidence: j.Confidence, Records: j.Records, Copies: j.Copies, Open: j.Open, Truncated: j.Truncated, SamplingInterval: j.Sampling,
		ICMPType: j.ICMP.Type, ICMPCode: j.ICMP.Code, Service: symbols.Intern(j.Service), Application: symbols.Intern(j.Application),
	}
	if j.Uncertain != nil {
		s.HasClock, s.StartUncertainty = true, *j.Uncertain
	}
	s.OrderInDoubt = j.Order != ""
	if s.Client, err = j.Client.side(symbols); err != nil {
		return s, fmt.Errorf("client: %w", err)
	}
	if s.Server, err = j.Server.side(symbols); err != nil {
		return s, fmt.Errorf("server: %w", err)
	}
	s.Client.Bytes, s.Client.Packets, s.Server.Bytes, s.Server.Packets = j.BytesOut, j.PacketsOut, j.BytesIn, j.PacketsIn
	if j.Client.Flags == nil && j.Server.Flags == nil {
		s.Client.TCPFlags = flagBits(j.Flags)
	}
	for _, e := range j.Exporters[:min(len(j.Exporters), MaxSessionExporters)] {
		if s.Exporters[s.ExporterCount], err = addrOf(e); err != nil {
			return s, fmt.Errorf("exporters: %w", err)
		}
		s.ExporterCount++
	}
	return s, j.codes(&s)
}

// codes reads what has a known set of values, and the times.
func (j *sessionJSON) codes(s *Session) error {
	var ok bool
	if s.ID, ok = ParseSessionID(j.ID); !ok {
		return fmt.Errorf("%q is no id", j.ID)
	}
	if s.State, ok = ParseSessionState(j.State); !ok && j.State != "" {
		return fmt.Errorf("%q is no state", j.State)
	}
	if s.Transport, ok = TransportNumber(j.Transport); !ok {
		return fmt.Errorf("%q is no transport", j.Transport)
	}
	if s.Direction, ok = ParseDirection(j.Direction); !ok && j.Direction != "" {
		return fmt.Errorf("%q is no direction", j.Direction)
	}
	if j.Sampling < 0 {
		return errors.New("a sampling interval is not less than 0")
	}
	for _, t := range []time.Time{j.Start, j.End} {
		if t.Year() < 1678 || t.Year() > 2261 {
			return errors.New("want start and end within the years 1678 to 2261")
		}
	}
	s.Start, s.End = j.Start.UnixNano(), j.End.UnixNano()
	return nil
}

func (j *sideJSON) side(symbols *Symbols) (e SessionSide, err error) {
	e = SessionSide{Port: j.Port, ASN: j.ASN, TCPFlags: flagBits(j.Flags)}
	if e.IP, err = addrOf(j.IP); err != nil {
		return e, err
	}
	if j.NAT != nil {
		e.NATPort = j.NAT.Port
	}
	if j.NAT != nil && j.NAT.IP != "" {
		if e.NAT, err = addrOf(j.NAT.IP); err != nil {
			return e, fmt.Errorf("nat: %w", err)
		}
	}
	copy(e.Country[:], j.Country)
	if j.Country != "" && (len(j.Country) != 2 || countryName(e.Country) == "") {
		return e, fmt.Errorf("%q is no country: want two letters", j.Country)
	}
	for _, name := range j.Groups {
		if name == "" || strings.Contains(name, ListSeparator) {
			return e, fmt.Errorf("%q is no name of a group", name)
		}
	}
	e.Groups = symbols.InternList(j.Groups)
	return e, nil
}

func addrOf(text string) (Addr, error) {
	ip, err := netip.ParseAddr(text)
	if err == nil && ip.Zone() != "" {
		err = errors.New("zones have no meaning here")
	}
	if err != nil {
		return Addr{}, fmt.Errorf("%q is no address: %w", text, err)
	}
	return AddrFromNetip(ip), nil
}

func flagBits(names []string) (bits uint16) {
	for _, name := range names {
		bits |= TCPFlagBit(name)
	}
	return bits
}
