package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var exampleInterfaces = []Interface{{Index: 3, Name: "ge-0/0/1", Alias: "uplink", Speed: 1e9}}

func exampleSNMP(v3 bool) *SNMP {
	s := &SNMP{Version: "2c", Community: Secret{Env: "WEIR_SNMP_COMMUNITY"}, Interval: time.Minute, Timeout: 2 * time.Second, Retries: 1, Repetitions: 10}
	if v3 {
		s.Version, s.Community, s.Address, s.User, s.Context = "3", Secret{}, "192.0.2.129:161", "weir", "edge"
		s.Auth, s.AuthPassword = "sha256", Secret{Env: "WEIR_SNMP_AUTH"}
		s.Privacy, s.PrivacyPassword = "aes", Secret{File: "/etc/weir/snmp-privacy"}
	}
	return s
}

func TestSpeeds(t *testing.T) {
	for text, want := range map[string]uint64{"1Gbps": 1e9, "1G": 1e9, "100 Mbit/s": 100e6, "10000000": 1e7, "2.5Gbps": 2500e6, "400Gbps": 400e9} {
		c, err := Parse("weir.yaml", fmt.Appendf(nil, "exporters: {192.0.2.1: {interfaces: {7: {speed: %s}}}}", text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Exporters[0].Interfaces[0]; got.Index != 7 || got.Speed != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestInterfaceErrors(t *testing.T) {
	const at = "exporters: {192.0.2.1: {snmp: "
	for _, c := range []struct{ name, text, want string }{
		{"ifIndex 0", "exporters: {192.0.2.1: {interfaces: {0: {}}}}", "1:38: 0 is out of range: want 1 to 4294967295"},
		{"no speed", "exporters: {192.0.2.1: {interfaces: {1: {speed: fast}}}}", `1:49: found the text "fast" where a rate like 100M`},
		{"speed of nothing", "exporters: {192.0.2.1: {interfaces: {1: {speed: 0}}}}", "1:49: 0 is no speed of an interface"},
		{"no community", at + "{version: 2c}}}", "1:31: snmp: no community, like community: {env: WEIR_SNMP}"},
		{"community in the open", at + "{community: s3cret}}}", "1:43: community: the secret belongs below value, env or file"},
		{"two places", at + "{community: {value: s3cret, env: A}}}}", "1:43: community: give one of value, env and file"},
		{"v3 without a user", at + "{version: 3}}}", "1:31: snmp: no user"},
		{"user with 2c", at + "{user: u, community: {value: s3cret}}}}", "1:31: snmp: user, passwords and context are for version 3: add version: 3"},
		{"auth without a password", at + "{version: 3, user: u, auth: sha}}}", "1:31: snmp: auth and auth_password belong together"},
		{"privacy without auth", at + "{version: 3, user: u, privacy: aes, privacy_password: {env: A}}}}", "1:31: snmp: privacy needs auth"},
		{"short password", at + "{version: 3, user: u, auth: sha, auth_password: {value: s3cret}}}}", "1:31: snmp: auth_password has less than 8 characters"},
		{"version 1", at + "{version: 1, community: {value: s3cret}}}}", `1:41: "1" is not one of 2c, 3`},
		{"address of many", "exporters: {192.0.2.0/24: {snmp: {address: 'a:1', community: {value: s3cret}}}}", "1:13: snmp.address is of one exporter, and 192.0.2.0/24 is of several"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), "f:"+c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the secret is told: %v", err)
			}
		})
	}
}

// TestSecretsHidden: nothing that prints a configuration prints a secret.
func TestSecretsHidden(t *testing.T) {
	c, err := Parse("f", []byte("exporters: {192.0.2.1: {snmp: {version: 3, user: u, auth: sha, auth_password: {value: s3cret-s3cret}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, *c.Exporters[0].SNMP); strings.Contains(text, "s3cret") {
			t.Errorf("%s: %s", format, text)
		}
	}
}
