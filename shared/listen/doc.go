// Package listen is where datagrams come from: UDP sockets, capture files and IPFIX files; what comes by connections is
// the business of package stream.
//
// A [Listener] opens several sockets an address (SO_REUSEPORT), reads them in batches and calls a [Handler], one goroutine a
// socket. A [Capture] reads the UDP datagrams of a pcap or pcapng file, and [Merge] plays several sources in the order of
// their times. Both give a [Datagram] whose payload is lent, not given: it holds until the handler returns or the next call of
// Next, so that nothing is copied on the way to the decoders.
//
// Nothing disappears unseen: what the kernel dropped, what a buffer was too short for, what the allow-list refused and what a
// capture holds besides datagrams is counted, each with its reason.
package listen
