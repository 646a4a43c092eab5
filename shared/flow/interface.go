package flow

// InterfaceSource says where a sample of an interface's counters comes from.
type InterfaceSource uint8

// Sources of interface samples.
const (
	InterfaceSFlow InterfaceSource = iota + 1 // counter samples of sFlow v5
	InterfaceSNMP                             // IF-MIB, polled
)

// String returns the name of the source: "sflow" or "snmp".
func (s InterfaceSource) String() string {
	switch s {
	case InterfaceSFlow:
		return "sflow"
	case InterfaceSNMP:
		return "snmp"
	}
	return "unknown"
}

// InterfaceStatus is what RFC 2863 calls ifAdminStatus and ifOperStatus.
type InterfaceStatus uint8

// Whether an interface is up.
const (
	StatusUnknown InterfaceStatus = iota
	StatusUp
	StatusDown
)

// InterfaceCounters are the counters of one direction of an interface since some time in the past (RFC 2863). A counter that the
// source does not know is [NoCounter].
type InterfaceCounters struct {
	Octets, Unicast, Multicast, Broadcast, Discards, Errors uint64
}

// NoCounter stands for a counter that is not known; sFlow sends all ones for those, too.
const NoCounter = 1<<64 - 1

// InterfaceSample is what an exporter says of one of its interfaces at a moment. Counters only grow, and wrap: rates are made of
// two samples of one source. It has no pointers: names are symbols of the batch's table.
type InterfaceSample struct {
	Exporter              Addr
	Domain                uint32 // observation domain or sub-agent; 0 from SNMP
	Index                 uint32 // ifIndex
	Source                InterfaceSource
	At                    int64  // when it was taken: ns since the Unix epoch, on the collector's clock
	Boot                  int64  // when the exporter's uptime began, on the same clock; 0 unknown. A later one means that counters began anew
	Speed                 uint64 // bit/s; 0 unknown
	Type                  uint32 // IANAifType; 0 unknown
	Admin                 InterfaceStatus
	Oper                  InterfaceStatus
	OctetBits, PacketBits uint8  // width of the counters of octets and of all others: 32 or 64
	Name                  Symbol // ifName, else ifDescr; 0 unknown
	Alias                 Symbol // ifAlias; 0 unknown
	In, Out               InterfaceCounters
	HasEthernet           bool // whether Ethernet holds something
	Ethernet              EthernetCounters
}

// EthernetCounters are those of RFC 3635 (dot3StatsTable), in frames since some time in the past. A counter that the source does not
// know is [NoCounter].
type EthernetCounters struct {
	AlignmentErrors, FCSErrors, SingleCollisions, MultipleCollisions, SQETestErrors, DeferredTransmissions, LateCollisions,
	ExcessiveCollisions, InternalTransmitErrors, CarrierSenseErrors, FramesTooLong, InternalReceiveErrors, SymbolErrors uint64
}

// VLANSample is what an exporter says of one of its VLANs at a moment (sFlow v5, vlan_counters). Octets have 64 bits, all others 32;
// a counter that is not known is [NoCounter].
type VLANSample struct {
	Exporter                                        Addr
	Domain                                          uint32
	VLAN                                            uint16
	At                                              int64 // when it was taken: ns since the Unix epoch, on the collector's clock
	Boot                                            int64 // as of InterfaceSample
	Octets, Unicast, Multicast, Broadcast, Discards uint64
}

// UnknownLoad stands for a load that is not known.
const UnknownLoad = -1

// ProcessorSample is what an exporter says of one of its processors at a moment (sFlow v5, processor).
type ProcessorSample struct {
	Exporter                Addr
	Domain                  uint32
	Class, Index            uint32 // the data source: 2 is an entPhysicalEntry (RFC 6933)
	At                      int64  // when it was taken: ns since the Unix epoch, on the collector's clock
	Load5s, Load1m, Load5m  int32  // hundredths of a percent; [UnknownLoad]
	TotalMemory, FreeMemory uint64 // bytes; [NoCounter]
}
