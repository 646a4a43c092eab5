// Package encode writes NetFlow v5, NetFlow v9, IPFIX and sFlow v5 datagrams.
//
// It is the project's second source of truth: it shares nothing with the
// decoders, so that a test which encodes here and decodes there compares two
// independent readings of the same documents. An [Exporter] keeps the state a
// real device keeps (sequence numbers in the protocol's own unit, template
// refresh, sysUptime with its wrap at 2^32 ms) and turns [Flow] values into
// datagrams; it opens no socket and reads no clock.
//
// Sources: NetFlow v5 as in Cisco's "NetFlow Export Datagram Format", NetFlow
// v9 RFC 3954, IPFIX RFC 7011 and RFC 7012, packet sampling RFC 5477, "sFlow
// Version 5" of sFlow.org.
//
// A further wire format of flows is one more file with a type that satisfies the
// format interface of exporter.go and one row in newFormat. sFlow tells of packets
// and counters, not of flows: an [Agent] turns [Sample] values into datagrams.
package encode
