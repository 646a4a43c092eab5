package seen

import "github.com/weirflow/weir/shared/flow"

// Key identifies a set of a datagram: the datagram's hash with the set's number mixed in.
type Key struct{ Hi, Lo uint64 }

// KeyOf returns the key of the datagram's set. The datagram is a hash already, so that mixing is cheap; two sets of one
// datagram never share a key.
func KeyOf(id flow.DatagramID, set uint16) Key {
	return Key{Hi: id.Hi, Lo: id.Lo ^ uint64(set)*0x9e3779b97f4a7c15}
}
