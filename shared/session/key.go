package session

import (
	"bytes"
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/zeebo/xxh3"
)

// IANA protocol numbers.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoICMPv6 = 58
)

// endpoint is an address with a port; for ICMP the port is the class of the message, the same at both ends.
type endpoint struct {
	ip   flow.Addr
	port uint16
}

func (e *endpoint) compare(o *endpoint) int {
	if c := bytes.Compare(e.ip[:], o.ip[:]); c != 0 {
		return c
	}
	return int(e.port) - int(o.port)
}

// key names a conversation: its protocol and its endpoints, the lesser first.
type key struct {
	a, b  endpoint
	proto uint8
}

// keyOf returns the key of two endpoints, and whether from is its second.
func keyOf(from, to endpoint, proto uint8) (k key, flipped bool) {
	if from.compare(&to) > 0 {
		return key{to, from, proto}, true
	}
	return key{from, to, proto}, false
}

// keySize is the length of a key's bytes, and of those followed by a time.
const (
	keySize  = 37
	seedSize = keySize + 8
)

func (k *key) put(b *[seedSize]byte) {
	copy(b[:16], k.a.ip[:])
	copy(b[16:32], k.b.ip[:])
	binary.BigEndian.PutUint16(b[32:], k.a.port)
	binary.BigEndian.PutUint16(b[34:], k.b.port)
	b[36] = k.proto
}

// hash is keyed: it is for tables in memory alone.
func (k *key) hash(seed uint64) uint64 {
	var b [seedSize]byte
	k.put(&b)
	return xxh3.HashSeed(b[:keySize], seed)
}

// id returns the id of the session that began with a piece that started at start: the same everywhere and always.
func (k *key) id(start int64) flow.SessionID {
	var b [seedSize]byte
	k.put(&b)
	binary.BigEndian.PutUint64(b[keySize:], uint64(start))
	h := xxh3.Hash128(b[:])
	return flow.SessionID{Hi: h.Hi, Lo: h.Lo}
}

// Classes of ICMP messages: a query and its reply are of one class, errors are each their own.
const (
	icmpEcho      = 1
	icmpTimestamp = 2
	icmpMask      = 3
	icmpError     = 0x100 // plus the type
)

// icmpRole says what a message is in its conversation.
type icmpRole uint8

const (
	icmpOther icmpRole = iota
	icmpQuery
	icmpReply
	icmpFailure // an answer to a packet of another conversation
)

// icmpClass returns the class and the role of a message (RFC 792, RFC 4443).
func icmpClass(proto, typ uint8) (class uint16, role icmpRole) {
	if proto == protoICMPv6 {
		switch {
		case typ == 128:
			return icmpEcho, icmpQuery
		case typ == 129:
			return icmpEcho, icmpReply
		case typ < 128:
			return icmpError + uint16(typ), icmpFailure
		}
		return icmpError + uint16(typ), icmpOther
	}
	switch typ {
	case 8:
		return icmpEcho, icmpQuery
	case 0:
		return icmpEcho, icmpReply
	case 13:
		return icmpTimestamp, icmpQuery
	case 14:
		return icmpTimestamp, icmpReply
	case 17:
		return icmpMask, icmpQuery
	case 18:
		return icmpMask, icmpReply
	case 3, 4, 5, 11, 12:
		return icmpError + uint16(typ), icmpFailure
	}
	return icmpError + uint16(typ), icmpOther
}
