package encode

import "fmt"

// Protocol is a wire format of flow export.
type Protocol uint8

// The wire formats that can be written.
const (
	NetFlow5 Protocol = iota + 1
	NetFlow9
	IPFIX
	SFlow5 // written by an [Agent], not by an [Exporter]
)

// protocolNames holds the names of the command line, in order of preference.
var protocolNames = [...]string{NetFlow5: "netflow5", NetFlow9: "netflow9", IPFIX: "ipfix", SFlow5: "sflow"}

// String returns the name used on the command line: netflow5, netflow9, ipfix,
// sflow.
func (p Protocol) String() string {
	if p == 0 || int(p) >= len(protocolNames) {
		return fmt.Sprintf("protocol(%d)", uint8(p))
	}
	return protocolNames[p]
}

// ParseProtocol reads a name as String writes it.
func ParseProtocol(name string) (Protocol, error) {
	for p, n := range protocolNames {
		if n != "" && n == name {
			return Protocol(p), nil
		}
	}
	return 0, fmt.Errorf("protocol %q is not one of netflow5, netflow9, ipfix, sflow", name)
}

// Port returns the UDP port collectors expect the protocol on: 4739 for IPFIX
// (RFC 7011 section 10.3.4), 6343 for sFlow, 2055 by custom for NetFlow.
func (p Protocol) Port() uint16 {
	switch p {
	case IPFIX:
		return 4739
	case SFlow5:
		return 6343
	}
	return 2055
}

// IPv6 reports whether the protocol can describe IPv6 flows; NetFlow v5 cannot.
func (p Protocol) IPv6() bool { return p != NetFlow5 }

// MaxBytes returns the largest byte counter one record of the default layouts
// holds: 32 bits in NetFlow v5, 64 bits else.
func (p Protocol) MaxBytes() uint64 {
	if p == NetFlow5 {
		return 1<<32 - 1
	}
	return 1<<64 - 1
}
