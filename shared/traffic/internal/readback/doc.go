// Package readback reads NetFlow v5, v9 and IPFIX datagrams for the tests of
// the generator. It is written from the RFCs for this alone, shares no code with
// the encoder or the project's decoders, and trusts its input no further than
// to fail: anything that does not add up to the byte is an error.
package readback
