package filtertest

import (
	"math/rand/v2"

	"github.com/weirflow/weir/shared/flow"
)

// RandomSessions returns n sessions as they are told: in several batches of one table of names, open ones several times and each
// time grown, now and then with the sides swapped, as becomes known late. The last state of an id counts. There are sessions of all
// protocols and states, those of TCP and UDP with ports, IPv4 and IPv6, translated or not, seen by one to six exporters, and some
// stay open.
func RandomSessions(rng *rand.Rand, n int) []*flow.SessionBatch {
	symbols := flow.NewSymbols()
	tellings := make([]*flow.SessionBatch, maxTellings)
	for i := range tellings {
		tellings[i] = &flow.SessionBatch{Symbols: symbols}
	}
	for i := range n {
		s := randomSession(rng, symbols, uint64(i))
		count := 1 + rng.IntN(maxTellings)
		first := rng.IntN(maxTellings - count + 1)
		for told := range count {
			s.Told, s.Open = uint32(told), told < count-1 || chance(rng, 4)
			if told > 0 {
				grow(rng, &s)
			}
			b := tellings[first+told]
			b.Sessions = append(b.Sessions, s)
		}
	}
	return tellings
}

// maxTellings is how many batches sessions are told in.
const maxTellings = 3

// Protocols that are drawn for sessions: TCP and UDP more often than the rest.
var sessionTransports = []uint8{6, 6, 6, 6, 17, 17, 17, 1, 58, 2, 47, 50, 132, 99, 200}

func randomSession(rng *rand.Rand, symbols *flow.Symbols, n uint64) flow.Session {
	id := eventID(n * recordsPerDatagram).Datagram
	s := flow.Session{
		ID: flow.SessionID{Hi: id.Lo, Lo: id.Hi}, End: instant(rng), Transport: pick(rng, sessionTransports), Confidence: pick(rng, confidences),
		Client: randomSide(rng, symbols), Server: randomSide(rng, symbols), Direction: flow.Direction(rng.IntN(5)),
		Records: uint32(1 + rng.IntN(100)), Copies: uint32(rng.IntN(3)), Truncated: chance(rng, 8),
	}
	s.Start = s.End - min(int64(pick(rng, unsigneds)&(1<<41-1)), rng.Int64N(60e9))
	s.Born = s.Start
	if !chance(rng, 8) {
		s.SamplingInterval = pick(rng, intervals)
	}
	if !chance(rng, 4) {
		s.Service = symbols.Intern(pick(rng, texts))
	}
	if chance(rng, 4) {
		s.Application = symbols.Intern(pick(rng, texts))
	}
	for _, at := range rng.Perm(len(addresses))[:1+rng.IntN(flow.MaxSessionExporters)] {
		s.Exporters[s.ExporterCount] = address(addresses[at])
		s.ExporterCount++
	}
	byTransport(rng, &s)
	return s
}

// byTransport draws what hangs on the protocol.
func byTransport(rng *rand.Rand, s *flow.Session) {
	drawPorts := func() {
		s.Client.Port, s.Server.Port = uint16(pick(rng, unsigneds)), uint16(pick(rng, unsigneds))
	}
	s.State = flow.StateQ + flow.SessionState(rng.IntN(2))
	switch s.Transport {
	case 6:
		drawPorts()
		s.State = flow.StateNone + flow.SessionState(rng.IntN(int(flow.StateBSC)+1))
		s.Client.TCPFlags, s.Server.TCPFlags = uint16(rng.IntN(512)), uint16(rng.IntN(512)) // one bit more than have names
	case 17, 132:
		drawPorts()
	case 1, 58:
		s.ICMPType, s.ICMPCode = uint8(pick(rng, unsigneds)), uint8(rng.IntN(3))
		if chance(rng, 3) {
			s.State = flow.StateBSC
		}
	}
}

func randomSide(rng *rand.Rand, symbols *flow.Symbols) flow.SessionSide {
	e := flow.SessionSide{IP: address(pick(rng, addresses)), Bytes: min(pick(rng, unsigneds), maxSum), Packets: min(pick(rng, unsigneds), maxSum)}
	if chance(rng, 4) {
		e.NAT, e.NATPort = address(pick(rng, addresses)), uint16(pick(rng, unsigneds))
	}
	if !chance(rng, 4) {
		e.ASN = uint32(pick(rng, unsigneds))
		copy(e.Country[:], pick(rng, countries))
	}
	if !chance(rng, 3) {
		var names []string
		for _, at := range rng.Perm(len(groups))[:1+rng.IntN(3)] {
			names = append(names, groups[at])
		}
		e.Groups = symbols.InternList(names)
	}
	return e
}

// grow makes of a session what is told of it the next time.
func grow(rng *rand.Rand, s *flow.Session) {
	s.End += rng.Int64N(60e9)
	s.Start -= rng.Int64N(2) * rng.Int64N(1e9) // a late record may have begun before all others
	s.Records++
	s.Client.Bytes = min(2*s.Client.Bytes+1, maxSum)
	if chance(rng, 3) {
		s.Client, s.Server = s.Server, s.Client
	}
	if int(s.ExporterCount) < flow.MaxSessionExporters && chance(rng, 2) {
		s.Exporters[s.ExporterCount] = flow.AddrFrom4(uint32(0xc6336400) + uint32(s.ExporterCount))
		s.ExporterCount++
	}
}

// LastStates returns the sessions of all batches in their last state, in the order in which they were first told.
func LastStates(told []*flow.SessionBatch) *flow.SessionBatch {
	last := &flow.SessionBatch{Symbols: flow.NewSymbols()}
	at := map[flow.SessionID]int{}
	for _, b := range told {
		last.Symbols = b.Symbols
		for _, s := range b.Sessions {
			i, known := at[s.ID]
			if !known {
				i = len(last.Sessions)
				at[s.ID] = i
				last.Sessions = append(last.Sessions, s)
			}
			last.Sessions[i] = s
		}
	}
	return last
}
