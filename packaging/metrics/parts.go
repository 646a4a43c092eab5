package metrics

import (
	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
)

var socketMetrics = []Spec[listen.SocketStats]{
	{Name: "socket_datagrams_total", Kind: Count, Help: "Datagrams read off the socket: delivered, truncated and refused.", Value: func(s listen.SocketStats) float64 { return float64(s.Datagrams) }},
	{Name: "socket_bytes_total", Kind: Count, Help: "Payload bytes read off the socket.", Value: func(s listen.SocketStats) float64 { return float64(s.Bytes) }},
	{Name: "socket_delivered_total", Kind: Count, Help: "Datagrams handed on to be decoded.", Value: func(s listen.SocketStats) float64 { return float64(s.Delivered) }},
	{Name: "socket_truncated_total", Kind: Count, Help: "Datagrams longer than the buffer, which are refused.", Value: func(s listen.SocketStats) float64 { return float64(s.Truncated) }},
	{Name: "socket_refused_total", Kind: Count, Help: "Datagrams of exporters that are not allowed.", Value: func(s listen.SocketStats) float64 { return float64(s.Refused) }},
	{Name: "socket_proxy_refused_total", Kind: Count, Help: "Datagrams refused for their PROXY protocol header: malformed, missing, or of a sender that may not put one in front.", Value: func(s listen.SocketStats) float64 { return float64(s.BadProxy) }},
	{Name: "socket_read_errors_total", Kind: Count, Help: "Failed reads.", Value: func(s listen.SocketStats) float64 { return float64(s.ReadErrors) }},
	{Name: "kernel_drops_total", Kind: Count, Help: "Datagrams that the kernel dropped before they were read, mostly for want of buffer. They show as sequence gaps, too.", Value: func(s listen.SocketStats) float64 { return float64(s.KernelDrops) }},
	{Name: "socket_receive_buffer_bytes", Kind: Gauge, Help: "Receive buffer granted by the kernel, 0 where it does not tell.", Value: func(s listen.SocketStats) float64 { return float64(s.ReceiveBuffer) }},
}

var pipelineMetrics = []Spec[pipeline.Stats]{
	{Name: "queued_detect_batches", Kind: Gauge, Help: "Batches that wait for the detector.", Value: func(s pipeline.Stats) float64 { return float64(s.QueuedDetect) }},
	{Name: "queued_sink_batches", Kind: Gauge, Help: "Batches that wait for the sinks.", Value: func(s pipeline.Stats) float64 { return float64(s.QueuedSinks) }},
	{Name: "dropped_batches_total", Kind: Count, Help: "Batches dropped before the detector, the queue being full. Their records are in weir_records_dropped_total.", Value: func(s pipeline.Stats) float64 { return float64(s.DroppedBatches) }},
	{Name: "dropped_sessions_total", Kind: Count, Help: "Tellings of sessions for which the sinks had no room, or that they refused.", Value: func(s pipeline.Stats) float64 { return float64(s.DroppedSessions) }},
	{Name: "dropped_sink_batches_total", Kind: Count, Help: "Batches that the detector saw and that were dropped before the sinks, the queue being full. Their records are in weir_records_dropped_total.", Value: func(s pipeline.Stats) float64 { return float64(s.DroppedForSinks) }},
	{Name: "interface_errors_total", Kind: Count, Help: "Minutes of interfaces that the sink refused.", Value: func(s pipeline.Stats) float64 { return float64(s.InterfaceErrors) }},
	{Name: "alert_errors_total", Kind: Count, Help: "Changes of alerts that a sink refused.", Value: func(s pipeline.Stats) float64 { return float64(s.AlertErrors) }},
}

var detectMetrics = []Spec[detect.Stats]{
	{Name: "records_total", Kind: Count, Help: "Records that detectors took into account.", Value: func(s detect.Stats) float64 { return float64(s.Records) }},
	{Name: "late_total", Kind: Count, Help: "Records, or parts of them, that came too late to be taken into account.", Value: func(s detect.Stats) float64 { return float64(s.Late) }},
	{Name: "alerts_raised_total", Kind: Count, Help: "Times that an alert became active, returns included.", Value: func(s detect.Stats) float64 { return float64(s.Raised) }},
	{Name: "alerts_open", Kind: Gauge, Help: "Alerts that are active, clearing or watching.", Value: func(s detect.Stats) float64 { return float64(s.Open) }},
	{Name: "cells", Kind: Gauge, Help: "Destinations and services in the tables.", Value: func(s detect.Stats) float64 { return float64(s.Cells) }},
	{Name: "pages", Kind: Gauge, Help: "Minutes of destinations and services in the tables.", Value: func(s detect.Stats) float64 { return float64(s.Pages) }},
	{Name: "sets", Kind: Gauge, Help: "Sets of sources, of minutes with many of them.", Value: func(s detect.Stats) float64 { return float64(s.Sets) }},
	{Name: "hot_cells", Kind: Gauge, Help: "Destinations and services near a threshold or under alert.", Value: func(s detect.Stats) float64 { return float64(s.Hot) }},
	{Name: "streams", Kind: Gauge, Help: "Exporters and domains known to detection.", Value: func(s detect.Stats) float64 { return float64(s.Streams) }},
	{Name: "requests", Kind: Gauge, Help: "Outgoing requests remembered, to know answers by.", Value: func(s detect.Stats) float64 { return float64(s.Asked) }},
	{Name: "waiting_records", Kind: Gauge, Help: "Inbound records that wait for the record of their request.", Value: func(s detect.Stats) float64 { return float64(s.Waiting) }},
	{Name: "lateness_seconds", Kind: Gauge, Help: "How long after a flow's start its record comes, as learned.", Value: func(s detect.Stats) float64 { return s.Lateness }},
	{Name: "watermark_timestamp_seconds", Kind: Gauge, Help: "Event time before which bins are final, since the Unix epoch.", Value: func(s detect.Stats) float64 { return float64(s.Watermark) / 1e9 }},
	{Name: "skipped_total", Kind: Count, Part: "reason", Help: "Records left out of detection, by reason.", Parts: func(s detect.Stats) map[string]uint64 { return s.Skipped }},
	{Name: "cap_total", Kind: Count, Part: "table", Help: "What found no place in a full table or displaced something, by table.", Parts: func(s detect.Stats) map[string]uint64 { return s.Caps }},
}

var geoMetrics = []Spec[geo.Stats]{
	{Name: "lookups_total", Kind: Count, Help: "Public addresses outside whose country and AS number were looked up.", Value: func(s geo.Stats) float64 { return float64(s.Lookups) }},
	{Name: "cached_total", Kind: Count, Help: "Look-ups answered without a walk through the files.", Value: func(s geo.Stats) float64 { return float64(s.Cached) }},
	{Name: "found_total", Kind: Count, Help: "Look-ups that found a country or an AS number.", Value: func(s geo.Stats) float64 { return float64(s.Found) }},
	{Name: "missed_total", Kind: Count, Help: "Look-ups that found neither.", Value: func(s geo.Stats) float64 { return float64(s.Missed) }},
	{Name: "reloads_total", Kind: Count, Help: "Changed files that were taken into use.", Value: func(s geo.Stats) float64 { return float64(s.Reloads) }},
	{Name: "failed_reloads_total", Kind: Count, Help: "Changed files that were of no use, so that the last one stayed. The log says why.", Value: func(s geo.Stats) float64 { return float64(s.FailedReloads) }},
	{Name: "country_built_timestamp_seconds", Kind: Gauge, Help: "When the file of countries in use was made, since the Unix epoch; 0 without one.", Value: func(s geo.Stats) float64 { return float64(s.CountryBuilt) }},
	{Name: "asn_built_timestamp_seconds", Kind: Gauge, Help: "When the file of AS numbers in use was made, since the Unix epoch; 0 without one.", Value: func(s geo.Stats) float64 { return float64(s.ASNBuilt) }},
}
