package health

import "time"

// Kind names what may be wrong with an exporter.
type Kind uint8

// Kinds of faults.
const (
	Silent Kind = iota
	Loss
	SamplesDropped
	NoTemplate
	TemplateClash
	ClockOffset
	ClockUnstable
	UptimeFrozen
	SamplingUnknown
	SamplingChanged
	SamplingMismatch
	FlagsMissing
	NoSYN
	ZeroDuration
	CacheFull
	Restarting
	Impossible
	DoubleMetering
	InterfaceSpeed
	OneDirection
	ActiveTimeout
	InactiveTimeout
	UnknownVersion
	NotAllowed
	KernelDrops
	QueueDrops
	StoreErrors
	DiskLow
	numKinds
)

// Level says how much a fault matters.
type Level uint8

// Levels: a notice is shown, a warning and a critical fault are reported by infra.exporter, too.
const (
	Fine Level = iota
	Notice
	Warning
	Critical
)

var levelNames = [...]string{"fine", "notice", "warning", "critical"}

// String returns the name of the level.
func (l Level) String() string { return levelNames[min(int(l), len(levelNames)-1)] }

// Checks of infra.exporter: faults of one check of an exporter are one alert. Those of checkSetting are never alerts: they are how
// somebody set the exporter up.
const (
	checkSilent    = "silent"
	checkLoss      = "loss"
	checkTemplates = "templates"
	checkClock     = "clock"
	checkSampling  = "sampling"
	checkQuality   = "quality"
	checkSetting   = "setting"
	checkCollector = "collector" // troubles of the collector itself
)

// trait is what is fixed of a kind of fault.
type trait struct {
	name  string
	check string
	unit  string // of value and threshold
}

// traits by kind.
var traits = [numKinds]trait{
	Silent:           {"silent", checkSilent, "s"},
	Loss:             {"loss", checkLoss, "share"},
	SamplesDropped:   {"samples_dropped", checkLoss, "share"},
	NoTemplate:       {"no_template", checkTemplates, "s"},
	TemplateClash:    {"template_clash", checkTemplates, "signs"},
	ClockOffset:      {"clock_offset", checkClock, "s"},
	ClockUnstable:    {"clock_unstable", checkClock, "s"},
	UptimeFrozen:     {"uptime_frozen", checkClock, "s"},
	SamplingUnknown:  {"sampling_unknown", checkSampling, "share"},
	SamplingChanged:  {"sampling_changed", checkSampling, "interval"},
	SamplingMismatch: {"sampling_mismatch", checkSampling, "ratio"},
	FlagsMissing:     {"flags_missing", checkQuality, "share"},
	NoSYN:            {"no_syn", checkQuality, "share"},
	ZeroDuration:     {"zero_duration", checkQuality, "share"},
	CacheFull:        {"cache_full", checkQuality, "share"},
	Restarting:       {"restarting", checkQuality, "restarts"},
	Impossible:       {"impossible_records", checkQuality, "share"},
	DoubleMetering:   {"double_metering", checkQuality, "share"},
	InterfaceSpeed:   {"interface_speed", checkQuality, "bit/s"},
	OneDirection:     {"one_direction", checkSetting, "share"},
	ActiveTimeout:    {"active_timeout", checkSetting, "s"},
	InactiveTimeout:  {"inactive_timeout", checkSetting, "s"},
	UnknownVersion:   {"unknown_version", checkSetting, "datagrams"},
	NotAllowed:       {"not_allowed", checkSetting, "datagrams"},
	KernelDrops:      {"kernel_drops", checkCollector, "datagrams"},
	QueueDrops:       {"queue_drops", checkCollector, "batches"},
	StoreErrors:      {"store_errors", checkCollector, "errors"},
	DiskLow:          {"disk_low", checkCollector, "share"},
}

// String returns the name of the kind, as in Fault.Kind.
func (k Kind) String() string {
	if k >= numKinds {
		return "unknown"
	}
	return traits[k].name
}

// ParseKind is the inverse of [Kind.String].
func ParseKind(name string) (Kind, bool) {
	for k := range traits {
		if traits[k].name == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// Kinds returns all kinds.
func Kinds() []Kind {
	list := make([]Kind, numKinds)
	for k := range list {
		list[k] = Kind(k)
	}
	return list
}

// Fault is something that is wrong with an exporter.
type Fault struct {
	Kind  string    `json:"kind"`
	Level string    `json:"level"` // notice, warning, critical
	Check string    `json:"check"` // of infra.exporter; "setting" is never an alert
	Since time.Time `json:"since"`
	// Value is what was measured, Threshold from where it is a fault, both in Unit.
	Value     float64 `json:"value"`
	Threshold float64 `json:"threshold"`
	Unit      string  `json:"unit"`
	Text      string  `json:"text"` // a phrase: "active timeout 1800 s"
	// Interface is the ifIndex that a fault of an interface is about, 0 for none.
	Interface uint32 `json:"interface,omitempty"`
}

// verdict is the state of a kind of fault of a stream.
type verdict struct {
	level            Level
	since            int64 // ns; 0 while there is none
	value, threshold float64
	detail           float64 // a second figure for the text
	link             uint32
}
