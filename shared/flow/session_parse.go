package flow

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"
)

// sessionJSON is the shape of a session in JSON.
type sessionJSON struct {
	ID         string       `json:"id"`
	Start      time.Time    `json:"start"`
	End        time.Time    `json:"end"`
	Client     sideJSON     `json:"client"`
	Server     sideJSON     `json:"server"`
	Transport  string       `json:"transport"`
	Confidence float64      `json:"direction_confidence"`
	BytesOut   uint64       `json:"bytes_out"`
	BytesIn    uint64       `json:"bytes_in"`
	PacketsOut uint64       `json:"packets_out"`
	PacketsIn  uint64       `json:"packets_in"`
	State      string       `json:"state"`
	Flags      []string     `json:"flags"`
	Records    uint32       `json:"records"`
	Exporters  []netip.Addr `json:"exporters"`
	Open       bool         `json:"open"`
	Truncated  bool         `json:"truncated"`
}

type sideJSON struct {
	IP   netip.Addr `json:"ip"`
	Port uint16     `json:"port"`
}

// UnmarshalJSON implements [encoding/json.Unmarshaler]: it reads what [Session.AppendJSON] writes. As that has the flags of both
// sides as one, they are taken for the client's.
func (s *Session) UnmarshalJSON(text []byte) error {
	var j sessionJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	id, ok := ParseSessionID(j.ID)
	if !ok {
		return fmt.Errorf("session: %q is no id", j.ID)
	}
	state, ok := ParseSessionState(j.State)
	if !ok && j.State != "" {
		return fmt.Errorf("session: %q is no state", j.State)
	}
	transport, ok := TransportNumber(j.Transport)
	if !ok {
		return fmt.Errorf("session: %q is no transport", j.Transport)
	}
	*s = Session{
		ID: id, Start: j.Start.UnixNano(), End: j.End.UnixNano(), Confidence: j.Confidence, Records: j.Records,
		Client:    SessionSide{IP: AddrFromNetip(j.Client.IP), Port: j.Client.Port, Bytes: j.BytesOut, Packets: j.PacketsOut},
		Server:    SessionSide{IP: AddrFromNetip(j.Server.IP), Port: j.Server.Port, Bytes: j.BytesIn, Packets: j.PacketsIn},
		Transport: transport, State: state, Open: j.Open, Truncated: j.Truncated,
	}
	for _, name := range j.Flags {
		s.Client.TCPFlags |= TCPFlagBit(name)
	}
	for _, e := range j.Exporters[:min(len(j.Exporters), MaxSessionExporters)] {
		s.Exporters[s.ExporterCount] = AddrFromNetip(e)
		s.ExporterCount++
	}
	return nil
}
