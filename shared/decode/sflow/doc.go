// Package sflow decodes sFlow version 5 datagrams (sFlow.org, "sFlow Version 5", July 2004) into flow records.
//
// Each flow sample, expanded or not, becomes one record of one packet at the time of receipt: sFlow carries no clock. The datagram is
// taken apart by the lengths it holds, so that every loop shrinks its input, nothing is allocated for a count that the bytes do not
// back, and a sample or record that is unknown or broken costs only itself. Counter samples become samples of interfaces, VLANs and
// processors of the batch, notices of dropped packets records without counters. A [Session] follows the numbers of the data sources.
//
// What becomes of the data:
//
//   - Bytes is the frame length of the sampled header: the whole frame as received, link header and frame check sequence
//     included, which is what sFlow scales and interface counters count. Only where a sample has no such header it is the
//     length that the sampled Ethernet record or, last, the sampled IP record states (then the IP length).
//   - An interface of format 0 is an ifIndex, 0 being unknown and absent. The value for "none" (0x3fffffff, expanded also
//     0xffffffff) is the exporter itself and becomes 0, as in the other protocols. Format 1, a discarded packet, becomes
//     output interface 0 and a forwarding status (IE 89) made from its reason. Format 2, several interfaces, is absent.
//   - The VLAN is the one that the switch assigned on input (extended switch); without it the outermost tag of the header.
//   - Source and destination AS come from the extended gateway record. An empty path means the router's own AS; of several
//     segments the last AS counts. The next hop is the router's, without one BGP's.
//   - AS numbers of neighbors, a BGP next hop beside the router's, prefix lengths and the VLAN on output have no canonical field
//     and are kept as the IPFIX elements 128, 129, 18 or 63, 9 and 13 or 29 and 30, and 59; the addresses and protocol of a tunnel
//     that the sampled packet comes from or goes into as 8 and 12 or 27 and 28, and 4; the number of its virtual network as 351.
//   - A sample whose data source is the output was metered there: IE 61 is 1.
//
// Left out: 802.1p priorities, AS path, communities and local preference (long lists whose ends are kept), labels of extended MPLS
// records (those of the header are kept), user names and URLs. Formats of other enterprises are passed over.
package sflow
