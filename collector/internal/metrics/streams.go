package metrics

import (
	"math"

	"github.com/weirflow/weir/shared/flow"
)

// streamMetrics are those of the loss account without a reason.
var streamMetrics = []spec[*flow.Stream]{
	{name: "datagrams_total", kind: count, help: "Datagrams received: decoded and refused ones.", value: func(s *flow.Stream) float64 { return float64(s.Datagrams.Load()) }},
	{name: "received_bytes_total", kind: count, help: "Payload bytes of the datagrams received.", value: func(s *flow.Stream) float64 { return float64(s.Bytes.Load()) }},
	{name: "datagrams_decoded_total", kind: count, help: "Datagrams decoded.", value: func(s *flow.Stream) float64 { return float64(s.Decoded.Load()) }},
	{name: "sets_total", kind: count, help: "Data sets seen: decoded, waiting and expired ones.", value: func(s *flow.Stream) float64 { return float64(s.Sets.Load()) }},
	{name: "sets_decoded_total", kind: count, help: "Data sets decoded.", value: func(s *flow.Stream) float64 { return float64(s.SetsDecoded.Load()) }},
	{name: "sets_waiting", kind: gauge, help: "Data sets that wait for their template.", value: func(s *flow.Stream) float64 { return float64(s.Waiting.Load()) }},
	{name: "records_total", kind: count, help: "Records decoded: stored, already stored, set aside, dropped and in flight.", value: func(s *flow.Stream) float64 { return float64(s.Records.Load()) }},
	{name: "records_stored_total", kind: count, help: "Records committed to the store.", value: func(s *flow.Stream) float64 { return float64(s.Stored.Load()) }},
	{name: "records_already_stored_total", kind: count, help: "Records that the store had already, by their identity.", value: func(s *flow.Stream) float64 { return float64(s.AlreadyStored.Load()) }},
	{name: "records_in_flight", kind: gauge, help: "Records decoded and not yet settled.", value: func(s *flow.Stream) float64 { return float64(s.InFlight.Load()) }},
	{name: "templates", kind: gauge, help: "Templates known.", value: func(s *flow.Stream) float64 { return float64(s.Templates.Load()) }},
	{name: "template_definitions_total", kind: count, help: "Templates received, the same ones again included.", value: func(s *flow.Stream) float64 { return float64(s.Definitions.Load()) }},
	{name: "options_records_total", kind: count, help: "Records of options data decoded.", value: func(s *flow.Stream) float64 { return float64(s.OptionsRecords.Load()) }},
	{name: "flow_samples_total", kind: count, help: "Flow samples of sFlow.", value: func(s *flow.Stream) float64 { return float64(s.FlowSamples.Load()) }},
	{name: "counter_samples_total", kind: count, help: "Counter samples of sFlow.", value: func(s *flow.Stream) float64 { return float64(s.CounterSamples.Load()) }},
	{name: "dropped_packets_total", kind: count, help: "Notices of sFlow of packets that the exporter dropped.", value: func(s *flow.Stream) float64 { return float64(s.DroppedPackets.Load()) }},
	{name: "sample_gaps_total", kind: count, help: "Samples of sFlow that are missing by the numbers of their sources, those in lost datagrams too.", value: func(s *flow.Stream) float64 { return float64(s.SampleGaps.Load()) }},
	{name: "sample_drops_total", kind: count, help: "Samples of sFlow that the exporter had no resources for, by its own count.", value: func(s *flow.Stream) float64 { return float64(s.SampleDrops.Load()) }},
	{name: "sample_pool_total", kind: count, help: "Packets that could have become flow samples of sFlow.", value: func(s *flow.Stream) float64 { return float64(s.SamplePool.Load()) }},
	{name: "sequence_gaps_total", kind: count, help: "Units lost before they were decoded, by sequence number: flows (NetFlow v5), datagrams (NetFlow v9, sFlow), records (IPFIX).", value: func(s *flow.Stream) float64 { return float64(s.Gaps.Load()) }},
	{name: "datagrams_reordered_total", kind: count, help: "Datagrams that came after a later one.", value: func(s *flow.Stream) float64 { return float64(s.Reordered.Load()) }},
	{name: "exporter_clashes_total", kind: count, help: "Signs of several devices behind one address and domain that cannot be told apart.", value: func(s *flow.Stream) float64 { return float64(s.Clashes.Load()) }},
	{name: "exporter_restarts_total", kind: count, help: "Times that the exporter's uptime or count began anew.", value: func(s *flow.Stream) float64 { return float64(s.Restarts.Load()) }},
	{name: "last_seen_timestamp_seconds", kind: gauge, help: "Time of receipt of the latest datagram, since the Unix epoch.", value: func(s *flow.Stream) float64 { return float64(s.LastSeen.Load()) / 1e9 }},
	{name: "sampling_interval", kind: gauge, help: "Sampling interval N of 1:N of the latest record, 0 where it is not known.", value: func(s *flow.Stream) float64 { return math.Float64frombits(s.Sampling.Load()) }},
	{name: "clock_offset_seconds", kind: gauge, help: "What has to be added to the exporter's clock to get the collector's: negative where the exporter is ahead.", value: func(s *flow.Stream) float64 { return s.Clock.Load().Offset.Seconds() }},
	{name: "clock_uncertainty_seconds", kind: gauge, help: "How far clock_offset_seconds may be off.", value: func(s *flow.Stream) float64 { return s.Clock.Load().Uncertainty.Seconds() }},
	{name: "clock_drift_ppm", kind: gauge, help: "How fast the exporter's clock runs, in millionths.", value: func(s *flow.Stream) float64 { return s.Clock.Load().DriftPPM }},
	{name: "clock_status", kind: gauge, help: "What is known about the exporter's clock: 0 too little, 1 it is good, 2 it is bad and records take the time of receipt.", value: func(s *flow.Stream) float64 { return float64(s.Clock.Load().Status) }},
	{name: "clock_corrected", kind: gauge, help: "1 while the exporter's times are corrected.", value: func(s *flow.Stream) float64 { return truth(s.Clock.Load().Corrected) }},
	{name: "clock_steps_total", kind: count, help: "Times that the exporter's clock was set or began anew.", value: func(s *flow.Stream) float64 { return float64(s.Clock.Load().Steps) }},
}

// reasonMetrics are those of the loss account by reason. docs/loss-account.md says what the reasons mean.
var reasonMetrics = []spec[*flow.Stream]{
	{name: "datagrams_refused_total", kind: count, help: "Datagrams refused, by reason.", parts: func(s *flow.Stream) map[string]uint64 { return s.Refused.Map() }},
	{name: "sets_expired_total", kind: count, help: "Data sets given up, by reason.", parts: func(s *flow.Stream) map[string]uint64 { return s.SetsExpired.Map() }},
	{name: "records_set_aside_total", kind: count, help: "Records stored apart because they are impossible, by reason.", parts: func(s *flow.Stream) map[string]uint64 { return s.SetAside.Map() }},
	{name: "records_dropped_total", kind: count, help: "Records dropped after they were decoded, by reason.", parts: func(s *flow.Stream) map[string]uint64 { return s.Dropped.Map() }},
	{name: "errors_total", kind: count, help: "Malformed parts of the input, by reason.", parts: func(s *flow.Stream) map[string]uint64 { return s.Errors.Map() }},
	{name: "repaired_total", kind: count, help: "What was mended in the input, by reason.", parts: func(s *flow.Stream) map[string]uint64 { return s.Repaired.Map() }},
}

// truth is 1 for what is true.
func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}
