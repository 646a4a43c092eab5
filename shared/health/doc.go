// Package health watches how well each exporter exports. A [Monitor] sees every batch in the detecting goroutine, learns what no
// exporter says of itself (its flow timeouts, whether it sees both directions, whether it meters twice), and names what is wrong as
// faults. The faults are what weir exporters and weir doctor show, and what the detector infra.exporter reports.
//
// Times are times of receipt, which a replay takes from the capture: an exporter's own clock may be what is wrong. Faults are judged
// every ten seconds of that time, so that the same traffic gives the same faults however it is cut into batches.
package health
