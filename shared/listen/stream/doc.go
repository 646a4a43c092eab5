// Package stream receives IPFIX messages over TCP and TLS (RFC 7011, 10.4).
//
// A [Listener] accepts connections, each a transport session of its own: the templates of a connection hold in it alone and end
// with it (RFC 7011, 8). A message says its own length; where that cannot be, there is no way to find the next one and the connection is
// closed (10.4.3). What a connection may take is bounded: one message of buffer, a time to be idle and one to finish a message, a number of
// connections in all and from one address.
package stream
