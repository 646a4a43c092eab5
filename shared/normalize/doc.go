// Package normalize makes decoded records comparable, in place: every conversion of units happens here and only once.
//
//   - Times become absolute. Times on the exporter's uptime clock are placed by the datagram's export time and uptime, across a wrap
//     of the 32-bit milliseconds; records without times take the time of receipt.
//   - The sampling interval is settled: the override of the configuration, else what the decoder learned, else 1.
//   - Counters are kept raw and scaled, and summed over both directions.
//   - Records that cannot be true get a reason (weir.invalid): they are stored, but left out of sums and detection.
//
// Estimating the offset of an exporter's clock has its place in [Clock].
package normalize
