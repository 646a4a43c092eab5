// Package query is the question model: what can be asked of stored flows and alerts, the shape of the answers, and the
// client that asks a running collector. Engines (the embedded store, Elasticsearch) live with their packaging; a conformance
// suite over a reference engine in memory (package conformance) holds them to the same answers.
package query

import (
	"context"
	"errors"
	"time"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
)

// Measure is what is summed or counted.
type Measure string

// Measures of records. Distinct is written distinct(FIELD), see [Question.Field]. BPS and PPS are the sums divided by the
// seconds of the time range.
const (
	Bytes    Measure = "bytes"
	Packets  Measure = "packets"
	Flows    Measure = "flows"
	BPS      Measure = "bps"
	PPS      Measure = "pps"
	Distinct Measure = "distinct"
	Sessions Measure = "sessions" // of sessions in their last state, not of records: filter and By are on their fields
)

// Fill is what a series has for a bucket without records.
type Fill string

// Ways to fill.
const (
	FillZero Fill = "zero" // a row with 0
	FillNull Fill = "null" // a row with null
	FillNone Fill = "none" // no row
)

// Direction says whether a question is asked of one side.
type Direction string

// DirectionBoth asks what went out of and came into the hosts, ports or groups that By and Filter name by source. or destination.:
// the question is put as it is written and with both sides swapped, and the answer has the columns out and in. The hosts meant
// are on the side of the first field of By that has one, else of the first in Filter. Both counters of a biflow count.
const DirectionBoth Direction = "both"

// Question asks for a total (no grouping), a top list (By) or a series (Interval, of the top groups of the range where there is By).
// Records that are invalid or another exporter's copy are left out unless asked for. docs/questions.md has examples.
type Question struct {
	Filter  string    `json:"filter,omitempty"`
	From    time.Time `json:"from"` // zero: from the first record; from <= @timestamp < to
	To      time.Time `json:"to"`   // zero: to the last record
	By      []string  `json:"by,omitempty"`
	Measure Measure   `json:"measure"`         // "" is bytes
	Field   string    `json:"field,omitempty"` // of distinct
	// More are further measures of the same records, each with a column after the first, by which rows are sorted: bytes, packets,
	// flows, bps and pps.
	More      []Measure `json:"more,omitempty"`
	Limit     int       `json:"limit,omitempty"` // groups or records; 0: 10 groups, 100 records; at most MaxLimit
	Offset    int       `json:"offset,omitempty"`
	AllCopies bool      `json:"all_copies,omitempty"`
	Invalid   bool      `json:"invalid,omitempty"` // only the records set aside
	// Interval makes a series: a number with a unit (s, m, h, d, w), see [ParseInterval]. Days and weeks are cut in Zone, a name such
	// as "Europe/Berlin", "" is UTC; shorter intervals count from the hour in UTC.
	Interval string `json:"interval,omitempty"`
	Zone     string `json:"zone,omitempty"`
	Fill     Fill   `json:"fill,omitempty"` // what a series has where there are no records; "" is zero
	// Compare adds what the same question gives for the same range this much earlier ("1d", "1w"), and the change. From and To are needed.
	Compare string `json:"compare,omitempty"`
	// Percentile asks for that percentile (0 < p <= 100) of the sums or rates of the Interval's buckets instead of a series, those
	// without records included.
	Percentile float64   `json:"percentile,omitempty"`
	Direction  Direction `json:"direction,omitempty"`
	// Spread lays the bytes or packets of a series over the duration of each record instead of counting them at its end.
	Spread bool `json:"spread,omitempty"`
	// Exact reads every record where the answer would otherwise be [Approximate] for being made of sums that kept what carries most.
	Exact bool `json:"exact,omitempty"`
}

// MaxLimit is the most rows or records of one answer.
const MaxLimit = 100000

// Column describes a column of a result. Type is a kind of value ("unsigned", "ip", ...), Unit may be "".
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Unit string `json:"unit"`
}

// Exactness says how much an answer may be trusted.
type Exactness string

// Degrees of exactness.
const (
	Exact       Exactness = "exact"
	Approximate Exactness = "approximate"
	Spread      Exactness = "spread"
)

// Loss is what is known to be missing from an answer.
type Loss struct {
	Gaps        uint64 `json:"gaps"`
	KernelDrops uint64 `json:"kernel_drops"`
	Dropped     uint64 `json:"dropped"`
	// InRange is what of it was noticed at about the time of the question's range; absent where that is not known, as in what was replayed.
	InRange *LossInRange `json:"in_range,omitempty"`
	// DeletedBefore is set where the question's range begins before it: records of before then have been deleted by retention.
	DeletedBefore *time.Time `json:"deleted_before,omitempty"`
}

// LossInRange is what is known to be missing from the time range of an answer.
type LossInRange struct {
	Gaps        uint64 `json:"gaps"`
	KernelDrops uint64 `json:"kernel_drops"`
	Dropped     uint64 `json:"dropped"`
}

// Result is the answer to a total, top or series question: group columns first, the measure last, or the measures (with Direction out
// and in; with Compare the measure, earlier and change). Rows are sorted by measure descending, then by group; the row "other" is last.
// A series has @timestamp, the bucket's start, as its first column and is sorted by it; every bucket has the same groups in the order
// of their sums over the range, then other. Values are string, uint64, float64 or nil.
type Result struct {
	Columns   []Column  `json:"columns"`
	Rows      [][]any   `json:"rows"`
	Exactness Exactness `json:"exactness"`
	Loss      Loss      `json:"loss"`
	Truncated bool      `json:"truncated"`
	// MaxError is, of approximate top lists, how much a group may have of the first measure beyond what its row says, at most; it never
	// has less. Nil where it is not known, as it is not of each bucket of a series.
	MaxError *float64 `json:"max_error,omitempty"`
}

// AlertQuestion asks for alerts; zero times mean no bound. An alert is in range when it overlaps it.
type AlertQuestion struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	ID    string    `json:"id,omitempty"`    // only the alert of this id; "": all
	Host  string    `json:"host,omitempty"`  // only alerts that list this address (or a prefix with it) as actor or victim; "": all
	Limit int       `json:"limit,omitempty"` // 0: all, at most MaxLimit
	Bare  bool      `json:"bare,omitempty"`  // without links into other tools, which are most of an alert's JSON
}

// Engine answers questions about records. Errors about the question itself are *[Error].
type Engine interface {
	// Aggregate answers a total, a top list, a series or a percentile.
	Aggregate(ctx context.Context, q Question) (Result, error)
	// Records returns the records that a question selects, sorted by (@timestamp, event.id), in a batch of the caller's
	// ownership. Measure, Field and By are ignored.
	Records(ctx context.Context, q Question) (*flow.Batch, error)
}

// SessionReader answers about sessions. A question of [Engine.Aggregate] with the measure Sessions counts them.
type SessionReader interface {
	// Sessions returns the last states of the sessions that a question selects (from <= end < to, a filter as of
	// filter.ParseSession), sorted by [CompareSessions], in a batch of the caller's ownership. Measure, Field and By are
	// ignored; AllCopies and Invalid are errors, as sessions hold neither. See [Question.PrepareSessions].
	Sessions(ctx context.Context, q Question) (*flow.SessionBatch, error)
}

// AlertReader returns alerts sorted by (start, id).
type AlertReader interface {
	Alerts(ctx context.Context, q AlertQuestion) ([]flow.Alert, error)
}

// ExporterReader returns what is known of each exporter and domain.
type ExporterReader interface {
	Exporters(ctx context.Context) ([]Exporter, error)
}

// Exporter is the loss account of one exporter, domain and protocol, as shown by weir exporters.
type Exporter struct {
	IP             string            `json:"ip"`               // as observer.ip of its records
	Source         string            `json:"source,omitempty"` // UDP source, where the exporter tells another address of itself
	Port           uint16            `json:"port,omitempty"`   // UDP source port, where it tells devices apart
	Domain         uint32            `json:"domain"`
	Protocol       string            `json:"protocol"`
	LastSeen       *time.Time        `json:"last_seen"`
	Datagrams      uint64            `json:"datagrams"`
	Bytes          uint64            `json:"bytes"`
	Decoded        uint64            `json:"decoded"`
	Refused        map[string]uint64 `json:"refused"`
	Sets           uint64            `json:"sets"`
	SetsDecoded    uint64            `json:"sets_decoded"`
	Waiting        int64             `json:"waiting_sets"`
	SetsExpired    map[string]uint64 `json:"expired_sets"`
	Records        uint64            `json:"records"`
	Stored         uint64            `json:"stored"`
	AlreadyStored  uint64            `json:"already_stored"`
	SetAside       map[string]uint64 `json:"set_aside"`
	Dropped        map[string]uint64 `json:"dropped"`
	InFlight       int64             `json:"in_flight"`
	Templates      int64             `json:"templates"`
	OptionsRecords uint64            `json:"options_records"`
	FlowSamples    uint64            `json:"flow_samples"`
	CounterSamples uint64            `json:"counter_samples"`
	// DroppedPackets, SampleGaps, SampleDrops and SamplePool are as in [flow.Stream].
	DroppedPackets uint64            `json:"dropped_packets"`
	SampleGaps     uint64            `json:"sample_gaps"`
	SampleDrops    uint64            `json:"sample_drops"`
	SamplePool     uint64            `json:"sample_pool"`
	Gaps           uint64            `json:"gaps"`
	Reordered      uint64            `json:"reordered"`
	Restarts       uint64            `json:"restarts"`
	Clashes        uint64            `json:"clashes"` // signs of several devices that cannot be told apart
	Errors         map[string]uint64 `json:"errors"`
	Repaired       map[string]uint64 `json:"repaired"`
	// Sampling is the interval that counts for detection, nil until a record came.
	Sampling *Sampling `json:"sampling"`
	// Clock is what is known about the exporter's clock, nil before the first datagram.
	Clock *Clock `json:"clock"`
	// CannotSee are the detectors that find nothing at this interval.
	CannotSee []string `json:"cannot_see"`
	// Health is how well it exports: as of now, or as last known of a stream that the running pipeline has not heard of. Nil is not known.
	Health *health.Stream `json:"health"`
}

// Sampling is the effective sampling interval N of 1:N of an exporter, by its latest record.
type Sampling struct {
	Interval *float64 `json:"interval"` // nil: a sampler that was never described
	Source   string   `json:"source"`   // as weir.sampling.source
}

// String returns "1:100", or "unknown".
func (s *Sampling) String() string {
	if s.Interval == nil {
		return sampling.Text(sampling.Unknown)
	}
	return sampling.Text(*s.Interval)
}

// Error says what is wrong with a question, where, and how to mend it.
type Error struct {
	Part string // "filter", "by", "measure", ...
	Text string
}

// Errors of engines that say when a question may have an answer.
var (
	// ErrAgain says that the engine cannot answer now, and may when it is asked again in a few seconds.
	ErrAgain = errors.New("ask again in a few seconds")
	// ErrTooMuch says that the engine has not the means to answer.
	ErrTooMuch = errors.New("ask for a shorter time or fewer groups")
)

// Error returns the message.
func (e *Error) Error() string { return e.Part + ": " + e.Text }
