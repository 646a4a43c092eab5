package template

import "github.com/weirflow/weir/shared/flow"

// op is the operation of an instruction: where the value of a field goes. A slot is named by one of its ops: of fields that
// compete for a slot one wins, and the others are kept as elements.
type op uint8

// Operations of program.run, the frequent ones.
const (
	opNone op = iota
	opSourceIPv4
	opDestinationIPv4
	opSourceIPv6
	opDestinationIPv6
	opSourcePort
	opDestinationPort
	opProtocol
	opBytes
	opPackets
	opReverseBytes
	opReversePackets
	opTCPFlags
	opToS
	opInIf
	opOutIf
	opSourceASN
	opDestinationASN
	opNextHopIPv4
	opFirstUptime
	opLastUptime
	opStartMilliseconds
	opEndMilliseconds
	opEndReason
	opVLAN
	opTTL

	// Operations of machine.special.
	opEitherSourceIPv4 // the template has addresses of both families: one that is 0 does not count
	opEitherSourceIPv6
	opEitherDestinationIPv4
	opEitherDestinationIPv6
	opNextHopIPv6
	opSourceMAC
	opDestinationMAC
	opStartSeconds
	opEndSeconds
	opStartMicroseconds
	opEndMicroseconds
	opStartNanoseconds
	opEndNanoseconds
	opStartDelta
	opEndDelta
	opObservedSeconds
	opObservedMilliseconds
	opObservedMicroseconds
	opObservedNanoseconds
	opDurationMilliseconds
	opDurationMicroseconds
	opSystemInit
	opICMPv4
	opICMPv6
	opICMPv4Type
	opICMPv4Code
	opICMPv6Type
	opICMPv6Code
	opSourceNAT4
	opDestinationNAT4
	opSourceNAT6
	opDestinationNAT6
	opSourceNATPort
	opDestinationNATPort
	opFirewallEvent
	opForwardingStatus
	opUDPSourcePort
	opUDPDestinationPort
	opTCPSourcePort
	opTCPDestinationPort
	opSampler
	opInterval
	opPacketInterval
	opPacketSpace
	opSampleSize
	opPopulation
	opProbability
	opExporter4
	opExporter6
	opConnection // flow id of a firewall's events
	opInitialFlags
	opUnionFlags
	opApplication
	opApplicationName
	opInIfName
	opOutIfName
	opMPLS // presence only; the label is an element
)

// post says what is left to do once all fields of a record are taken.
type post uint8

const (
	postTimes    post = 1 << iota // observation time, durations
	postUptime                    // times on the uptime clock, which become absolute with a known system init time (IPFIX)
	postICMP                      // fields with ICMP type and code
	postSampling                  // the record names a sampler or carries its interval
	postApplication
	postFirewall // counters of a firewall's events
)

// rule says what to do with the fields of an element.
type rule struct {
	op      op
	slot    op            // the op itself where it is opNone
	rank    uint8         // the lowest of a slot wins
	exact   uint8         // wire size wanted in bytes; 0: a number of 1 to 8 bytes
	width   uint8         // bytes that the attribute holds; wider values are kept as elements too. 0: any
	text    bool          // not a number
	long    bool          // a number of any size
	keep    bool          // the field is also kept as an element
	present flow.Presence // set whatever the value
	post    post
}
