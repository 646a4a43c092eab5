package session

import "github.com/weirflow/weir/shared/flow"

// stateOf returns the state of a session whose client is side c (docs/sessions.md).
func stateOf(s *entry, c int) flow.SessionState {
	client, server := &s.sides[c], &s.sides[1-c]
	if s.key.proto == protoTCP {
		return stateTCP(s, client, server)
	}
	switch {
	case (client.marks|server.marks)&markNegative != 0:
		return flow.StateBSC
	case client.owner != 0 && server.owner != 0:
		return flow.StateQR
	case server.owner != 0 && server.marks&markReply != 0:
		return flow.StateBSC
	}
	return flow.StateQ
}

func stateTCP(s *entry, client, server *side) flow.SessionState {
	if client.owner == 0 || server.owner == 0 {
		return stateOneWay(client, server)
	}
	f, r := client.flags, server.flags
	if f == 0 && r == 0 {
		return flow.StateMID
	}
	if (client.marks|server.marks)&(markBiflowSource|markSaysClient) != 0 && (f == 0 || r == 0) {
		// A record of both directions that has the flags of one alone, or of both as one: what was answered with ACK was acknowledged.
		both := (f | r) & (flow.ACK | flow.PSH)
		f, r = f|both, r|both
	}
	opened := f&(flow.SYN|flow.ACK|flow.PSH|flow.FIN) == flow.SYN
	few := float64(3 * max(s.sampling(), 1))
	switch {
	case opened && r&flow.RST != 0 && (r&flow.SYN == 0 || float64(max(client.packets, server.packets)) <= few):
		return flow.StateREJ
	case opened && r&flow.SYN != 0:
		return flow.StateEST0 // a port that answers, and a handshake left half open
	case f&r&flow.ACK == 0:
		return flow.StateMID
	case (f|r)&flow.PSH != 0 || perPacket(client) > headers(s) || perPacket(server) > headers(s):
		return flow.StateEST
	}
	return flow.StateEST0
}

// stateOneWay is for sessions of which one direction was exported.
func stateOneWay(client, server *side) flow.SessionState {
	d := client
	if d.owner == 0 {
		d = server
	}
	const data = flow.PSH | flow.FIN
	f := d.flags
	switch {
	case d == client && f&(flow.SYN|flow.ACK|data) == flow.SYN:
		return flow.StateS0
	case f&(flow.SYN|flow.ACK|flow.RST|data) == flow.SYN|flow.ACK, f&flow.RST != 0 && f&(flow.SYN|data) == 0:
		return flow.StateBSC
	case f&flow.ACK != 0 && f&data != 0:
		return flow.StateUNI
	}
	return flow.StateMID
}

// headers returns the mean bytes a packet above which a side must have sent data: 60, and 20 more for IPv6.
func headers(s *entry) float64 {
	if s.key.a.ip().Is4() {
		return 60
	}
	return 80
}

func perPacket(d *side) float64 {
	if d.packets == 0 {
		return 0
	}
	return float64(d.bytes) / float64(d.packets)
}
