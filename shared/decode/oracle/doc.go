// Package oracle holds the decoders against independent ones: it has tests only.
//
// The differential tests feed the same bytes to Weir and to goflow2 (for headers of sampled packets, to gopacket) and compare
// every field of every record: the captures that lie beside the repository, and datagrams with random templates, records and
// samples from a seed. The golden tests compare with what tshark prints. Where an oracle is wrong, a table in the test names
// the case and the reason; the page docs/decoding.md explains the same to readers.
//
// goflow2 stands behind a guard of its own here: templates without size make it loop for ever, and one faulty set makes it give
// up a datagram.
package oracle
