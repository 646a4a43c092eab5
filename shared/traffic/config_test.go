package traffic

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

func TestConfigRefuses(t *testing.T) {
	for name, change := range map[string]func(c *Config){
		"unknown scenario":  func(c *Config) { c.Scenario = "storm" },
		"no protocol":       func(c *Config) { c.Protocol = 0 },
		"v5 sampling":       func(c *Config) { c.Protocol, c.Sampling = encode.NetFlow5, 20000 },
		"active":            func(c *Config) { c.Active = 0 },
		"inactive":          func(c *Config) { c.Inactive = 2 * time.Minute },
		"no hosts":          func(c *Config) { c.Hosts = 0 },
		"too many hosts":    func(c *Config) { c.Scale = 900; c.Hosts = 1000 },
		"scale":             func(c *Config) { c.Scale = 0 },
		"days":              func(c *Config) { c.Days = -1 },
		"days of the flood": func(c *Config) { c.Scenario, c.Days = "flood", 2 },
		"start":             func(c *Config) { c.Start = time.Time{} },
		"uptime":            func(c *Config) { c.Uptime = -1 },
	} {
		c := DefaultConfig()
		c.Scenario = "quiet-day"
		if err := c.Validate(); err != nil {
			t.Fatalf("the defaults are refused: %v", err)
		}
		change(&c)
		err := c.Validate()
		if !errors.Is(err, ErrConfig) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := Generate(t.Context(), c, SinkFunc(func(Datagram) error { return nil })); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: Generate gives %v", name, err)
		}
	}
}

// TestTruthForm holds the published shape to the letter.
func TestTruthForm(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 2, 3, 45e6, time.UTC)
	for want, entry := range map[string]Truth{
		`{"id":"a","detector":"dos.reflection.ntp","start":"2026-03-02T01:02:03.045Z","end":"2026-03-02T01:03:03.045Z","actors":["203.0.113.1"],"victims":["10.0.0.1"],"service":{"transport":"udp","port":123},"must_detect_by":75,"campaign":null,"step":null,"kind":"attack","allowed":[]}`: {
			ID: "a", Detector: "dos.reflection.ntp", Start: at, End: at.Add(time.Minute), Actors: []string{"203.0.113.1"},
			Victims: []string{"10.0.0.1"}, Service: &Service{"udp", 123}, MustDetectBy: 75 * time.Second, Kind: KindAttack,
		},
		`{"id":"b","detector":"","start":"2026-03-02T01:02:03.045Z","end":"2026-03-02T01:02:03.045Z","actors":[],"victims":[],"service":null,"must_detect_by":null,"campaign":"c","step":2,"kind":"benign","allowed":["exfil.session"]}`: {
			ID: "b", Start: at, End: at, Campaign: "c", Step: 2, Kind: KindBenign, Allowed: []string{"exfil.session"},
		},
	} {
		got, err := json.Marshal(entry)
		if err != nil || string(got) != want {
			t.Errorf("got  %s\nwant %s (%v)", got, want, err)
		}
	}
}

// TestScenarios: names are what users type, each with a line about it.
func TestScenarios(t *testing.T) {
	var names []string
	for _, s := range Scenarios() {
		names = append(names, s.Name)
		if s.Doc == "" {
			t.Errorf("%s says nothing about itself", s.Name)
		}
	}
	if len(names) < 2 || names[0] != "quiet-day" || names[1] != "flood" {
		t.Errorf("scenarios %v", names)
	}
}
