package metrics

import (
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/packaging/metrics"
)

var storeMetrics = []metrics.Spec[store.Stats]{
	{Name: "appended_total", Kind: metrics.Count, Help: "Records appended.", Value: func(s store.Stats) float64 { return float64(s.Appended) }},
	{Name: "already_stored_total", Kind: metrics.Count, Help: "Records that were there before, by their identity.", Value: func(s store.Stats) float64 { return float64(s.AlreadyStored) }},
	{Name: "asked_blocks_total", Kind: metrics.Count, Help: "Blocks of up to 64 records for which stored records had to be searched, to tell whether they were there before.", Value: func(s store.Stats) float64 { return float64(s.AskedBlocks) }},
	{Name: "commits_total", Kind: metrics.Count, Help: "Transactions with records or alerts.", Value: func(s store.Stats) float64 { return float64(s.Commits) }},
	{Name: "commit_errors_total", Kind: metrics.Count, Help: "Transactions that failed.", Value: func(s store.Stats) float64 { return float64(s.CommitErrors) }},
	{Name: "database_reopened_total", Kind: metrics.Count, Help: "Times that the database was opened again after a write ran out of memory.", Value: func(s store.Stats) float64 { return float64(s.Reopened) }},
	{Name: "commit_seconds_total", Kind: metrics.Count, Help: "Time spent in commits.", Value: func(s store.Stats) float64 { return float64(s.CommitNanos) / 1e9 }},
	{Name: "hot_files", Kind: metrics.Gauge, Help: "Files of records and sessions that are not sealed yet.", Value: func(s store.Stats) float64 { return float64(s.HotFiles) }},
	{Name: "hot_rows", Kind: metrics.Gauge, Help: "Records in tables that are not sealed yet.", Value: func(s store.Stats) float64 { return float64(s.HotRows) }},
	{Name: "sessions_appended_total", Kind: metrics.Count, Help: "Tellings of sessions appended: when they ended, and while they grew.", Value: func(s store.Stats) float64 { return float64(s.Sessions) }},
	{Name: "sessions_already_stored_total", Kind: metrics.Count, Help: "Sessions that an earlier process had stored, not appended again.", Value: func(s store.Stats) float64 { return float64(s.SessionsStored) }},
	{Name: "sessions_lost_total", Kind: metrics.Count, Help: "Tellings of sessions lost with a transaction that failed.", Value: func(s store.Stats) float64 { return float64(s.SessionsLost) }},
	{Name: "session_rows", Kind: metrics.Gauge, Help: "Tellings of sessions in hot files and sealed files.", Value: func(s store.Stats) float64 { return float64(s.SessionRows) }},
	{Name: "sealed_rows", Kind: metrics.Gauge, Help: "Records in sealed Parquet files.", Value: func(s store.Stats) float64 { return float64(s.SealedRows) }},
	{Name: "sealed_bytes", Kind: metrics.Gauge, Help: "Size of the sealed Parquet files.", Value: func(s store.Stats) float64 { return float64(s.SealedBytes) }},
	{Name: "sealed_files", Kind: metrics.Gauge, Help: "Sealed Parquet files.", Value: func(s store.Stats) float64 { return float64(s.SealedFiles) }},
	{Name: "seals_total", Kind: metrics.Count, Help: "Tables sealed.", Value: func(s store.Stats) float64 { return float64(s.Seals) }},
	{Name: "seal_errors_total", Kind: metrics.Count, Help: "Sealings that failed.", Value: func(s store.Stats) float64 { return float64(s.SealErrors) }},
	{Name: "seal_seconds_total", Kind: metrics.Count, Help: "Time spent sealing.", Value: func(s store.Stats) float64 { return float64(s.SealNanos) / 1e9 }},
	{Name: "rollup_files", Kind: metrics.Gauge, Help: "Sealed files of records that have sums of minutes and hours beside them.", Value: func(s store.Stats) float64 { return float64(s.RollupFiles) }},
	{Name: "rollup_daily_files", Kind: metrics.Gauge, Help: "Files of days, in which the rollups of their hours are summed.", Value: func(s store.Stats) float64 { return float64(s.RollupDays) }},
	{Name: "rollup_rows", Kind: metrics.Gauge, Help: "Rows of rollups.", Value: func(s store.Stats) float64 { return float64(s.RollupRows) }},
	{Name: "rollup_bytes", Kind: metrics.Gauge, Help: "Size of rollups.", Value: func(s store.Stats) float64 { return float64(s.RollupBytes) }},
	{Name: "rollup_folded_files", Kind: metrics.Gauge, Help: "Rollups that have not kept all addresses or ports.", Value: func(s store.Stats) float64 { return float64(s.RollupFolded) }},
	{Name: "rollups_made_total", Kind: metrics.Count, Help: "Rollups made.", Value: func(s store.Stats) float64 { return float64(s.RollupsMade) }},
	{Name: "rollup_errors_total", Kind: metrics.Count, Help: "Rollups that could not be made or read; questions read the records instead.", Value: func(s store.Stats) float64 { return float64(s.RollupErrors) }},
	{Name: "rollup_seconds_total", Kind: metrics.Count, Help: "Time spent making rollups.", Value: func(s store.Stats) float64 { return float64(s.RollupNanos) / 1e9 }},
	{Name: "rollup_answers_total", Kind: metrics.Count, Help: "Questions answered from rollups.", Value: func(s store.Stats) float64 { return float64(s.RollupAnswers) }},
	{Name: "approximate_answers_total", Kind: metrics.Count, Help: "Questions answered from rollups that have not kept all addresses or ports.", Value: func(s store.Stats) float64 { return float64(s.Approximate) }},
	{Name: "expired_files_total", Kind: metrics.Count, Help: "Sealed files deleted by retention.", Value: func(s store.Stats) float64 { return float64(s.Expired) }},
	{Name: "expired_for_room_total", Kind: metrics.Count, Help: "Sealed files deleted because the store took more than store.retention_size, or the disk had less than store.keep_free left.", Value: func(s store.Stats) float64 { return float64(s.ExpiredForRoom) }},
	{Name: "expired_bytes_total", Kind: metrics.Count, Help: "Bytes of the files deleted by retention.", Value: func(s store.Stats) float64 { return float64(s.ExpiredBytes) }},
	{Name: "host_indexes", Kind: metrics.Gauge, Help: "Sealed files with a host index.", Value: func(s store.Stats) float64 { return float64(s.HostFiles) }},
	{Name: "host_index_bytes", Kind: metrics.Gauge, Help: "Size of the host indexes.", Value: func(s store.Stats) float64 { return float64(s.HostBytes) }},
	{Name: "host_indexes_made_total", Kind: metrics.Count, Help: "Host indexes made.", Value: func(s store.Stats) float64 { return float64(s.HostsMade) }},
	{Name: "host_indexes_failed_total", Kind: metrics.Count, Help: "Host indexes that could not be made: questions about hosts read those files whole.", Value: func(s store.Stats) float64 { return float64(s.HostsFailed) }},
	{Name: "host_indexes_broken_total", Kind: metrics.Count, Help: "Host indexes that could not be used and are made anew.", Value: func(s store.Stats) float64 { return float64(s.HostsBroken) }},
	{Name: "missing_files", Kind: metrics.Gauge, Help: "Sealed files that are not there or not whole.", Value: func(s store.Stats) float64 { return float64(s.Missing) }},
	{Name: "database_bytes", Kind: metrics.Gauge, Help: "Size of the database file and its log.", Value: func(s store.Stats) float64 { return float64(s.DatabaseBytes) }},
	{Name: "questions_total", Kind: metrics.Count, Help: "Questions answered.", Value: func(s store.Stats) float64 { return float64(s.Questions) }},
}
