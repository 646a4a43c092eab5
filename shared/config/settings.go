package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/policy"
)

// SettingKind is a part of weir.yaml with entries that can also be added, changed and removed while a collector runs.
type SettingKind string

// Kinds of settings: keys of weir.yaml; pivots are those below pivots.custom.
const (
	InsideSetting   SettingKind = "inside" // one entry, named as the kind
	GroupSetting    SettingKind = "groups"
	ExporterSetting SettingKind = "exporters" // named by address or CIDR
	PolicySetting   SettingKind = "policies"
	PivotSetting    SettingKind = "pivots"
)

// SettingKinds returns all kinds in the order of weir.yaml.
func SettingKinds() []SettingKind {
	return []SettingKind{InsideSetting, GroupSetting, ExporterSetting, PolicySetting, PivotSetting}
}

// Setting is an entry of one of these parts.
type Setting struct {
	Kind  SettingKind     `json:"kind"`
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"` // as weir.yaml has it, in JSON; of inside an object with the list under cidrs
}

// SettingError is what is wrong with a setting.
type SettingError struct {
	Kind    SettingKind
	Name    string
	Pointer string // JSON pointer (RFC 6901) into its value; "": the whole of it, or its name
	Text    string // what is wrong and how to mend it
	Taken   bool   // whether it is that the entry is in weir.yaml
}

// Error implements error.
func (e SettingError) Error() string {
	return strings.TrimSuffix(string(e.Kind)+"/"+e.Name, "/") + e.Pointer + ": " + e.Text
}

// SettingErrors are all faults of some settings; never empty.
type SettingErrors []SettingError

// Error implements error: a line a fault.
func (e SettingErrors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// SettingName returns the name by which an entry is known: that of exporters is their CIDR.
func SettingName(kind SettingKind, name string) (string, error) {
	switch kind {
	case ExporterSetting:
		d := decoder{}
		p, ok := d.prefix(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name})
		if !ok {
			return "", errors.New(d.errs[0].Text)
		}
		return p.String(), nil
	case InsideSetting:
		if name != string(InsideSetting) {
			return "", fmt.Errorf("inside has one entry, %q", InsideSetting)
		}
	}
	return name, nil
}

// Has tells whether the configuration has an entry of a name: given by weir.yaml or, of pivots, built in.
func (c *Config) Has(kind SettingKind, name string) bool {
	switch kind {
	case InsideSetting:
		return c.InsideGiven
	case GroupSetting:
		return slices.ContainsFunc(c.Groups, func(g Group) bool { return g.Name == name })
	case ExporterSetting:
		return slices.ContainsFunc(c.Exporters, func(e Exporter) bool { return e.Match.String() == name })
	case PolicySetting:
		return slices.ContainsFunc(c.Policies, func(p policy.Policy) bool { return p.Name == name })
	case PivotSetting:
		return slices.ContainsFunc(pivot.List(c.Pivots), func(p pivot.Custom) bool { return p.Name == name }) ||
			slices.ContainsFunc(c.Pivots.Custom, func(p pivot.Custom) bool { return p.Name == name })
	}
	return false
}

// With returns the configuration with settings added, each kind behind its own entries. They are read as weir.yaml is; an entry that the
// configuration has already is an error, as are credentials of SNMP, which are for weir.yaml alone. Errors are [SettingErrors].
func (c Config) With(settings []Setting) (Config, error) {
	out := c
	out.Inside = slices.Clip(out.Inside)
	out.Groups, out.Exporters, out.Policies = slices.Clip(out.Groups), slices.Clip(out.Exporters), slices.Clip(out.Policies)
	out.Pivots.Custom = slices.Clip(out.Pivots.Custom)
	d := decoder{}
	var nodes jsonNodes
	parts := map[SettingKind]*yaml.Node{}
	for i, s := range settings {
		nodes.setting = i
		switch name, err := SettingName(s.Kind, s.Name); {
		case !slices.Contains(SettingKinds(), s.Kind):
			nodes.fail("", fmt.Sprintf("%q is no kind of setting", s.Kind))
		case err != nil:
			nodes.fail("", err.Error())
		case c.Has(s.Kind, name):
			nodes.taken(s.Kind)
		default:
			nodes.add(parts, &s)
		}
	}
	d.settings(parts, &out)
	if errs := nodes.errors(settings, d.errs); len(errs) > 0 {
		return Config{}, errs
	}
	return out, nil
}

// settings reads the parts into c as those of a file are.
func (d *decoder) settings(parts map[SettingKind]*yaml.Node, c *Config) {
	for kind, read := range map[SettingKind]func(*yaml.Node, *Config){
		InsideSetting: d.insideSetting, GroupSetting: d.groups, ExporterSetting: d.exporterSettings, PolicySetting: d.policies,
		PivotSetting: func(n *yaml.Node, c *Config) { d.customPivots(n, &c.Pivots) },
	} {
		if n := parts[kind]; n != nil {
			read(n, c)
		}
	}
}

func (d *decoder) insideSetting(n *yaml.Node, c *Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		given := []netip.Prefix(nil)
		d.mapping(value, []key{{name: "cidrs", read: func(d *decoder, n *yaml.Node) { d.prefixes(n, &given) }}})
		if given == nil {
			d.fail(name, `want {"cidrs": [...]}`)
		}
		c.Inside, c.InsideGiven = given, true
	})
}

func (d *decoder) exporterSettings(n *yaml.Node, c *Config) {
	d.pairs(n, func(_, value *yaml.Node) {
		for i := 0; value.Kind == yaml.MappingNode && i+1 < len(value.Content); i += 2 {
			if value.Content[i].Value == "snmp" {
				d.fail(value.Content[i+1], "credentials are not taken here: have snmp in weir.yaml")
			}
		}
	})
	d.exporters(n, c)
}
