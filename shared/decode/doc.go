// Package decode turns datagrams into flow records: NetFlow v1, v5, v7 and v9, IPFIX and sFlow v5, told apart by their headers,
// any of them on any port.
//
// A [Decoder] keeps a state for each stream (exporter, observation domain, protocol): the expected sequence number, the
// datagrams seen lately, and for v9 and IPFIX the templates, the data sets that wait for one, and what options data told
// (samplers, names of interfaces and applications). Everything a decoder keeps has a cap in [Config]. The loss account of
// flow.Account is kept here for datagrams, sets and decoded records; later steps settle the records.
//
// The packages below it know one format each and nothing of streams: netflow5, netflow9, ipfix, sflow; template holds what v9
// and IPFIX share, element the table of information elements.
package decode
