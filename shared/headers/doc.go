// Package headers keeps the headers of sampled packets (sFlow) for a while and saves those around an alert.
//
// A [Ring] in memory takes every header in the goroutine that decodes it, without allocating, and forgets the oldest. A [Keeper] is told
// of alerts: when one is raised, the headers of its hosts from some time before go to a file of its own, and when some time after has
// passed, those that came since. The files are captures in the classic pcap format with the packets' original lengths.
//
// Everything is bounded: the ring's memory, the size of a file, the number of files, the alerts that are waited for; what finds no room is
// counted.
package headers
