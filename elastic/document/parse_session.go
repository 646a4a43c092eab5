package document

import (
	"fmt"

	"github.com/weirflow/weir/shared/flow"
)

// namedFlags are the flags of TCP that have names.
const namedFlags = 0xff

// Session appends the session of a document to the batch, whose table gets the names.
func (r *Reader) Session(text []byte, b *flow.SessionBatch) error {
	v, err := r.flat(text)
	if err != nil {
		return err
	}
	id, ok := flow.ParseSessionID(v.text("weir.session.id"))
	if !ok {
		return fmt.Errorf("document: %w: weir.session.id", errNoField)
	}
	s := flow.Session{
		ID: id, Start: v.time("event.start"), End: v.time("event.end"), Born: v.time("weir.session.born"),
		Client: v.side(b.Symbols, "client", "source"), Server: v.side(b.Symbols, "server", "destination"),
		Records: uint32(v.uint("weir.session.records")), Copies: uint32(v.uint("weir.session.copies")), Told: uint32(v.uint("weir.session.told")),
		Service: b.Symbols.Intern(v.text("network.protocol")), Application: b.Symbols.Intern(v.text("network.application")),
		Transport: uint8(v.uint("network.iana_number")), ICMPType: uint8(v.uint("weir.icmp.type")), ICMPCode: uint8(v.uint("weir.icmp.code")),
		Open: v.bool("weir.session.open"), Truncated: v.bool("weir.session.truncated"),
	}
	// Of flags without a name it is not told whose they are: the session has them.
	s.Client.TCPFlags |= uint16(v.uint("weir.tcp.flags_bits")) &^ namedFlags
	s.Confidence, _ = v.number("weir.direction.confidence")
	s.SamplingInterval, _ = v.number("weir.sampling.interval")
	s.State, _ = flow.ParseSessionState(v.text("weir.tcp.state"))
	s.Direction, _ = flow.ParseDirection(v.text("network.direction"))
	for _, text := range v.texts("observer.ip") {
		if a := (fields{"": []byte(`"` + text + `"`)}).addr(""); int(s.ExporterCount) < len(s.Exporters) {
			s.Exporters[s.ExporterCount] = a
			s.ExporterCount++
		}
	}
	b.Sessions = append(b.Sessions, s)
	return nil
}

func (v fields) side(symbols *flow.Symbols, role, end string) flow.SessionSide {
	e := flow.SessionSide{
		IP: v.addr(role + ".ip"), NAT: v.addr(end + ".nat.ip"), Bytes: v.uint(role + ".bytes"), Packets: v.uint(role + ".packets"),
		ASN: uint32(v.uint(end + ".as.number")), Port: uint16(v.uint(role + ".port")), NATPort: uint16(v.uint(end + ".nat.port")),
		TCPFlags: v.flags("weir." + role + ".tcp.flags"), Groups: symbols.InternList(v.texts("weir." + end + ".group")),
	}
	copy(e.Country[:], v.text(end+".geo.country_iso_code"))
	return e
}
