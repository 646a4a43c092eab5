// Package clock estimates how far the exporters' clocks are off, from the datagrams alone: no exporter has to answer anything.
//
// Every datagram tells the exporter's time and comes later than it was sent, by a delay that is never negative. So the least of
// (time of receipt - exporter's time) over a while is the offset of the clock and the least delay; a line below all of these points,
// as close to them as possible, tells the drift too (lower envelope: Moon, Skelly, Towsley, "Estimation and Removal of Clock Skew from
// Network Delay Measurements", 1999; Zhang, Liu, Xia, "Clock Synchronization Algorithms for Network Measurements", 2002).
//
// NetFlow v5 and v9 tell the time twice: as the time of day, which v9 cuts to seconds, and as milliseconds since the exporter started,
// which flows are timed by. The envelope is laid under the latter, which is finer and is never set; the greatest of (time of day -
// uptime) over ten minutes is when the exporter started by its own clock (Trammell, Tellenbach, Schatzmann, Burkhart, "Peeling Away
// Timing Error in NetFlow Data", 2011), and so what the header leaves out.
//
// [Clocks] keeps this per exporter, domain and protocol, says what is to be added to the times of each datagram's records, and how far
// they may be off then. [Order] compares times that are uncertain. What the least delay on the way is cannot be known: see
// [PathAllowance].
package clock
