package behavior

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// withRole returns an engine that knows of one host's role.
func withRole(t *testing.T, role enrich.RoleSet, host string) *Engine {
	t.Helper()
	roles, err := enrich.NewRoles([]enrich.RoleOf{{Role: role, Prefixes: []netip.Prefix{netip.MustParsePrefix(host + "/32")}}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Config{Budget: Budget{Contacts: 1 << 18}}, Deps{Symbols: flow.NewSymbols(), Roles: roles, Secret: [16]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// labels are the severities of findings, by detector.
func labels(found map[string][]flow.Alert) map[string]string {
	got := map[string]string{}
	for detector, list := range found {
		for _, a := range list {
			got[detector] += a.SeverityLabel
		}
	}
	return got
}

// TestRoles: what a role changes, against the same acts of a host without it.
func TestRoles(t *testing.T) {
	const host, outside = "10.1.0.5", "203.0.113.9"
	const in, out, internal = flow.Inbound, flow.Outbound, flow.Internal
	probe := act{client: host, port: 22, state: flow.StateS0, direction: internal}
	refused := act{client: host, server: "10.2.0.9", state: flow.StateREJ, direction: internal}
	attempt := act{client: host, server: "10.2.0.9", port: 22, state: flow.StateEST, direction: internal, packets: 15, bytes: 2400, lasts: 2 * time.Second}
	success := attempt
	success.at, success.lasts, success.packets, success.bytes = 20*time.Minute, 40*time.Minute, 900, 90_000
	upload := act{client: host, server: "198.51.100.7", port: 443, state: flow.StateEST, direction: out, packets: 2_000_000, bytes: 2_500_000_000, back: 2_000_000, lasts: 5 * time.Minute, service: 1}
	fromOutside := act{client: outside, server: host, port: 22, state: flow.StateEST, direction: in, packets: 900, bytes: 90_000, lasts: time.Minute}
	known := []act{fromOutside, change(fromOutside, func(a *act) { a.client, a.at = "203.0.113.10", 25*time.Hour })}
	on := func(a act, port uint16) act { return change(a, func(a *act) { a.port = port }) }
	guesses := times(40, 5*time.Second, attempt)
	none := map[string]string{}
	one := func(detector, label string) map[string]string { return map[string]string{detector: label} }

	for _, c := range []struct {
		name          string
		role          enrich.RoleSet
		acts          []act
		without, with map[string]string
	}{
		{"a scanner's scan is information", enrich.Scanner, hosts(200, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "info")},
		{"a scanner's ports", enrich.Scanner, ports(200, refused), one(verticalName, "high"), one(verticalName, "info")},
		{"a scanner's block", enrich.Scanner, block(20, 20, refused), one(blockName, "high"), one(blockName, "info")},
		{"a tester's scan", enrich.Tester, hosts(200, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "info")},
		{"discovery by network management", enrich.Management, hosts(200, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "info")},
		{"a backup server may not scan", enrich.Backup, hosts(200, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "high")},
		{"a mail server meets servers that are gone", enrich.Mail, hosts(400, time.Second, on(probe, 25)), one(horizontalName, "high"), none},
		{"a thousand are too many", enrich.Mail, hosts(1100, time.Second, on(probe, 587)), one(horizontalName, "high"), one(horizontalName, "high")},
		{"a mail server may not scan other ports", enrich.Mail, hosts(200, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "high")},
		{"a resolver asks servers that are gone", enrich.Resolver, hosts(200, time.Second, on(probe, 53)), one(horizontalName, "high"), none},
		{"a resolver may not scan other ports", enrich.Resolver, hosts(200, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "high")},
		{"many hosts behind one address", enrich.NAT, hosts(200, time.Second, probe), one(horizontalName, "high"), none},
		{"too many for those, but not one of them", enrich.NAT, hosts(600, time.Second, probe), one(horizontalName, "high"), one(horizontalName, "medium")},
		{"attempts of many behind one address", enrich.NAT, guesses, one("brute.ssh", "high"), none},
		{"too many attempts for those", enrich.NAT, times(400, 4*time.Second, attempt), one("brute.ssh", "high"), one("brute.ssh", "medium")},
		{"as many, but too slow for those", enrich.NAT, times(400, 20*time.Second, attempt), one("brute.ssh", "high"), none},
		{"a job without a credential", enrich.Automation, guesses, one("brute.ssh", "high"), one("brute.ssh", "info")},
		{"many such jobs", enrich.Automation, append(guesses, times(40, 5*time.Second, change(attempt, func(a *act) { a.server = "10.2.0.10" }))...), one("brute.ssh", "high"), one("brute.ssh", "low")},
		{"a job that has its credential again", enrich.Automation, append(times(40, 5*time.Second, attempt), success), map[string]string{"brute.ssh": "high", successName: "high"}, map[string]string{"brute.ssh": "info", successName: "low"}},
		{"a backup to outside", enrich.Backup, []act{upload}, one(exfilName, "high"), one(exfilName, "low")},
		{"an upload from behind a shared address", enrich.NAT, []act{upload}, one(exfilName, "high"), one(exfilName, "medium")},
		{"a scanner may not send files out", enrich.Scanner, []act{upload}, one(exfilName, "high"), one(exfilName, "high")},
		{"new logins to a jump host", enrich.JumpHost, known, one(newLoginName, "infolow"), one(newLoginName, "infoinfo")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.without, sorted(labels(play(t, c.acts)))); d != "" {
				t.Errorf("without the role (-want +got)\n%s", d)
			}
			found := playTo(t, withRole(t, c.role, host), c.acts)
			if d := cmp.Diff(c.with, sorted(labels(found))); d != "" {
				t.Errorf("with the role (-want +got)\n%s", d)
			}
			for detector, list := range found {
				bounded := c.with[detector] != c.without[detector]
				if named := strings.Contains(list[0].Title, "(role "+c.role.Names()[0]+")"); named != bounded {
					t.Errorf("%q names the role: %v, want %v", list[0].Title, named, bounded)
				}
			}
		})
	}
}

// sorted puts two labels in an order that does not hang on ids.
func sorted(got map[string]string) map[string]string {
	for detector, l := range got {
		if l == "lowinfo" {
			got[detector] = "infolow"
		}
	}
	return got
}

func change(a act, f func(*act)) act { f(&a); return a }

// TestOutsideJumpHost: administrators may come from a known host outside.
func TestOutsideJumpHost(t *testing.T) {
	login := act{client: "203.0.113.9", server: "10.1.0.5", port: 22, state: flow.StateEST, direction: flow.Inbound, packets: 900, bytes: 90_000, lasts: time.Minute}
	first := change(login, func(a *act) { a.client = "203.0.113.77" })
	login.at = 25 * time.Hour
	got := labels(playTo(t, withRole(t, enrich.JumpHost, "203.0.113.9"), []act{first, login}))
	if d := cmp.Diff(map[string]string{newLoginName: "infoinfo"}, got); d != "" {
		t.Error(d)
	}
}
