package document

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // Community ID is defined with it; nothing is kept secret
	"encoding/base64"
	"encoding/binary"
)

// Protocols with ports, or with type and code (IANA numbers).
const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolUDP    = 17
	protocolICMPv6 = 58
	protocolSCTP   = 132
)

// communityAnswers are the types of ICMP and ICMPv6 that ask or answer, with their counterparts: those are the "ports" of such a message. Of
// others, type and code are, and the direction stays.
var communityAnswers = map[uint8]map[uint16]uint16{
	protocolICMP:   {0: 8, 8: 0, 9: 10, 10: 9, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17},
	protocolICMPv6: {128: 129, 129: 128, 130: 131, 131: 130, 133: 134, 134: 133, 135: 136, 136: 135, 139: 140, 140: 139, 144: 145, 145: 144},
}

// appendCommunityID appends network.community_id: version 1 of Community ID (github.com/corelight/community-id-spec) with seed 0. Nothing is
// appended where protocol, ports, or type and code of ICMP are not known.
func appendCommunityID(dst []byte, t tuple) []byte {
	if !t.hasProtocol || t.source.Is4() != t.destination.Is4() {
		return dst
	}
	oneWay, ports := false, true
	switch t.protocol {
	case protocolICMP, protocolICMPv6:
		if answer, ok := communityAnswers[t.protocol][t.sourcePort]; ok {
			t.destinationPort = answer
		} else {
			oneWay = true
		}
	case protocolTCP, protocolUDP, protocolSCTP:
	default:
		ports = false
	}
	if ports && !t.hasPorts {
		return dst
	}
	if !oneWay && t.backwards() {
		t.source, t.destination, t.sourcePort, t.destinationPort = t.destination, t.source, t.destinationPort, t.sourcePort
	}
	var buf [2 + 16 + 16 + 2 + 4]byte
	text := appendTuple(buf[:2], t, ports)
	sum := sha1.Sum(text) //nolint:gosec // see above
	dst = append(dst, `,"network.community_id":"1:`...)
	return append(base64.StdEncoding.AppendEncode(dst, sum[:]), '"')
}

// backwards tells whether the destination comes first in the order of addresses and ports.
func (t *tuple) backwards() bool {
	order := bytes.Compare(t.source[:], t.destination[:])
	return order > 0 || order == 0 && t.sourcePort > t.destinationPort
}

func appendTuple(dst []byte, t tuple, ports bool) []byte {
	skip := 0
	if t.source.Is4() {
		skip = 12
	}
	dst = append(append(dst, t.source[skip:]...), t.destination[skip:]...)
	dst = append(dst, t.protocol, 0)
	if ports {
		dst = binary.BigEndian.AppendUint16(dst, t.sourcePort)
		dst = binary.BigEndian.AppendUint16(dst, t.destinationPort)
	}
	return dst
}
