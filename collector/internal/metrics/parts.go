package metrics

import (
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
)

var socketMetrics = []spec[listen.SocketStats]{
	{name: "socket_datagrams_total", kind: count, help: "Datagrams read off the socket: delivered, truncated and refused.", value: func(s listen.SocketStats) float64 { return float64(s.Datagrams) }},
	{name: "socket_bytes_total", kind: count, help: "Payload bytes read off the socket.", value: func(s listen.SocketStats) float64 { return float64(s.Bytes) }},
	{name: "socket_delivered_total", kind: count, help: "Datagrams handed on to be decoded.", value: func(s listen.SocketStats) float64 { return float64(s.Delivered) }},
	{name: "socket_truncated_total", kind: count, help: "Datagrams longer than the buffer, which are refused.", value: func(s listen.SocketStats) float64 { return float64(s.Truncated) }},
	{name: "socket_refused_total", kind: count, help: "Datagrams of exporters that are not allowed.", value: func(s listen.SocketStats) float64 { return float64(s.Refused) }},
	{name: "socket_proxy_refused_total", kind: count, help: "Datagrams refused for their PROXY protocol header: malformed, missing, or of a sender that may not put one in front.", value: func(s listen.SocketStats) float64 { return float64(s.BadProxy) }},
	{name: "socket_read_errors_total", kind: count, help: "Failed reads.", value: func(s listen.SocketStats) float64 { return float64(s.ReadErrors) }},
	{name: "kernel_drops_total", kind: count, help: "Datagrams that the kernel dropped before they were read, mostly for want of buffer. They show as sequence gaps, too.", value: func(s listen.SocketStats) float64 { return float64(s.KernelDrops) }},
	{name: "socket_receive_buffer_bytes", kind: gauge, help: "Receive buffer granted by the kernel, 0 where it does not tell.", value: func(s listen.SocketStats) float64 { return float64(s.ReceiveBuffer) }},
}

var pipelineMetrics = []spec[pipeline.Stats]{
	{name: "queued_detect_batches", kind: gauge, help: "Batches that wait for the detector.", value: func(s pipeline.Stats) float64 { return float64(s.QueuedDetect) }},
	{name: "queued_sink_batches", kind: gauge, help: "Batches that wait for the sinks.", value: func(s pipeline.Stats) float64 { return float64(s.QueuedSinks) }},
	{name: "dropped_batches_total", kind: count, help: "Batches dropped before the detector, the queue being full. Their records are in weir_records_dropped_total.", value: func(s pipeline.Stats) float64 { return float64(s.DroppedBatches) }},
	{name: "dropped_sessions_total", kind: count, help: "Tellings of sessions for which the sinks had no room, or that they refused.", value: func(s pipeline.Stats) float64 { return float64(s.DroppedSessions) }},
	{name: "dropped_sink_batches_total", kind: count, help: "Batches that the detector saw and that were dropped before the sinks, the queue being full. Their records are in weir_records_dropped_total.", value: func(s pipeline.Stats) float64 { return float64(s.DroppedForSinks) }},
	{name: "interface_errors_total", kind: count, help: "Minutes of interfaces that the sink refused.", value: func(s pipeline.Stats) float64 { return float64(s.InterfaceErrors) }},
	{name: "alert_errors_total", kind: count, help: "Changes of alerts that a sink refused.", value: func(s pipeline.Stats) float64 { return float64(s.AlertErrors) }},
}

var detectMetrics = []spec[detect.Stats]{
	{name: "records_total", kind: count, help: "Records that detectors took into account.", value: func(s detect.Stats) float64 { return float64(s.Records) }},
	{name: "late_total", kind: count, help: "Records, or parts of them, that came too late to be taken into account.", value: func(s detect.Stats) float64 { return float64(s.Late) }},
	{name: "alerts_raised_total", kind: count, help: "Times that an alert became active, returns included.", value: func(s detect.Stats) float64 { return float64(s.Raised) }},
	{name: "alerts_open", kind: gauge, help: "Alerts that are active, clearing or watching.", value: func(s detect.Stats) float64 { return float64(s.Open) }},
	{name: "cells", kind: gauge, help: "Destinations and services in the tables.", value: func(s detect.Stats) float64 { return float64(s.Cells) }},
	{name: "pages", kind: gauge, help: "Minutes of destinations and services in the tables.", value: func(s detect.Stats) float64 { return float64(s.Pages) }},
	{name: "sets", kind: gauge, help: "Sets of sources, of minutes with many of them.", value: func(s detect.Stats) float64 { return float64(s.Sets) }},
	{name: "hot_cells", kind: gauge, help: "Destinations and services near a threshold or under alert.", value: func(s detect.Stats) float64 { return float64(s.Hot) }},
	{name: "streams", kind: gauge, help: "Exporters and domains known to detection.", value: func(s detect.Stats) float64 { return float64(s.Streams) }},
	{name: "requests", kind: gauge, help: "Outgoing requests remembered, to know answers by.", value: func(s detect.Stats) float64 { return float64(s.Asked) }},
	{name: "waiting_records", kind: gauge, help: "Inbound records that wait for the record of their request.", value: func(s detect.Stats) float64 { return float64(s.Waiting) }},
	{name: "lateness_seconds", kind: gauge, help: "How long after a flow's start its record comes, as learned.", value: func(s detect.Stats) float64 { return s.Lateness }},
	{name: "watermark_timestamp_seconds", kind: gauge, help: "Event time before which bins are final, since the Unix epoch.", value: func(s detect.Stats) float64 { return float64(s.Watermark) / 1e9 }},
	{name: "skipped_total", kind: count, part: "reason", help: "Records left out of detection, by reason.", parts: func(s detect.Stats) map[string]uint64 { return s.Skipped }},
	{name: "cap_total", kind: count, part: "table", help: "What found no place in a full table or displaced something, by table.", parts: func(s detect.Stats) map[string]uint64 { return s.Caps }},
}

var storeMetrics = []spec[store.Stats]{
	{name: "appended_total", kind: count, help: "Records appended.", value: func(s store.Stats) float64 { return float64(s.Appended) }},
	{name: "already_stored_total", kind: count, help: "Records that were there before, by their identity.", value: func(s store.Stats) float64 { return float64(s.AlreadyStored) }},
	{name: "asked_blocks_total", kind: count, help: "Blocks of up to 64 records for which stored records had to be searched, to tell whether they were there before.", value: func(s store.Stats) float64 { return float64(s.AskedBlocks) }},
	{name: "commits_total", kind: count, help: "Transactions with records or alerts.", value: func(s store.Stats) float64 { return float64(s.Commits) }},
	{name: "commit_errors_total", kind: count, help: "Transactions that failed.", value: func(s store.Stats) float64 { return float64(s.CommitErrors) }},
	{name: "database_reopened_total", kind: count, help: "Times that the database was opened again after a write ran out of memory.", value: func(s store.Stats) float64 { return float64(s.Reopened) }},
	{name: "commit_seconds_total", kind: count, help: "Time spent in commits.", value: func(s store.Stats) float64 { return float64(s.CommitNanos) / 1e9 }},
	{name: "hot_tables", kind: gauge, help: "Tables that are not sealed yet.", value: func(s store.Stats) float64 { return float64(s.HotTables) }},
	{name: "hot_rows", kind: gauge, help: "Records in tables that are not sealed yet.", value: func(s store.Stats) float64 { return float64(s.HotRows) }},
	{name: "sessions_appended_total", kind: count, help: "Tellings of sessions appended: when they ended, and while they grew.", value: func(s store.Stats) float64 { return float64(s.Sessions) }},
	{name: "sessions_already_stored_total", kind: count, help: "Sessions that an earlier process had stored, not appended again.", value: func(s store.Stats) float64 { return float64(s.SessionsStored) }},
	{name: "sessions_lost_total", kind: count, help: "Tellings of sessions lost with a transaction that failed.", value: func(s store.Stats) float64 { return float64(s.SessionsLost) }},
	{name: "session_rows", kind: gauge, help: "Tellings of sessions in hot tables and sealed files.", value: func(s store.Stats) float64 { return float64(s.SessionRows) }},
	{name: "sealed_rows", kind: gauge, help: "Records in sealed Parquet files.", value: func(s store.Stats) float64 { return float64(s.SealedRows) }},
	{name: "sealed_bytes", kind: gauge, help: "Size of the sealed Parquet files.", value: func(s store.Stats) float64 { return float64(s.SealedBytes) }},
	{name: "sealed_files", kind: gauge, help: "Sealed Parquet files.", value: func(s store.Stats) float64 { return float64(s.SealedFiles) }},
	{name: "seals_total", kind: count, help: "Tables sealed.", value: func(s store.Stats) float64 { return float64(s.Seals) }},
	{name: "seal_errors_total", kind: count, help: "Sealings that failed.", value: func(s store.Stats) float64 { return float64(s.SealErrors) }},
	{name: "seal_seconds_total", kind: count, help: "Time spent sealing.", value: func(s store.Stats) float64 { return float64(s.SealNanos) / 1e9 }},
	{name: "rollup_files", kind: gauge, help: "Sealed files of records that have sums of minutes and hours beside them.", value: func(s store.Stats) float64 { return float64(s.RollupFiles) }},
	{name: "rollup_daily_files", kind: gauge, help: "Files of days, in which the rollups of their hours are summed.", value: func(s store.Stats) float64 { return float64(s.RollupDays) }},
	{name: "rollup_rows", kind: gauge, help: "Rows of rollups.", value: func(s store.Stats) float64 { return float64(s.RollupRows) }},
	{name: "rollup_bytes", kind: gauge, help: "Size of rollups.", value: func(s store.Stats) float64 { return float64(s.RollupBytes) }},
	{name: "rollup_folded_files", kind: gauge, help: "Rollups that have not kept all addresses or ports.", value: func(s store.Stats) float64 { return float64(s.RollupFolded) }},
	{name: "rollups_made_total", kind: count, help: "Rollups made.", value: func(s store.Stats) float64 { return float64(s.RollupsMade) }},
	{name: "rollup_errors_total", kind: count, help: "Rollups that could not be made or read; questions read the records instead.", value: func(s store.Stats) float64 { return float64(s.RollupErrors) }},
	{name: "rollup_seconds_total", kind: count, help: "Time spent making rollups.", value: func(s store.Stats) float64 { return float64(s.RollupNanos) / 1e9 }},
	{name: "rollup_answers_total", kind: count, help: "Questions answered from rollups.", value: func(s store.Stats) float64 { return float64(s.RollupAnswers) }},
	{name: "approximate_answers_total", kind: count, help: "Questions answered from rollups that have not kept all addresses or ports.", value: func(s store.Stats) float64 { return float64(s.Approximate) }},
	{name: "expired_files_total", kind: count, help: "Sealed files deleted by retention.", value: func(s store.Stats) float64 { return float64(s.Expired) }},
	{name: "expired_for_room_total", kind: count, help: "Sealed files deleted because the store took more than store.retention_size, or the disk had less than store.keep_free left.", value: func(s store.Stats) float64 { return float64(s.ExpiredForRoom) }},
	{name: "expired_bytes_total", kind: count, help: "Bytes of the files deleted by retention.", value: func(s store.Stats) float64 { return float64(s.ExpiredBytes) }},
	{name: "host_indexes", kind: gauge, help: "Sealed files with a host index.", value: func(s store.Stats) float64 { return float64(s.HostFiles) }},
	{name: "host_index_bytes", kind: gauge, help: "Size of the host indexes.", value: func(s store.Stats) float64 { return float64(s.HostBytes) }},
	{name: "host_indexes_made_total", kind: count, help: "Host indexes made.", value: func(s store.Stats) float64 { return float64(s.HostsMade) }},
	{name: "host_indexes_failed_total", kind: count, help: "Host indexes that could not be made: questions about hosts read those files whole.", value: func(s store.Stats) float64 { return float64(s.HostsFailed) }},
	{name: "host_indexes_broken_total", kind: count, help: "Host indexes that could not be used and are made anew.", value: func(s store.Stats) float64 { return float64(s.HostsBroken) }},
	{name: "missing_files", kind: gauge, help: "Sealed files that are not there or not whole.", value: func(s store.Stats) float64 { return float64(s.Missing) }},
	{name: "database_bytes", kind: gauge, help: "Size of the database file and its log.", value: func(s store.Stats) float64 { return float64(s.DatabaseBytes) }},
	{name: "questions_total", kind: count, help: "Questions answered.", value: func(s store.Stats) float64 { return float64(s.Questions) }},
}

var geoMetrics = []spec[geo.Stats]{
	{name: "lookups_total", kind: count, help: "Public addresses outside whose country and AS number were looked up.", value: func(s geo.Stats) float64 { return float64(s.Lookups) }},
	{name: "cached_total", kind: count, help: "Look-ups answered without a walk through the files.", value: func(s geo.Stats) float64 { return float64(s.Cached) }},
	{name: "found_total", kind: count, help: "Look-ups that found a country or an AS number.", value: func(s geo.Stats) float64 { return float64(s.Found) }},
	{name: "missed_total", kind: count, help: "Look-ups that found neither.", value: func(s geo.Stats) float64 { return float64(s.Missed) }},
	{name: "reloads_total", kind: count, help: "Changed files that were taken into use.", value: func(s geo.Stats) float64 { return float64(s.Reloads) }},
	{name: "failed_reloads_total", kind: count, help: "Changed files that were of no use, so that the last one stayed. The log says why.", value: func(s geo.Stats) float64 { return float64(s.FailedReloads) }},
	{name: "country_built_timestamp_seconds", kind: gauge, help: "When the file of countries in use was made, since the Unix epoch; 0 without one.", value: func(s geo.Stats) float64 { return float64(s.CountryBuilt) }},
	{name: "asn_built_timestamp_seconds", kind: gauge, help: "When the file of AS numbers in use was made, since the Unix epoch; 0 without one.", value: func(s geo.Stats) float64 { return float64(s.ASNBuilt) }},
}
