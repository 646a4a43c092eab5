// Package forward sends received datagrams on unchanged to other collectors, so that a collector can stand in front of others.
//
// A [Forwarder] copies each datagram into a bounded queue per target and never waits: where a target is slow, unknown or away, its
// datagrams are dropped and counted. To one target each exporter is sent from a socket of its own, so that a receiver which tells
// transport sessions by address and port (RFC 7011, 8) does not mix the templates of two exporters. The receiver sees the forwarder's
// address, unless a PROXY protocol header goes in front, or the source is spoofed by a raw socket.
package forward
