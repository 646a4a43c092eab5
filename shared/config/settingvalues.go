package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/policy"
)

// The types below are the values of settings as JSON has them: what is in weir.yaml under an entry's name. They describe, and write what
// weir.yaml says; reading is for [Config.With], which tells more of what is wrong.

// InsideValue is the networks that are inside.
type InsideValue struct {
	CIDRs []string `json:"cidrs" doc:"networks that are inside, instead of the default"`
}

// GroupValue is a traffic group.
type GroupValue struct {
	CIDRs []string `json:"cidrs,omitempty" doc:"addresses and CIDRs; left out: all addresses"`
	Ports []any    `json:"ports,omitempty" doc:"ports and ranges such as 443 or 8000-8999; left out: all ports"`
}

// PolicyValue is a policy.
type PolicyValue struct {
	Title    string         `json:"title,omitempty" doc:"what an alert says; left out: the limit"`
	Filter   string         `json:"filter,omitempty" doc:"which sessions count (docs/filter.md); left out: all"`
	By       string         `json:"by,omitempty" enum:"session,source,destination,pair,group" doc:"whose traffic is measured together; left out: session"`
	Limit    string         `json:"limit" doc:"what is too much, such as bytes_out > 10MB (docs/policies.md)"`
	Window   string         `json:"window,omitempty" doc:"within how long, such as 1h; not by session"`
	Schedule *ScheduleValue `json:"schedule,omitempty" doc:"when it applies; left out: always"`
	Severity any            `json:"severity,omitempty" doc:"info, low, medium, high, critical or 0 to 100; left out: medium"`
}

// ScheduleValue is when a policy applies.
type ScheduleValue struct {
	Days    []string `json:"days,omitempty" doc:"days and ranges such as mon-fri; left out: all"`
	Hours   string   `json:"hours,omitempty" doc:"such as 08:00-18:00; left out: the whole day"`
	Zone    string   `json:"zone,omitempty" doc:"time zone such as Europe/Zurich; left out: UTC"`
	Applies string   `json:"applies,omitempty" enum:"inside,outside" doc:"at these times or at all others; left out: inside"`
}

// ExporterValue is what is known of the exporters in a prefix, but for the credentials of SNMP.
type ExporterValue struct {
	Name       string                    `json:"name,omitempty" doc:"name to show; left out: the address"`
	Sampling   any                       `json:"sampling,omitempty" doc:"N of 1:N, or an object with interval and run_length; left out: what the exporter says"`
	Split      string                    `json:"split,omitempty" enum:"address,port" doc:"how devices behind one address are told apart; left out: address"`
	Firewall   *FirewallValue            `json:"firewall,omitempty" doc:"what counters of firewall events mean"`
	Domains    map[string]DomainValue    `json:"domains,omitempty" doc:"by number: observation domains that sample otherwise"`
	Interfaces map[string]InterfaceValue `json:"interfaces,omitempty" doc:"by ifIndex: names and speeds, instead of what the exporter, SNMP or sFlow says"`
}

// FirewallValue is what counters of firewall events mean.
type FirewallValue struct {
	Updates  string `json:"updates,omitempty" enum:"delta,total" doc:"of updates; left out: delta"`
	Teardown string `json:"teardown,omitempty" enum:"delta,total" doc:"of the event that ends a connection; left out: total"`
}

// DomainValue is an observation domain.
type DomainValue struct {
	Sampling any `json:"sampling,omitempty" doc:"N of 1:N, or an object with interval and run_length"`
}

// InterfaceValue is what is known of an interface.
type InterfaceValue struct {
	Name  string `json:"name,omitempty" doc:"such as ge-0/0/1"`
	Alias string `json:"alias,omitempty" doc:"what it is for"`
	Speed any    `json:"speed,omitempty" doc:"bit/s, such as 1Gbps"`
}

// PivotValue is a link into another tool.
type PivotValue struct {
	Title     string   `json:"title,omitempty" doc:"what the link is called; left out: its name"`
	URL       string   `json:"url" doc:"URL with forms such as {ip} (docs/pivots.md)"`
	AppliesTo []string `json:"applies_to,omitempty" doc:"address, port, as, alert, incident; left out: what the URL has forms of"`
	Addresses string   `json:"addresses,omitempty" enum:"all,public,private" doc:"which addresses and AS numbers it is for; left out: all"`
}

// Settings returns the entries that the configuration has, in its order. Credentials are left out.
func (c *Config) Settings() (list []Setting) {
	add := func(kind SettingKind, name string, value any) {
		text, err := json.Marshal(value)
		if err != nil { // texts and numbers only
			text = []byte("{}")
		}
		list = append(list, Setting{Kind: kind, Name: name, Value: text})
	}
	if c.InsideGiven {
		add(InsideSetting, string(InsideSetting), InsideValue{CIDRs: prefixTexts(c.Inside)})
	}
	for i := range c.Groups {
		add(GroupSetting, c.Groups[i].Name, c.Groups[i].value())
	}
	for i := range c.Exporters {
		add(ExporterSetting, c.Exporters[i].Match.String(), c.Exporters[i].value())
	}
	for i := range c.Policies {
		add(PolicySetting, c.Policies[i].Name, policyValue(&c.Policies[i]))
	}
	for _, p := range c.Pivots.Custom {
		add(PivotSetting, p.Name, PivotValueOf(p))
	}
	return list
}

func prefixTexts(list []netip.Prefix) []string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return texts
}

func (g *Group) value() (v GroupValue) {
	v.CIDRs = prefixTexts(g.CIDRs)
	for _, p := range g.Ports {
		if p.First == p.Last {
			v.Ports = append(v.Ports, p.First)
		} else {
			v.Ports = append(v.Ports, fmt.Sprintf("%d-%d", p.First, p.Last))
		}
	}
	return v
}

func policyValue(p *policy.Policy) PolicyValue {
	v := PolicyValue{Title: p.Title, Filter: p.Filter, By: p.By.String(), Limit: p.Limit.String(), Severity: p.Severity}
	if p.Window != 0 {
		v.Window = durationText(p.Window)
	}
	s := p.Schedule
	if s == nil {
		return v
	}
	v.Schedule = &ScheduleValue{Zone: s.Zone, Applies: "inside"}
	if s.Outside {
		v.Schedule.Applies = "outside"
	}
	for i, name := range dayNames {
		if s.Days&(1<<i) != 0 && s.Days != policy.AllDays {
			v.Schedule.Days = append(v.Schedule.Days, name)
		}
	}
	if s.From != 0 || s.To != 24*60 {
		v.Schedule.Hours = fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
	}
	return v
}

// durationText writes a duration in one unit, as weir.yaml has them.
func durationText(d time.Duration) string {
	for i := len(timeUnits) - 1; i >= 0; i-- {
		if u := time.Duration(timeUnits[i].factor); d%u == 0 {
			return strconv.FormatInt(int64(d/u), 10) + timeUnits[i].suffix
		}
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms"
}

func (e *Exporter) value() ExporterValue {
	v := ExporterValue{Name: e.Name, Split: e.Split}
	if e.Sampling != 0 {
		v.Sampling = e.Sampling
	}
	if e.Firewall != (Firewall{}) {
		v.Firewall = &FirewallValue{Updates: e.Firewall.Updates, Teardown: e.Firewall.Teardown}
	}
	for _, d := range e.Domains {
		if v.Domains == nil {
			v.Domains = map[string]DomainValue{}
		}
		of := DomainValue{}
		if d.Sampling != 0 {
			of.Sampling = d.Sampling
		}
		v.Domains[strconv.FormatUint(uint64(d.ID), 10)] = of
	}
	for _, i := range e.Interfaces {
		if v.Interfaces == nil {
			v.Interfaces = map[string]InterfaceValue{}
		}
		of := InterfaceValue{Name: i.Name, Alias: i.Alias}
		if i.Speed != 0 {
			of.Speed = i.Speed
		}
		v.Interfaces[strconv.FormatUint(uint64(i.Index), 10)] = of
	}
	return v
}

// PivotValueOf returns a link as weir.yaml has it.
func PivotValueOf(p pivot.Custom) PivotValue {
	v := PivotValue{Title: p.Title, URL: p.URL, Addresses: string(p.Addresses)}
	for _, k := range p.Applies {
		v.AppliesTo = append(v.AppliesTo, string(k))
	}
	return v
}

// SettingJSON returns the JSON of an entry that is written as in weir.yaml, in YAML or JSON.
func SettingJSON(text []byte) (json.RawMessage, error) {
	d := decoder{file: "value"}
	root := d.document(text)
	if len(d.errs) > 0 {
		return nil, d.errs
	}
	if root == nil {
		return nil, Errors{{File: d.file, Line: 1, Column: 1, Text: "there is nothing"}}
	}
	value := d.plain(root)
	if len(d.errs) > 0 {
		return nil, d.errs
	}
	return json.Marshal(value)
}

// plain returns a node as JSON would have it; numbers stay as they are written where JSON has such.
func (d *decoder) plain(n *yaml.Node) any {
	switch {
	case n.Kind == yaml.MappingNode:
		m := map[string]any{}
		d.pairs(n, func(name, value *yaml.Node) { m[name.Value] = d.plain(value) })
		return m
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		d.list(n, "values", func(item *yaml.Node) { list = append(list, d.plain(item)) })
		return list
	case n.Kind != yaml.ScalarNode:
		d.fail(n, "found %s", describe(n))
		return nil
	case isNull(n):
		return nil
	case n.Tag == "!!bool":
		return strings.EqualFold(n.Value, "true")
	case (n.Tag == "!!int" || n.Tag == "!!float") && json.Valid([]byte(n.Value)):
		return json.Number(n.Value)
	}
	return n.Value
}

// SettingYAML returns a setting as it would stand in weir.yaml.
func SettingYAML(s Setting) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(s.Value))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return "", fmt.Errorf("read setting: %w", err)
	}
	value = yamlValue(value)
	switch s.Kind {
	case InsideSetting:
		m, _ := value.(map[string]any)
		value = map[string]any{string(s.Kind): m["cidrs"]}
	case PivotSetting:
		value = map[string]any{"pivots": map[string]any{"custom": map[string]any{s.Name: value}}}
	default:
		value = map[string]any{string(s.Kind): map[string]any{s.Name: value}}
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(value); err != nil {
		return "", fmt.Errorf("write setting: %w", err)
	}
	return out.String(), nil
}

// yamlValue makes numbers of numbers, which would be texts in YAML, and of the keys of domains and interfaces, too.
func yamlValue(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = yamlValue(v[i])
		}
	case map[string]any:
		numbers := map[int64]any{}
		for k := range v {
			v[k] = yamlValue(v[k])
			if n, err := strconv.ParseInt(k, 10, 64); err == nil {
				numbers[n] = v[k]
			}
		}
		if len(numbers) > 0 && len(numbers) == len(v) {
			return numbers
		}
	}
	return v
}
