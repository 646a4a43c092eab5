package traffic

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Kinds of truth entries.
const (
	KindAttack  = "attack"  // must be found
	KindBenign  = "benign"  // must not be reported, but for its Allowed detectors
	KindNeutral = "neutral" // may be reported or not
)

// Service is what an entry is about: a transport (tcp, udp, icmp) and a port.
type Service struct {
	Transport string `json:"transport"`
	Port      uint16 `json:"port"`
}

// Truth is one line of truth.jsonl: something that really happens in the
// traffic, with the times of its first and last packet.
type Truth struct {
	ID       string
	Detector string // the detector that should find it, as dos.reflection.ntp
	Start    time.Time
	End      time.Time
	Actors   []string // addresses, all of them
	Victims  []string
	Service  *Service
	// MustDetectBy is the time after Start by which an alert is due; 0 is none.
	MustDetectBy time.Duration
	Campaign     string // "" is none
	Step         int    // place in a story, from 1; 0 is none
	Kind         string
	Allowed      []string // detectors a benign entry may raise
}

// truthJSON is the published form: absent values are null, lists never are.
type truthJSON struct {
	ID           string   `json:"id"`
	Detector     string   `json:"detector"`
	Start        string   `json:"start"`
	End          string   `json:"end"`
	Actors       []string `json:"actors"`
	Victims      []string `json:"victims"`
	Service      *Service `json:"service"`
	MustDetectBy *float64 `json:"must_detect_by"`
	Campaign     *string  `json:"campaign"`
	Step         *int     `json:"step"`
	Kind         string   `json:"kind"`
	Allowed      []string `json:"allowed"`
}

// truthTime is RFC 3339 with milliseconds, the resolution of the traffic.
const truthTime = "2006-01-02T15:04:05.000Z07:00"

// MarshalJSON writes the form of the contract.
func (t Truth) MarshalJSON() ([]byte, error) {
	j := truthJSON{
		ID: t.ID, Detector: t.Detector, Kind: t.Kind, Service: t.Service,
		Start:  t.Start.UTC().Format(truthTime),
		End:    t.End.UTC().Format(truthTime),
		Actors: list(t.Actors), Victims: list(t.Victims), Allowed: list(t.Allowed),
	}
	if t.MustDetectBy > 0 {
		s := t.MustDetectBy.Seconds()
		j.MustDetectBy = &s
	}
	if t.Campaign != "" {
		j.Campaign = &t.Campaign
	}
	if t.Step > 0 {
		j.Step = &t.Step
	}
	return json.Marshal(j)
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// WriteTruth writes the entries as JSON lines.
func WriteTruth(w io.Writer, truth []Truth) error {
	enc := json.NewEncoder(w)
	for i := range truth {
		if err := enc.Encode(&truth[i]); err != nil {
			return fmt.Errorf("truth entry %s: %w", truth[i].ID, err)
		}
	}
	return nil
}
