package decode_test

import "testing"

func TestCounters(t *testing.T) {
	checkQuirks(t, []quirk{
		{"delta counters", oneV9(fields(1, 4, 2, 4), uint32(1500), uint32(3)), map[string]string{
			"source.bytes": "1500", "source.packets": "3", "destination.bytes": "", "weir.protocol": "netflow9", "weir.domain": "7",
			"observer.ip": "192.0.2.1", "event.created": "2023-11-14T22:13:20.25Z",
		}},
		{"counters of 1, 3 and 8 bytes", oneIPFIX(fields(1, 1, 2, 3), uint8(200), []byte{1, 0, 0}), map[string]string{"source.bytes": "200", "source.packets": "65536"}},
		{"counters of 8 bytes", oneV9(fields(1, 8, 2, 8), uint64(1)<<40, uint64(7)), map[string]string{"source.bytes": "1099511627776", "source.packets": "7"}},
		{"total counters alone", oneIPFIX(fields(85, 8, 86, 8), uint64(900), uint64(9)), map[string]string{"source.bytes": "900", "source.packets": "9", "0/85": ""}},
		{"total beside delta is kept", oneIPFIX(fields(85, 8, 1, 4), uint64(900), uint32(100)), map[string]string{"source.bytes": "100", "0/85": "0000000000000384", "0/1": ""}},
		{"OUT_BYTES alone", oneV9(fields(23, 4, 24, 4), uint32(70), uint32(1)), map[string]string{"source.bytes": "70", "source.packets": "1"}},
		{"OUT_BYTES beside IN_BYTES", oneV9(fields(1, 4, 23, 4), uint32(70), uint32(80)), map[string]string{"source.bytes": "70", "0/23": "00000050"}},
		{"ASA: initiator and responder", oneV9(fields(231, 4, 232, 4, 298, 4, 299, 4), uint32(10), uint32(20), uint32(1), uint32(2)), map[string]string{
			"source.bytes": "10", "destination.bytes": "20", "source.packets": "1", "destination.packets": "2",
		}},
		{"responder beside a counter that is not the initiator's", oneIPFIX(fields(1, 4, 231, 4, 232, 4), uint32(30), uint32(10), uint32(20)), map[string]string{
			"source.bytes": "30", "destination.bytes": "", "0/231": "0000000a", "0/232": "00000014",
		}},
		{"biflow (RFC 5103)", [][]byte{ipfix(1, set(2, put(uint16(256), uint16(5)), fieldSpec(1, 8), fieldSpec(2, 8), fieldSpec(1, 8, 29305), fieldSpec(2, 8, 29305), fieldSpec(6, 1, 29305)),
			set(256, uint64(1), uint64(2), uint64(3), uint64(4), uint8(0x12)))}, map[string]string{
			"source.bytes": "1", "source.packets": "2", "destination.bytes": "3", "destination.packets": "4", "29305/6": "12",
		}},
		{"layer 2 octets alone", oneIPFIX(fields(352, 8), uint64(64)), map[string]string{"source.bytes": "64"}},
		{"no counters at all", oneV9(fields(8, 4), ip("10.0.0.1")), map[string]string{"source.bytes": "", "source.packets": ""}},
		{"the first of two equal elements wins", oneIPFIX(fields(8, 4, 8, 4), ip("10.0.0.1"), ip("10.0.0.2")), map[string]string{"source.ip": "10.0.0.1", "0/8": "0a000002"}},
	})
}

func TestAddresses(t *testing.T) {
	both := fields(8, 4, 12, 4, 27, 16, 28, 16)
	checkQuirks(t, []quirk{
		{"IPv4", oneV9(fields(8, 4, 12, 4, 7, 2, 11, 2, 4, 1), ip("10.0.0.1"), ip("10.0.0.2"), uint16(53), uint16(5353), uint8(17)), map[string]string{
			"source.ip": "10.0.0.1", "destination.ip": "10.0.0.2", "source.port": "53", "destination.port": "5353", "network.iana_number": "17",
		}},
		{"IPv6", oneV9(fields(27, 16, 28, 16), ip("2001:db8::1"), ip("2001:db8::2")), map[string]string{"source.ip": "2001:db8::1", "destination.ip": "2001:db8::2"}},
		{"both families, IPv4 used", oneV9(both, ip("10.0.0.1"), ip("10.0.0.2"), ip("::"), ip("::")), map[string]string{"source.ip": "10.0.0.1", "destination.ip": "10.0.0.2"}},
		{"both families, IPv6 used", oneV9(both, ip("0.0.0.0"), ip("0.0.0.0"), ip("2001:db8::1"), ip("2001:db8::2")), map[string]string{"source.ip": "2001:db8::1", "destination.ip": "2001:db8::2"}},
		{"both families, IPv6 first", oneV9(fields(27, 16, 8, 4), ip("2001:db8::1"), ip("0.0.0.0")), map[string]string{"source.ip": "2001:db8::1"}},
		{"an address of a wrong length is kept as bytes", oneV9(fields(8, 2, 12, 4), uint16(0x0a0b), ip("10.0.0.2")), map[string]string{"source.ip": "", "0/8": "0a0b", "destination.ip": "10.0.0.2"}},
		{"next hop", oneV9(fields(15, 4, 18, 4), ip("192.0.2.9"), ip("192.0.2.8")), map[string]string{"weir.next_hop.ip": "192.0.2.9", "0/18": "c0000208"}},
		{"no next hop", oneV9(fields(15, 4), ip("0.0.0.0")), map[string]string{"weir.next_hop.ip": ""}},
		{"BGP next hop alone", oneV9(fields(18, 4), ip("192.0.2.8")), map[string]string{"weir.next_hop.ip": "192.0.2.8"}},
		{"IPv6 next hop", oneIPFIX(fields(62, 16), ip("2001:db8::9")), map[string]string{"weir.next_hop.ip": "2001:db8::9"}},
		{"AS numbers of 2 and 4 bytes", oneV9(fields(16, 2, 17, 4), uint16(64500), uint32(4200000000)), map[string]string{"source.as.number": "64500", "destination.as.number": "4200000000"}},
		{"MAC addresses", oneV9(fields(56, 6, 80, 6), []byte{0, 1, 2, 3, 4, 5}, []byte{6, 7, 8, 9, 10, 11}), map[string]string{"source.mac": "00-01-02-03-04-05", "destination.mac": "06-07-08-09-0A-0B"}},
		{"post MAC addresses alone", oneV9(fields(81, 6, 57, 6), []byte{0, 1, 2, 3, 4, 5}, []byte{6, 7, 8, 9, 10, 11}), map[string]string{"source.mac": "00-01-02-03-04-05", "destination.mac": "06-07-08-09-0A-0B"}},
		{"NAT", oneV9(fields(225, 4, 226, 4, 227, 2, 228, 2), ip("198.51.100.1"), ip("0.0.0.0"), uint16(4000), uint16(0)), map[string]string{
			"source.nat.ip": "198.51.100.1", "destination.nat.ip": "", "source.nat.port": "4000", "destination.nat.port": "",
		}},
		{"NAT of an old ASA", oneV9(fields(40001, 4, 40003, 2, 40005, 1), ip("198.51.100.1"), uint16(4000), uint8(3)), map[string]string{
			"source.nat.ip": "198.51.100.1", "source.nat.port": "4000", "weir.firewall_event": "denied",
		}},
		{"NAT64", oneIPFIX(fields(281, 16, 282, 16), ip("2001:db8::1"), ip("2001:db8::2")), map[string]string{"source.nat.ip": "2001:db8::1", "destination.nat.ip": "2001:db8::2"}},
	})
}

func TestHeaderFields(t *testing.T) {
	checkQuirks(t, []quirk{
		{"flags of 1 byte", oneV9(fields(6, 1), uint8(0x12)), map[string]string{"weir.tcp.flags_bits": "18", "weir.tcp.flags": "SYN ACK"}},
		{"flags of 2 bytes", oneIPFIX(fields(6, 2), uint16(0x0002)), map[string]string{"weir.tcp.flags_bits": "2"}},
		{"ToS and TTL", oneV9(fields(5, 1, 52, 1, 53, 1), uint8(184), uint8(60), uint8(64)), map[string]string{"weir.ip.tos": "184", "weir.ip.ttl": "60", "0/53": "40"}},
		{"untagged", oneV9(fields(58, 2), uint16(0)), map[string]string{"network.vlan.id": ""}},
		{"VLAN", oneV9(fields(59, 2, 58, 2), uint16(20), uint16(10)), map[string]string{"network.vlan.id": "10", "0/59": "0014"}},
		{"interfaces of 2 and 4 bytes", oneV9(fields(10, 2, 14, 4), uint16(5), uint32(70000)), map[string]string{"observer.ingress.interface.id": "5", "observer.egress.interface.id": "70000"}},
		{"RouterOS: ports of 4 bytes are kept whole too", oneV9(fields(7, 4), uint32(53)), map[string]string{"source.port": "53", "0/7": "00000035"}},
		{"MPLS", oneV9(fields(70, 3, 71, 3), []byte{0x00, 0x01, 0x00}, []byte{0x00, 0x02, 0x01}), map[string]string{"weir.mpls.labels": "16 32", "0/70": "000100"}},
		{"forwarding status of 1 byte", oneV9(fields(89, 1), uint8(0x82)), map[string]string{"weir.forwarding_status": "130"}},
		{"forwarding status in the high byte of 4", oneV9(fields(89, 4), uint32(0x82000000)), map[string]string{"weir.forwarding_status": "130"}},
		{"forwarding status in the low byte of 4", oneIPFIX(fields(89, 4), uint32(0x40)), map[string]string{"weir.forwarding_status": "64"}},
		{"end reason, firewall event", oneIPFIX(fields(136, 1, 233, 1), uint8(3), uint8(2)), map[string]string{"weir.end_reason": "end_of_flow", "weir.firewall_event": "deleted"}},
		{"ICMP type and code in one", oneV9(fields(4, 1, 32, 2), uint8(1), uint16(0x0301)), map[string]string{"weir.icmp.type": "3", "weir.icmp.code": "1"}},
		{"ICMP field before the protocol", oneV9(fields(32, 2, 4, 1), uint16(0x0301), uint8(1)), map[string]string{"weir.icmp.type": "3", "weir.icmp.code": "1"}},
		{"ICMPv6 beside ICMP", oneIPFIX(fields(32, 2, 139, 2, 4, 1), uint16(0), uint16(0x8701), uint8(58)), map[string]string{"weir.icmp.type": "135", "weir.icmp.code": "1"}},
		{"ICMP type and code apart", oneIPFIX(fields(177, 1, 176, 1, 4, 1), uint8(4), uint8(3), uint8(1)), map[string]string{"weir.icmp.type": "3", "weir.icmp.code": "4"}},
		{"ICMP field of a TCP flow", oneV9(fields(4, 1, 32, 2), uint8(6), uint16(0)), map[string]string{"weir.icmp.type": "", "weir.icmp.code": ""}},
		{"ICMP in the destination port", oneV9(fields(4, 1, 7, 2, 11, 2), uint8(1), uint16(0), uint16(0x0800)), map[string]string{"weir.icmp.type": "8", "weir.icmp.code": "0"}},
		{"ICMPv6 in the destination port", oneV9(fields(4, 1, 11, 2), uint8(58), uint16(0x8000)), map[string]string{"weir.icmp.type": "128"}},
	})
}

func TestElements(t *testing.T) {
	checkQuirks(t, []quirk{
		{"elements without a field are kept", oneV9(fields(9, 1, 61, 1, 60, 1), uint8(24), uint8(1), uint8(4)), map[string]string{"0/9": "18", "0/61": "01", "0/60": "04"}},
		{"elements unknown to all", oneV9(fields(39999, 3, 300, 12), []byte{1, 2, 3}, "0123456789ab"), map[string]string{"0/39999": "010203", "0/300": "303132333435363738396162"}},
		{"padding is not an element", oneIPFIX(fields(1, 4, 210, 3, 9, 1), uint32(1), []byte{1, 1, 1}, uint8(24)), map[string]string{"0/210": "", "0/9": "18"}},
		{"fields of length 0", oneV9(fields(1, 4, 95, 0, 9, 1, 61, 0), uint32(1), uint8(24)), map[string]string{"0/95": "", "0/9": "18", "0/61": "", "source.bytes": "1"}},
		{"enterprise element", [][]byte{ipfix(1, set(2, put(uint16(256), uint16(2)), fieldSpec(4321, 2, 9), fieldSpec(1, 4)), set(256, uint16(7), uint32(1)))}, map[string]string{"9/4321": "0007", "source.bytes": "1"}},
		{"application id without a name", oneV9(fields(95, 4), uint32(0x0d0000c8)), map[string]string{"0/95": "0d0000c8", "network.application": ""}},
		{"application name in the record", oneIPFIX(fields(96, 8), "dns\x00\x00\x00\x00\x00"), map[string]string{"network.application": "dns"}},
		{"interface names in the record", oneIPFIX(fields(82, 4, 82, 4), "eth0", "eth1"), map[string]string{"observer.ingress.interface.name": "eth0", "observer.egress.interface.name": "eth1"}},
		{"application of Palo Alto", oneV9(fields(56701, 8, 56702, 4), "ssl\x00\x00\x00\x00\x00", "bob\x00"), map[string]string{"network.application": "ssl", "0/56702": "626f6200"}},
	})
}

func TestVariableLength(t *testing.T) {
	long := make([]byte, 300)
	long[299] = 'x'
	checkQuirks(t, []quirk{
		{"a short string", oneIPFIX(fields(1, 4, 96, 65535, 7, 2), uint32(1), uint8(3), "dns", uint16(53)), map[string]string{"network.application": "dns", "source.port": "53", "source.bytes": "1"}},
		{"empty", oneIPFIX(fields(1, 4, 96, 65535, 7, 2), uint32(1), uint8(0), uint16(53)), map[string]string{"network.application": "", "source.port": "53"}},
		{"the long form", oneIPFIX(fields(371, 65535, 7, 2), uint8(255), uint16(300), long, uint16(53)), map[string]string{"source.port": "53", "0/371": hexOf(long)}},
		{"a number", oneIPFIX(fields(1, 65535, 9, 1), uint8(2), uint16(1500), uint8(24)), map[string]string{"source.bytes": "1500", "0/9": "18"}},
		{"a number longer than any", oneIPFIX(fields(1, 65535), uint8(9), "123456789"), map[string]string{"source.bytes": "", "0/1": "313233343536373839"}},
		{"structured list (RFC 6313) is kept as bytes", oneIPFIX(fields(8, 4, 291, 65535, 12, 4), ip("10.0.0.1"), uint8(6), []byte{3, 0, 82, 0, 1, 9}, ip("10.0.0.2")), map[string]string{
			"source.ip": "10.0.0.1", "destination.ip": "10.0.0.2", "0/291": "030052000109",
		}},
		{"padding of the set", oneIPFIX(fields(1, 4, 96, 65535), uint32(1), uint8(1), "a", []byte{0, 0}), map[string]string{"network.application": "a"}},
	})
}
