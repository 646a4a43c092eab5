package session

import "github.com/weirflow/weir/shared/flow"

// IDOf returns the id of a session, made of its addresses, ports, protocol and Born: stores need not keep it.
func IDOf(s *flow.Session) flow.SessionID {
	c, d := endpointOf(&s.Client.IP, s.Client.Port), endpointOf(&s.Server.IP, s.Server.Port)
	if s.Transport == protoICMP || s.Transport == protoICMPv6 {
		class, _ := icmpClass(s.Transport, s.ICMPType)
		c.port, d.port = class, class
	}
	k, _ := keyOf(c, d, s.Transport)
	return k.id(s.Born)
}
