package metrics

import (
	"math"

	"github.com/weirflow/weir/shared/flow"
)

// streamMetrics are those of the loss account without a reason.
var streamMetrics = []Spec[*flow.Stream]{
	{Name: "datagrams_total", Kind: Count, Help: "Datagrams received: decoded and refused ones.", Value: func(s *flow.Stream) float64 { return float64(s.Datagrams.Load()) }},
	{Name: "received_bytes_total", Kind: Count, Help: "Payload bytes of the datagrams received.", Value: func(s *flow.Stream) float64 { return float64(s.Bytes.Load()) }},
	{Name: "datagrams_decoded_total", Kind: Count, Help: "Datagrams decoded.", Value: func(s *flow.Stream) float64 { return float64(s.Decoded.Load()) }},
	{Name: "sets_total", Kind: Count, Help: "Data sets seen: decoded, waiting and expired ones.", Value: func(s *flow.Stream) float64 { return float64(s.Sets.Load()) }},
	{Name: "sets_decoded_total", Kind: Count, Help: "Data sets decoded.", Value: func(s *flow.Stream) float64 { return float64(s.SetsDecoded.Load()) }},
	{Name: "sets_waiting", Kind: Gauge, Help: "Data sets that wait for their template.", Value: func(s *flow.Stream) float64 { return float64(s.Waiting.Load()) }},
	{Name: "records_total", Kind: Count, Help: "Records decoded: stored, already stored, set aside, dropped and in flight.", Value: func(s *flow.Stream) float64 { return float64(s.Records.Load()) }},
	{Name: "records_stored_total", Kind: Count, Help: "Records committed to the store.", Value: func(s *flow.Stream) float64 { return float64(s.Stored.Load()) }},
	{Name: "records_already_stored_total", Kind: Count, Help: "Records that the store had already, by their identity.", Value: func(s *flow.Stream) float64 { return float64(s.AlreadyStored.Load()) }},
	{Name: "records_in_flight", Kind: Gauge, Help: "Records decoded and not yet settled.", Value: func(s *flow.Stream) float64 { return float64(s.InFlight.Load()) }},
	{Name: "templates", Kind: Gauge, Help: "Templates known.", Value: func(s *flow.Stream) float64 { return float64(s.Templates.Load()) }},
	{Name: "template_definitions_total", Kind: Count, Help: "Templates received, the same ones again included.", Value: func(s *flow.Stream) float64 { return float64(s.Definitions.Load()) }},
	{Name: "options_records_total", Kind: Count, Help: "Records of options data decoded.", Value: func(s *flow.Stream) float64 { return float64(s.OptionsRecords.Load()) }},
	{Name: "flow_samples_total", Kind: Count, Help: "Flow samples of sFlow.", Value: func(s *flow.Stream) float64 { return float64(s.FlowSamples.Load()) }},
	{Name: "counter_samples_total", Kind: Count, Help: "Counter samples of sFlow.", Value: func(s *flow.Stream) float64 { return float64(s.CounterSamples.Load()) }},
	{Name: "dropped_packets_total", Kind: Count, Help: "Notices of sFlow of packets that the exporter dropped.", Value: func(s *flow.Stream) float64 { return float64(s.DroppedPackets.Load()) }},
	{Name: "sample_gaps_total", Kind: Count, Help: "Samples of sFlow that are missing by the numbers of their sources, those in lost datagrams too.", Value: func(s *flow.Stream) float64 { return float64(s.SampleGaps.Load()) }},
	{Name: "sample_drops_total", Kind: Count, Help: "Samples of sFlow that the exporter had no resources for, by its own count.", Value: func(s *flow.Stream) float64 { return float64(s.SampleDrops.Load()) }},
	{Name: "sample_pool_total", Kind: Count, Help: "Packets that could have become flow samples of sFlow.", Value: func(s *flow.Stream) float64 { return float64(s.SamplePool.Load()) }},
	{Name: "sequence_gaps_total", Kind: Count, Help: "Units lost before they were decoded, by sequence number: flows (NetFlow v5), datagrams (NetFlow v9, sFlow), records (IPFIX).", Value: func(s *flow.Stream) float64 { return float64(s.Gaps.Load()) }},
	{Name: "datagrams_reordered_total", Kind: Count, Help: "Datagrams that came after a later one.", Value: func(s *flow.Stream) float64 { return float64(s.Reordered.Load()) }},
	{Name: "exporter_clashes_total", Kind: Count, Help: "Signs of several devices behind one address and domain that cannot be told apart.", Value: func(s *flow.Stream) float64 { return float64(s.Clashes.Load()) }},
	{Name: "exporter_restarts_total", Kind: Count, Help: "Times that the exporter's uptime or count began anew.", Value: func(s *flow.Stream) float64 { return float64(s.Restarts.Load()) }},
	{Name: "last_seen_timestamp_seconds", Kind: Gauge, Help: "Time of receipt of the latest datagram, since the Unix epoch.", Value: func(s *flow.Stream) float64 { return float64(s.LastSeen.Load()) / 1e9 }},
	{Name: "sampling_interval", Kind: Gauge, Help: "Sampling interval N of 1:N of the latest record, 0 where it is not known.", Value: func(s *flow.Stream) float64 { return math.Float64frombits(s.Sampling.Load()) }},
	{Name: "clock_offset_seconds", Kind: Gauge, Help: "What has to be added to the exporter's clock to get the collector's: negative where the exporter is ahead.", Value: func(s *flow.Stream) float64 { return s.Clock.Load().Offset.Seconds() }},
	{Name: "clock_uncertainty_seconds", Kind: Gauge, Help: "How far clock_offset_seconds may be off.", Value: func(s *flow.Stream) float64 { return s.Clock.Load().Uncertainty.Seconds() }},
	{Name: "clock_drift_ppm", Kind: Gauge, Help: "How fast the exporter's clock runs, in millionths.", Value: func(s *flow.Stream) float64 { return s.Clock.Load().DriftPPM }},
	{Name: "clock_status", Kind: Gauge, Help: "What is known about the exporter's clock: 0 too little, 1 it is good, 2 it is bad and records take the time of receipt.", Value: func(s *flow.Stream) float64 { return float64(s.Clock.Load().Status) }},
	{Name: "clock_corrected", Kind: Gauge, Help: "1 while the exporter's times are corrected.", Value: func(s *flow.Stream) float64 { return truth(s.Clock.Load().Corrected) }},
	{Name: "clock_steps_total", Kind: Count, Help: "Times that the exporter's clock was set or began anew.", Value: func(s *flow.Stream) float64 { return float64(s.Clock.Load().Steps) }},
}

// reasonMetrics are those of the loss account by reason. docs/loss-account.md says what the reasons mean.
var reasonMetrics = []Spec[*flow.Stream]{
	{Name: "datagrams_refused_total", Kind: Count, Help: "Datagrams refused, by reason.", Parts: func(s *flow.Stream) map[string]uint64 { return s.Refused.Map() }},
	{Name: "sets_expired_total", Kind: Count, Help: "Data sets given up, by reason.", Parts: func(s *flow.Stream) map[string]uint64 { return s.SetsExpired.Map() }},
	{Name: "records_set_aside_total", Kind: Count, Help: "Records stored apart because they are impossible, by reason.", Parts: func(s *flow.Stream) map[string]uint64 { return s.SetAside.Map() }},
	{Name: "records_dropped_total", Kind: Count, Help: "Records dropped after they were decoded, by reason.", Parts: func(s *flow.Stream) map[string]uint64 { return s.Dropped.Map() }},
	{Name: "errors_total", Kind: Count, Help: "Malformed parts of the input, by reason.", Parts: func(s *flow.Stream) map[string]uint64 { return s.Errors.Map() }},
	{Name: "repaired_total", Kind: Count, Help: "What was mended in the input, by reason.", Parts: func(s *flow.Stream) map[string]uint64 { return s.Repaired.Map() }},
}

// truth is 1 for what is true.
func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}
