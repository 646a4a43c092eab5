// Package traffic makes labeled flow-export traffic from a seed: what tests,
// the demo, evaluation and load runs are fed with.
//
// The way of a scenario:
//
//	world (hosts, roles, addresses)
//	  -> sources (who talks when, how much)
//	  -> runs (the packets of one direction of one conversation)
//	  -> flow cache (active and inactive timeout cut runs into flows)
//	  -> device (samples, buffers, encodes, sends)
//	  -> Sink (datagrams in the order they leave)
//
// Everything comes from one 64-bit seed through named sub-streams, one for each
// source of traffic, so that adding an attack leaves the background as it was
// and the same seed gives the same bytes. [Generate] streams: memory grows with
// the flows alive at one moment, not with the length of the scenario.
//
// A scenario is one file with a plan function and one row in the table of
// scenario.go. The package shares nothing with the decoders (see
// traffic/encode). [BenchMix] is the load mix of the benchmarks.
package traffic
