package flow

import "time"

// AlertState is a step of an alert's life.
type AlertState string

// States of an alert: pending is not shown; watching is quiet and may come back under the same id.
const (
	AlertPending  AlertState = "pending"
	AlertActive   AlertState = "active"
	AlertClearing AlertState = "clearing"
	AlertWatching AlertState = "watching"
	AlertEnded    AlertState = "ended"
)

// MaxAlertEntities is how many actors and victims an alert lists; the totals go on counting.
const MaxAlertEntities = 100

// Alert is one detector's finding: one object per id, its last state. Times are event times but for DetectedAt.
type Alert struct {
	ID            string       `json:"id"`
	Detector      string       `json:"detector"`
	Title         string       `json:"title"`
	Severity      int          `json:"severity"` // 0 to 100
	SeverityLabel string       `json:"severity_label"`
	Confidence    float64      `json:"confidence"` // 0 to 1
	State         AlertState   `json:"state"`
	Start         time.Time    `json:"start"`
	Last          time.Time    `json:"last"`
	End           *time.Time   `json:"end"` // null while open
	DetectedAt    time.Time    `json:"detected_at"`
	Actors        []string     `json:"actors"`
	ActorsTotal   uint64       `json:"actors_total"`
	Victims       []string     `json:"victims"`
	VictimsTotal  uint64       `json:"victims_total"`
	Groups        []string     `json:"groups"`
	Service       *Service     `json:"service"`
	Measured      Measure      `json:"measured"`
	Threshold     float64      `json:"threshold"` // in the unit of Measured
	Baseline      *float64     `json:"baseline"`  // null while none has been learned
	Techniques    []Technique  `json:"techniques"`
	Evidence      Evidence     `json:"evidence"`
	Sampling      string       `json:"sampling"` // "" or what sampling means for this finding
	Exporters     []string     `json:"exporters"`
	Interfaces    []Interface  `json:"interfaces"`
	Incident      string       `json:"incident,omitempty"`
	DoS           *DoS         `json:"dos,omitempty"`
	RunbookURL    string       `json:"runbook_url"`
	Pivots        []AlertPivot `json:"pivots"`
	// Key is the deduplication key under which the alert is kept open; it restores open alerts after a restart.
	Key string `json:"key"`
}

// Service is a transport protocol with a port.
type Service struct {
	Transport string `json:"transport"`
	Port      uint16 `json:"port"`
}

// Measure is a measured value with its name and unit.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Technique is an entry of MITRE ATT&CK.
type Technique struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Evidence is the question that returns the flows behind a finding: a filter and a time range (from <= @timestamp < to).
type Evidence struct {
	Filter string    `json:"filter"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// Interface is an interface of an exporter.
type Interface struct {
	Exporter string `json:"exporter"`
	ID       uint32 `json:"id"`
	Name     string `json:"name,omitempty"`
}

// DoS describes a denial-of-service finding. LinkShare is the share of the known link capacity at peak, null if unknown.
type DoS struct {
	Vectors      []Vector `json:"vectors"`
	SourcesTotal uint64   `json:"sources_total"` // estimated where over 64: HyperLogLog, standard error 3.3 %
	PeakBPS      float64  `json:"peak_bps"`
	PeakPPS      float64  `json:"peak_pps"`
	LinkShare    *float64 `json:"link_share"`
	Bystanders   []string `json:"bystanders"`
}

// Vector is one kind of attack traffic within a finding.
type Vector struct {
	Name    string    `json:"name"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
	Waves   int       `json:"waves"`
	PeakBPS float64   `json:"peak_bps"`
	PeakPPS float64   `json:"peak_pps"`
}

// AlertPivot is a link into another tool with host and time filled in.
type AlertPivot struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// SeverityLabel returns the label of a severity from 0 to 100.
func SeverityLabel(severity int) string {
	switch {
	case severity >= 80:
		return "critical"
	case severity >= 60:
		return "high"
	case severity >= 40:
		return "medium"
	case severity >= 20:
		return "low"
	}
	return "info"
}
