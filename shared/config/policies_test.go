package config

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/policy"
)

var exampleRoles = []Role{
	{"resolver", []netip.Prefix{netip.MustParsePrefix("10.1.0.53/32")}}, {"scanner", []netip.Prefix{netip.MustParsePrefix("10.1.9.9/32")}},
	{"mail", []netip.Prefix{netip.MustParsePrefix("10.1.0.25/32")}}, {"backup", []netip.Prefix{netip.MustParsePrefix("10.1.30.0/28")}},
	{"cdn", []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}, {"nat", []netip.Prefix{netip.MustParsePrefix("198.51.100.1/32")}},
	{"jump_host", []netip.Prefix{netip.MustParsePrefix("10.1.9.1/32")}}, {"tester", []netip.Prefix{netip.MustParsePrefix("10.1.9.32/27")}},
	{"management", []netip.Prefix{netip.MustParsePrefix("10.1.9.2/32")}}, {"automation", []netip.Prefix{netip.MustParsePrefix("10.1.9.3/32")}},
}

func examplePolicies() []policy.Policy {
	limit := func(m policy.Measure, orEqual bool, v float64) policy.Condition {
		return policy.Condition{Limit: policy.Limit{Measure: m, OrEqual: orEqual, Value: v}}
	}
	return []policy.Policy{
		{
			Name: "large-upload", Title: "More than 10 MB outbound in a single session of a server", Severity: 60,
			Filter: `weir.source.group : "servers" and network.direction : outbound`, Limit: limit(policy.BytesOut, false, 10e6),
		},
		{
			Name: "night-shift", Title: "Many logins outside of office hours", Severity: 40, By: policy.BySource, Window: time.Hour,
			Filter:   "server.port : (22 or 3389) and weir.tcp.state : EST",
			Limit:    policy.Condition{Any: []policy.Condition{limit(policy.Sessions, true, 20), limit(policy.Peers, false, 5)}},
			Schedule: &policy.Schedule{Days: 0b0111110, From: 7 * 60, To: 19 * 60, Zone: "Europe/Zurich", Outside: true},
		},
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       policy.Schedule
	}{
		{"a zone alone is all of the week", "{zone: Asia/Tokyo}", policy.Schedule{Days: 127, To: 1440, Zone: "Asia/Tokyo"}},
		{"days wrap around the week", "{days: [fri-mon]}", policy.Schedule{Days: 0b1100011, To: 1440}},
		{"single days in any case", "{days: [Tue, sat]}", policy.Schedule{Days: 0b1000100, To: 1440}},
		{"hours past midnight", "{hours: 22:00-06:30}", policy.Schedule{Days: 127, From: 1320, To: 390}},
		{"hours to the end of the day", "{hours: '18:00-24:00', applies: inside}", policy.Schedule{Days: 127, From: 1080, To: 1440}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Parse("w", []byte("policies:\n  a:\n    limit: bytes > 1MB\n    schedule: "+c.text+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if s := got.Policies[0].Schedule; s == nil || *s != c.want {
				t.Errorf("got %+v, want %+v", s, c.want)
			}
		})
	}
}

func TestPolicyErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no limit", "policies:\n  a: {by: session}\n", `w:2:3: policy "a": limit: there is none`},
		{"a filter's fault inside quotes", "policies:\n  a:\n    filter: 'client.ip : 10.0.0.1 and source.prot : 80'\n", `w:3:39: no field source.prot; did you mean source.port?`},
		{"a filter's fault in plain text", "policies:\n  a:\n    filter: session.start > 5\n", `w:3:29: session.start wants a time`},
		{"a field of records only", "policies:\n  a:\n    filter: 'network.vlan.id : 5'\n", `w:3:14: network.vlan.id exists on records only`},
		{"a filter in a block", "policies:\n  a:\n    filter: |\n      source.prot : 80\n", `w:3:13: at character 1: no field source.prot`},
		{"a measure that is none", "policies:\n  a:\n    limit: bytes > 1MB and octets > 5\n", `w:3:28: "octets" is not a measure: known are bytes, bytes_out`},
		{"a unit of another measure", "policies:\n  a:\n    limit: duration > 5MB\n", `w:3:23: "5MB" is not a duration like 30s, 1h or 2d`},
		{"less than", "policies:\n  a:\n    limit: bytes < 5MB\n", `w:3:18: after bytes, > or >= should stand`},
		{"a parenthesis too few", "policies:\n  a:\n    limit: (bytes > 5MB\n", `w:3:24: a parenthesis is not closed`},
		{"something behind the limit", "policies:\n  a:\n    limit: bytes > 5MB daily\n", `w:3:24: "daily" stands where`},
		{"too many to tell apart", "policies:\n  a:\n    limit: peers > 20k\n", `w:3:20: 20k is out of range: peers are told apart up to 10000`},
		{"a grouping that is none", "policies:\n  a:\n    by: sourse\n", `w:3:9: "sourse" is not one of session, source, destination, pair, group: did you mean "source"?`},
		{"a window for a session", "policies:\n  a:\n    limit: bytes > 1\n    window: 1h\n", `w:4:13: window: a policy by session has none`},
		{"no window", "policies:\n  a:\n    limit: bytes > 1\n    by: pair\n", `w:2:3: policy "a": window: a policy by pair needs one`},
		{"peers of one session", "policies:\n  a:\n    limit: peers > 1\n", `w:3:12: limit: peers of a single session are always 1`},
		{"a window that is too short", "policies:\n  a: {by: pair, window: 1s}\n", `w:2:25: 1s is out of range: want 10s`},
		{"a day that is none", "policies:\n  a:\n    schedule: {days: [mon-fry]}\n", `w:3:23: found the text "mon-fry" where a day like mon`},
		{"no days", "policies:\n  a:\n    schedule: {days: []}\n", `w:3:22: no days`},
		{"hours of 25", "policies:\n  a:\n    schedule: {hours: 08:00-25:00}\n", `w:3:23: found the text "08:00-25:00" where hours like 08:00-18:00 belong`},
		{"hours without end", "policies:\n  a:\n    schedule: {hours: '08:00-08:00'}\n", `w:3:23: the hours 08:00-08:00 end where they start`},
		{"a zone that is none", "policies:\n  a:\n    schedule: {zone: Europe/Zürich}\n", `w:3:22: "Europe/Zürich" is not a time zone`},
		{"the zone of the machine", "policies:\n  a:\n    schedule: {zone: Local}\n", `w:3:22: zone "Local" differs from machine to machine`},
		{"a severity that is none", "policies:\n  a:\n    severity: hihg\n", `did you mean "high"?`},
		{"an unknown key", "policies:\n  a:\n    limits: bytes > 1\n", `w:3:5: unknown key "limits": did you mean "limit"?`},
		{"a policy twice", "policies:\n  a: {limit: bytes > 1}\n  a: {limit: bytes > 1}\n", `w:3:3: key "a" is given twice`},
		{"a name with a comma", "policies:\n  'a,b': {limit: bytes > 1}\n", `w:2:3: name "a,b"`},
		{"a role that is none", "roles:\n  resolvr: [10.0.0.1]\n", `w:2:3: unknown key "resolvr": did you mean "resolver"?`},
		{"a role's address", "roles:\n  nat: [10.0.0]\n", `w:2:9: "10.0.0" is not an address or CIDR`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("w", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}
