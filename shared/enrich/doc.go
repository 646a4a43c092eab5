// Package enrich adds to records what the network's owner knows: the traffic groups of both sides, the direction seen from the
// inside networks, the name of the service by port, and, where there are files of them, countries and AS numbers. Tables are
// prepared in [New] and files when they are loaded, so that a record costs two look-ups of an address and two of a port, and
// allocates nothing.
package enrich
