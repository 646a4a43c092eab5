package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/detect"
)

// plain is a metric without labels.
type plain struct {
	name, help string
	kind       prometheus.ValueType
	value      float64
}

func sendPlain(out chan<- prometheus.Metric, prefix string, list []plain) {
	for _, p := range list {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(prefix+p.name, p.help, nil, nil), p.kind, p.value)
	}
}

const (
	count = prometheus.CounterValue
	gauge = prometheus.GaugeValue
)

func collectDetect(out chan<- prometheus.Metric, s detect.Stats) {
	sendPlain(out, "weir_detect_", []plain{
		{"records_total", "Records that detectors took into account.", count, float64(s.Records)},
		{"late_total", "Records, or parts of them, older than what the engine keeps.", count, float64(s.Late)},
		{"alerts_raised_total", "Times that an alert became active.", count, float64(s.Raised)},
		{"alerts_open", "Alerts that are active, clearing or watching.", gauge, float64(s.Open)},
		{"cells", "Destinations and services in the tables.", gauge, float64(s.Cells)},
		{"lateness_seconds", "How long after a flow's start its record comes, learned.", gauge, s.Lateness},
		{"watermark_seconds", "Event time before which bins are final, since the Unix epoch.", gauge, float64(s.Watermark) / 1e9},
	})
	skipped := prometheus.NewDesc("weir_detect_skipped_total", "Records left out of detection.", []string{"reason"}, nil)
	for reason, n := range s.Skipped {
		out <- prometheus.MustNewConstMetric(skipped, count, float64(n), reason)
	}
	caps := prometheus.NewDesc("weir_detect_cap_total", "What found no place in a full table, or displaced something.", []string{"table"}, nil)
	for table, n := range s.Caps {
		out <- prometheus.MustNewConstMetric(caps, count, float64(n), table)
	}
}

func collectStore(out chan<- prometheus.Metric, s store.Stats) {
	sendPlain(out, "weir_store_", []plain{
		{"appended_total", "Records appended.", count, float64(s.Appended)},
		{"commits_total", "Transactions with records or alerts.", count, float64(s.Commits)},
		{"commit_errors_total", "Transactions that failed.", count, float64(s.CommitErrors)},
		{"commit_seconds_total", "Time spent in commits.", count, float64(s.CommitNanos) / 1e9},
		{"hot_rows", "Records in tables that are not sealed yet.", gauge, float64(s.HotRows)},
		{"sealed_rows", "Records in sealed Parquet files.", gauge, float64(s.SealedRows)},
		{"sealed_bytes", "Size of the sealed Parquet files.", gauge, float64(s.SealedBytes)},
		{"sealed_files", "Sealed Parquet files.", gauge, float64(s.SealedFiles)},
		{"seal_errors_total", "Sealings that failed.", count, float64(s.SealErrors)},
		{"seal_seconds_total", "Time spent sealing.", count, float64(s.SealNanos) / 1e9},
		{"expired_files_total", "Sealed files deleted by retention.", count, float64(s.Expired)},
		{"missing_files", "Sealed files that are not there or not whole.", gauge, float64(s.Missing)},
		{"database_bytes", "Size of the database file and its log.", gauge, float64(s.DatabaseBytes)},
		{"questions_total", "Questions answered.", count, float64(s.Questions)},
	})
}
