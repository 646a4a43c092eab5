// Package send plays datagrams to a collector over UDP: a capture at its own pace or a multiple of it, at a rate, or as fast as
// the machine can.
//
// To a loopback target every exporter of the source gets a loopback address of its own (127.0.0.2, 127.0.0.3, ...), so that the
// collector tells them apart as it would in a network. IPv6 has a single loopback address, and some systems answer to 127.0.0.1
// alone: there exporters differ by port only.
package send
