// Package enrich adds to records what the network's owner knows: the traffic groups of both sides, the direction seen from the
// inside networks, and the name of the service by port. Everything is prepared in [New], so that a record costs two lookups of an
// address and two of a port, and allocates nothing.
package enrich
