package health

import "time"

// Stream is what is known of how well an exporter exports in one of its domains. Shares are 0 to 1; nil is not known, or too little
// seen to say.
type Stream struct {
	AsOf   time.Time `json:"as_of"`
	Vendor string    `json:"vendor"` // guessed: see [Vendor]; "" unknown

	TemplateAge  *float64 `json:"template_age_s"` // since a template was last received
	OptionsAge   *float64 `json:"options_age_s"`
	WaitingSince *float64 `json:"waiting_s"` // for how long sets have been waiting for a template

	ActiveTimeout   *Timeout `json:"active_timeout"`
	InactiveTimeout *Timeout `json:"inactive_timeout"`
	Clock           *Clock   `json:"clock"`

	GapRate        *float64 `json:"gap_rate"`          // lost of what was sent, 5 minutes
	WithoutFlags   *float64 `json:"without_flags"`     // of TCP records, 5 minutes, as are the others
	WithSYN        *float64 `json:"with_syn"`          // of TCP records
	BothDirections *float64 `json:"both_directions"`   // of established TCP connections
	ZeroDuration   *float64 `json:"zero_duration"`     // of records of at least 4 packets
	Copies         *float64 `json:"copies"`            // of records: other exporters' flows
	Doubled        *float64 `json:"doubled"`           // of flows: exported twice by this exporter
	LackOfResource *float64 `json:"lack_of_resources"` // of records with an end reason

	RecordsPerSecond float64  `json:"records_per_second"` // last minute
	UsualRecords     *float64 `json:"usual_records_per_second"`
	Restarts         float64  `json:"restarts_per_hour"`
	Clashes          uint32   `json:"clashes"` // signs of several devices that cannot be told apart, 5 minutes

	Intervals []Interval `json:"sampling_intervals"` // seen within the hour
	Links     []Link     `json:"links"`              // interfaces with counters

	Faults []Fault `json:"faults"`
}

// Timeout is a flow timeout as learned from records.
type Timeout struct {
	Seconds float64 `json:"seconds"`
	// AtLeast says that flows as long have been seen but no limit to their length.
	AtLeast bool `json:"at_least"`
}

// Clock is what is known of an exporter's clock.
type Clock struct {
	OffsetMs      float64 `json:"offset_ms"` // the exporter's clock less the collector's
	UncertaintyMs float64 `json:"uncertainty_ms"`
	DriftPPM      float64 `json:"drift_ppm"`
	Status        string  `json:"status"`           // as weir.clock.status: good, bad, unknown
	Reason        string  `json:"reason,omitempty"` // why it is not good
	Corrected     bool    `json:"corrected"`        // whether records' times are corrected by it
}

// Interval is a sampling interval N of 1:N that records of a stream had.
type Interval struct {
	N      float64   `json:"n"`
	Source string    `json:"source"` // as weir.sampling.source
	Last   time.Time `json:"last"`
}

// Link is an interface whose counters are known, compared with the sum of the flows, in bit/s.
type Link struct {
	Index       uint32  `json:"index"`
	Name        string  `json:"name,omitempty"`
	Speed       uint64  `json:"speed"` // 0 unknown
	CountersIn  float64 `json:"counters_in_bps"`
	CountersOut float64 `json:"counters_out_bps"`
	FlowsIn     float64 `json:"flows_in_bps"`
	FlowsOut    float64 `json:"flows_out_bps"`
	// FlowsInError is by which part FlowsIn is uncertain for sampling, in 95 of 100 cases: about 1.96/√c of c sampled packets; 0: not at all.
	FlowsInError float64 `json:"flows_in_error"`
}
