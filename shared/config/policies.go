package config

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// Role is what hosts are for, so that detectors know what is proper for them.
type Role struct {
	Name  string // one of RoleNames
	CIDRs []netip.Prefix
}

// roleDocs are the roles.
var roleDocs = []struct{ name, doc string }{
	{"resolver", "DNS resolvers: many queries to many servers are proper."},
	{"scanner", "Scanners of your own: they may scan, by schedule or order."},
	{"mail", "Mail servers: they talk to many others."},
	{"backup", "Backup servers and their targets: large transfers are proper."},
	{"cdn", "Caches and front ends of a content network: large answers to many clients."},
	{"nat", "Addresses that many hosts share: translators, proxies, VPN gateways."},
	{"jump_host", "Hosts that administrators log in from."},
	{"tester", "Load generators and test systems."},
	{"management", "Network management: it polls devices and looks for new ones."},
	{"automation", "Hosts that run jobs on many others: configuration management, builds, checks by login."},
}

// RoleNames returns the names of all roles.
func RoleNames() []string {
	names := make([]string, len(roleDocs))
	for i, r := range roleDocs {
		names[i] = r.name
	}
	return names
}

func roleKeys(c *Config) []key {
	keys := make([]key, len(roleDocs))
	for i, r := range roleDocs {
		keys[i] = key{name: r.name, kind: "list of CIDRs", def: "none", doc: r.doc, read: func(d *decoder, n *yaml.Node) {
			role := Role{Name: r.name}
			d.prefixes(n, &role.CIDRs)
			c.Roles = append(c.Roles, role)
		}}
	}
	return keys
}

func policyKeys(p *policy.Policy, at *policyNodes) []key {
	note := func(name string, read func(d *decoder, n *yaml.Node)) func(d *decoder, n *yaml.Node) {
		return func(d *decoder, n *yaml.Node) {
			at.parts[name] = n
			read(d, n)
		}
	}
	return []key{
		textKey("title", "text", "the limit", "What an alert says.", &p.Title),
		{name: "filter", kind: "filter on sessions", def: "all sessions", doc: "Which sessions count: see [filter.md](filter.md). Source is the client, destination the server.",
			read: note("filter", func(d *decoder, n *yaml.Node) { d.sessionFilter(n, &p.Filter) })},
		{name: "by", kind: "`session`, `source`, `destination`, `pair` or `group`", def: "session", doc: "Whose traffic is measured together; `group` is that of the source.",
			read: note("by", func(d *decoder, n *yaml.Node) {
				word := ""
				d.oneOf(n, &word, policy.GroupingNames()...)
				p.By, _ = policy.ParseGrouping(word)
			})},
		{name: "limit", kind: "limits like `bytes_out > 10MB`", doc: "What is too much: `" + strings.Join(policy.MeasureNames(), "`, `") + "`, joined by `and`, `or` and parentheses. Required.",
			read: note("limit", func(d *decoder, n *yaml.Node) { d.condition(n, &p.Limit) })},
		{name: "window", kind: "duration", def: "none", doc: "Within how long; not with `by: session`, which judges each session as a whole.",
			read: note("window", func(d *decoder, n *yaml.Node) { d.duration(n, &p.Window, policy.MinWindow, policy.MaxWindow) })},
		{name: "schedule", doc: "When the policy applies. Default: always.", keys: scheduleKeys(&policy.Schedule{}),
			read: note("schedule", func(d *decoder, n *yaml.Node) { d.schedule(n, p) })},
		{name: "severity", kind: "`info`, `low`, `medium`, `high`, `critical` or 0 to 100", def: "medium", doc: "Severity of its alerts.",
			read: func(d *decoder, n *yaml.Node) { d.severity(n, &p.Severity) }},
	}
}

// policyNodes are where the parts of a policy stand.
type policyNodes struct{ parts map[string]*yaml.Node }

func (d *decoder) policies(n *yaml.Node, c *Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		p, at, faults := policy.Policy{Name: name.Value, Severity: 40}, policyNodes{map[string]*yaml.Node{}}, len(d.errs)
		d.groupName(name)
		d.mapping(value, policyKeys(&p, &at))
		if len(d.errs) == faults {
			d.policyWhole(name, &p, &at)
		}
		if c.Policies = append(c.Policies, p); len(c.Policies) == policy.MaxPolicies+1 {
			d.fail(name, "more than %d policies", policy.MaxPolicies)
		}
	})
}

// policyWhole checks what its parts say together.
func (d *decoder) policyWhole(name *yaml.Node, p *policy.Policy, at *policyNodes) {
	var bad *policy.Error
	if !errors.As(p.Check(), &bad) {
		return
	}
	if n := at.parts[bad.Part]; n != nil {
		d.fail(n, "%s: %v", bad.Part, bad.Err)
		return
	}
	d.fail(name, "policy %q: %s: %v", p.Name, bad.Part, bad.Err)
}

// failWithin reports a fault at a column (from 1) of a scalar's text. That of a block or of several lines is not followed.
func (d *decoder) failWithin(n *yaml.Node, column int, format string, args ...any) {
	at := *n
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.Contains(n.Value, "\n"):
		format, args = "at character %d: "+format, append([]any{column}, args...)
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		at.Column += column
	default:
		at.Column += column - 1
	}
	d.fail(&at, format, args...)
}

func (d *decoder) sessionFilter(n *yaml.Node, to *string) {
	s, ok := d.text(n, "a filter")
	if !ok {
		return
	}
	*to = s
	_, err := filter.ParseSession(s, flow.NewRegistry())
	var bad *filter.Error
	if errors.As(err, &bad) {
		hint := ""
		if bad.Suggestion != "" {
			hint = fmt.Sprintf("; did you mean %s?", bad.Suggestion)
		}
		d.failWithin(n, bad.Column, "%s%s", bad.Text, hint)
	}
}

func (d *decoder) condition(n *yaml.Node, to *policy.Condition) {
	s, ok := d.text(n, "a limit like bytes_out > 10MB")
	if !ok {
		return
	}
	c, err := policy.ParseCondition(s)
	var bad *policy.ParseError
	if errors.As(err, &bad) {
		d.failWithin(n, bad.Column, "%s", bad.Text)
		return
	}
	*to = c
}

func scheduleKeys(s *policy.Schedule) []key {
	return []key{
		{name: "days", kind: "list of days and ranges", def: "all days", doc: "Days like `mon` or `mon-fri`.",
			read: func(d *decoder, n *yaml.Node) { d.days(n, &s.Days) }},
		{name: "hours", kind: "range of times", def: "the whole day", doc: "Like `08:00-18:00`, the end not included. Hours that go past midnight belong to the day they start on.",
			read: func(d *decoder, n *yaml.Node) { d.hours(n, s) }},
		{name: "zone", kind: "time zone", def: "UTC", doc: "Whose clock counts, like `Europe/Zurich`.",
			read: func(d *decoder, n *yaml.Node) {
				name, ok := d.text(n, "a time zone like Europe/Zurich")
				if !ok {
					return
				}
				if _, err := policy.Zone(name); err != nil {
					d.fail(n, "%v", err)
				}
				s.Zone = name
			}},
		{name: "applies", kind: "`inside` or `outside`", def: "inside", doc: "Whether the policy applies at these times or at all others.",
			read: func(d *decoder, n *yaml.Node) {
				word := ""
				d.oneOf(n, &word, "inside", "outside")
				s.Outside = word == "outside"
			}},
	}
}

func (d *decoder) schedule(n *yaml.Node, p *policy.Policy) {
	s := policy.Schedule{Days: policy.AllDays, To: 24 * 60}
	if d.mapping(n, scheduleKeys(&s)); !isNull(n) {
		p.Schedule = &s
	}
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (d *decoder) days(n *yaml.Node, to *uint8) {
	*to = 0
	d.list(n, "days", func(item *yaml.Node) {
		first, last, isRange := strings.Cut(strings.ToLower(item.Value), "-")
		if !isRange {
			last = first
		}
		from, until := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if item.Kind != yaml.ScalarNode || from < 0 || until < 0 {
			d.fail(item, "found %s where a day like mon or a range like mon-fri belongs", describe(item))
			return
		}
		for day := from; ; day = (day + 1) % 7 {
			if *to |= 1 << day; day == until {
				return
			}
		}
	})
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fail(n, "no days: leave the key out for all of them")
	}
}

func (d *decoder) hours(n *yaml.Node, s *policy.Schedule) {
	first, last, _ := strings.Cut(n.Value, "-")
	from, okFrom := minute(first)
	to, okTo := minute(last)
	switch {
	case n.Kind != yaml.ScalarNode || !okFrom || !okTo || from == 24*60:
		d.fail(n, "found %s where hours like 08:00-18:00 belong", describe(n))
	case from == to:
		d.fail(n, "the hours %s end where they start: leave the key out for the whole day", n.Value)
	default:
		s.From, s.To = from, to
	}
}

// minute reads HH:MM as a minute of the day; 24:00 is its end.
func minute(s string) (int, bool) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, errH := strconv.ParseUint(hour, 10, 8)
	m, errM := strconv.ParseUint(minute, 10, 8)
	if !ok || errH != nil || errM != nil || len(minute) != 2 || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return int(h*60 + m), true
}
