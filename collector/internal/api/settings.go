package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/policy"
	"github.com/weirflow/weir/shared/query"
)

// Origin says where an entry of the configuration comes from.
type Origin struct {
	Source   string `json:"source"`    // file, api, built-in, default
	Version  int    `json:"version"`   // of the settings, in which it was last changed; 0: not through the API
	SetAside bool   `json:"set_aside"` // whether one of this name from the API is not in force
}

// Group is a traffic group as configured.
type Group struct {
	Name  string   `json:"name"`
	CIDRs []string `json:"cidrs"`
	Ports []string `json:"ports"` // numbers or ranges
	Origin
}

// Policy is a policy as configured.
type Policy struct {
	Name     string          `json:"name"`
	Title    string          `json:"title"`
	Filter   string          `json:"filter"`
	By       string          `json:"by"`
	Limit    string          `json:"limit"`
	Window   float64         `json:"window_seconds"` // 0: none
	Schedule *PolicySchedule `json:"schedule"`       // null: always
	Severity int             `json:"severity"`
	Origin
}

// PolicySchedule is when a policy applies.
type PolicySchedule struct {
	Days    []string `json:"days"` // "sunday" ...
	From    string   `json:"from"` // HH:MM
	To      string   `json:"to"`   // HH:MM, not included
	Zone    string   `json:"zone"`
	Outside bool     `json:"outside"` // applies outside of these times
}

// ExporterSettings are what is configured of the exporters in a prefix.
type ExporterSettings struct {
	Match      string             `json:"match"` // CIDR
	Name       string             `json:"name"`
	Sampling   *float64           `json:"sampling"` // N of 1:N; null: what the exporter says
	Split      string             `json:"split"`
	Domains    map[string]float64 `json:"domains"` // sampling by observation domain
	SNMP       bool               `json:"snmp"`    // whether it is asked by SNMP
	Interfaces int                `json:"interfaces"`
	Origin
}

// lists makes what the lists of settings tell: in words of their own, beside [query.Setting] which has them as weir.yaml does.
// Credentials are left out.
type lists struct {
	cfg     config.Config
	origins map[string]Origin // by kind, "/" and name
}

// listed answers with a list of settings.
func (h *handler) listed(make func(*lists) any) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		l := lists{origins: map[string]Origin{}}
		var all query.Settings
		l.cfg, all = h.deps.Settings.Snapshot()
		for _, s := range all.Settings {
			l.origins[s.Kind+"/"+s.Name] = Origin{Source: s.Source, Version: s.Version, SetAside: s.SetAside}
		}
		return writeTagged(w, r, make(&l))
	}
}

func (l *lists) origin(kind config.SettingKind, name string) Origin {
	return l.origins[string(kind)+"/"+name]
}

// Groups returns the traffic groups in the order of the file.
func (l *lists) Groups() any {
	list := make([]Group, 0, len(l.cfg.Groups))
	for _, g := range l.cfg.Groups {
		out := Group{Origin: l.origin(config.GroupSetting, g.Name), Name: g.Name, CIDRs: []string{}, Ports: []string{}}
		for _, p := range g.CIDRs {
			out.CIDRs = append(out.CIDRs, p.String())
		}
		for _, p := range g.Ports {
			out.Ports = append(out.Ports, portText(p))
		}
		list = append(list, out)
	}
	return list
}

func portText(p config.PortRange) string {
	if p.First == p.Last {
		return strconv.Itoa(int(p.First))
	}
	return fmt.Sprintf("%d-%d", p.First, p.Last)
}

// Policies returns the policies in the order of the file.
func (l *lists) Policies() any {
	list := make([]Policy, 0, len(l.cfg.Policies))
	for i := range l.cfg.Policies {
		p := &l.cfg.Policies[i]
		list = append(list, Policy{
			Origin: l.origin(config.PolicySetting, p.Name), Name: p.Name, Title: p.Title, Filter: p.Filter, By: p.By.String(), Limit: p.Limit.String(), Window: p.Window.Seconds(),
			Schedule: scheduleOf(p.Schedule), Severity: p.Severity,
		})
	}
	return list
}

// dayNames are the days as bits of a schedule count them.
var dayNames = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func scheduleOf(s *policy.Schedule) *PolicySchedule {
	if s == nil {
		return nil
	}
	out := &PolicySchedule{Days: []string{}, From: clockText(s.From), To: clockText(s.To), Zone: s.Zone, Outside: s.Outside}
	for i, name := range dayNames {
		if s.Days&(1<<i) != 0 {
			out.Days = append(out.Days, name)
		}
	}
	if out.Zone == "" {
		out.Zone = "UTC"
	}
	return out
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// Exporters returns what is configured of exporters, in the order of the file.
func (l *lists) Exporters() any {
	list := make([]ExporterSettings, 0, len(l.cfg.Exporters))
	for i := range l.cfg.Exporters {
		e := &l.cfg.Exporters[i]
		out := ExporterSettings{Origin: l.origin(config.ExporterSetting, e.Match.String()), Match: e.Match.String(), Name: e.Name, Split: e.Split, Domains: map[string]float64{}, SNMP: e.SNMP != nil, Interfaces: len(e.Interfaces)}
		if e.Sampling > 0 {
			out.Sampling = &e.Sampling
		}
		if out.Split == "" {
			out.Split = "address"
		}
		for _, d := range e.Domains {
			out.Domains[strconv.FormatUint(uint64(d.ID), 10)] = d.Sampling
		}
		list = append(list, out)
	}
	return list
}

// tagOf is the version tag of what is answered: it changes with every byte.
func tagOf(body []byte) string { return fmt.Sprintf(`"%016x"`, xxh3.Hash(body)) }

func marshalTagged(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return body, nil
}

// writeTagged answers with something and its version tag (ETag): who has that one is told so.
func writeTagged(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := marshalTagged(v)
	if err != nil {
		return err
	}
	tag := tagOf(body)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", query.TypeJSON)
	_, _ = w.Write(append(body, '\n')) // an error means that the reader has gone
	return nil
}
