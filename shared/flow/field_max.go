package flow

import (
	"math"
	"strings"
)

// Greatest labels of MPLS (20 bits) and protocols of IP (8 bits).
const (
	maxLabel = 1<<20 - 1
	maxByte  = math.MaxUint8
)

// greatestOf returns the greatest number that a field of KindUint can hold, by the width of what is exported; 0 for those that
// may use all 64 bits.
func greatestOf(name string) uint64 {
	switch name {
	case "network.iana_number", "weir.icmp.type", "weir.icmp.code", "weir.ip.tos", "weir.ip.ttl", "weir.forwarding_status":
		return maxByte
	case "network.vlan.id", "weir.tcp.flags_bits":
		return math.MaxUint16
	case "weir.mpls.labels":
		return maxLabel
	case "weir.domain":
		return math.MaxUint32
	}
	switch {
	case strings.HasSuffix(name, ".port"):
		return math.MaxUint16
	case strings.HasSuffix(name, ".as.number"), strings.HasSuffix(name, ".interface.id"):
		return math.MaxUint32
	}
	return 0
}
