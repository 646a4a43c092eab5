package config

import (
	"fmt"
	"math"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Interface is what the user says of an interface of an exporter; zero members are left to the exporter.
type Interface struct {
	Index       uint32 // ifIndex
	Name, Alias string
	Speed       uint64 // bit/s
}

// SNMP says how exporters are asked for their interfaces.
type SNMP struct {
	Address         string // HOST:PORT; "": the exporter's address, port 161
	Version         string // "2c" or "3"
	Community       Secret
	User            string
	Auth            string // "" is none
	AuthPassword    Secret
	Privacy         string // "" is none
	PrivacyPassword Secret
	Context         string
	Interval        time.Duration
	Timeout         time.Duration // of a request
	Retries         int           // of a request
	Repetitions     int           // rows a request
}

// Secret is a password; one of the members is set. It is never shown.
type Secret struct{ Value, Env, File string }

// String hides the secret.
func (s Secret) String() string { return "(hidden)" }

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// IsZero tells whether nothing is set.
func (s Secret) IsZero() bool { return s == Secret{} }

func defaultSNMP() SNMP {
	return SNMP{Version: "2c", Interval: time.Minute, Timeout: 2 * time.Second, Retries: 1, Repetitions: 10}
}

// maxSpeed is the greatest speed of an interface, in bit/s.
const maxSpeed = 1e15

func interfaceKeys(i *Interface) []key {
	return []key{
		textKey("name", "text", "what the exporter or SNMP says", "Name of the interface, such as `ge-0/0/1`.", &i.Name),
		textKey("alias", "text", "what SNMP says", "What it is for.", &i.Alias),
		{name: "speed", kind: "rate", def: "what SNMP or sFlow says", doc: "Speed in bit/s, such as `1Gbps`.", read: func(d *decoder, n *yaml.Node) { d.speed(n, &i.Speed) }},
	}
}

// speed reads a rate in bit/s, with or without that unit.
func (d *decoder) speed(n *yaml.Node, at *uint64) {
	plain, v := *n, 0.0
	for _, unit := range []string{"bit/s", "bps"} {
		plain.Value = strings.TrimSuffix(plain.Value, unit)
	}
	faults := len(d.errs)
	d.rate(&plain, &v)
	switch {
	case len(d.errs) > faults:
	case v < 1 || v > maxSpeed:
		d.fail(n, "%s is no speed of an interface", n.Value)
	default:
		*at = uint64(v)
	}
}

func (d *decoder) interfaces(n *yaml.Node, e *Exporter) {
	d.pairs(n, func(name, value *yaml.Node) {
		index, ok := d.integer(name, 1, math.MaxUint32)
		i := Interface{Index: uint32(index)}
		d.mapping(value, interfaceKeys(&i))
		if ok {
			e.Interfaces = append(e.Interfaces, i)
		}
	})
}

func snmpKeys(s *SNMP) []key {
	return []key{
		{name: "version", kind: "`2c` or `3`", def: "2c", doc: "Version of the protocol.", read: func(d *decoder, n *yaml.Node) { d.snmpVersion(n, &s.Version) }},
		{name: "address", kind: "address", def: "the exporter's, port 161", doc: "HOST:PORT where it is asked, if elsewhere.",
			read: func(d *decoder, n *yaml.Node) {
				if a, ok := d.address(n, "192.0.2.1:161"); ok {
					s.Address = a
				}
			}},
		secretKey("community", "Community of version 2c.", &s.Community),
		textKey("user", "name", "", "User of version 3.", &s.User),
		{name: "auth", kind: "`none`, `md5`, `sha`, `sha224`, `sha256`, `sha384` or `sha512`", def: "none", doc: "How version 3 authenticates.",
			read: func(d *decoder, n *yaml.Node) {
				d.noneOr(n, &s.Auth, "md5", "sha", "sha224", "sha256", "sha384", "sha512")
			}},
		secretKey("auth_password", "Password of that, 8 characters or more.", &s.AuthPassword),
		{name: "privacy", kind: "`none`, `des`, `aes`, `aes192`, `aes256`, `aes192c` or `aes256c`", def: "none", doc: "How version 3 encrypts; the last two are Cisco's way to lengthen keys.",
			read: func(d *decoder, n *yaml.Node) {
				d.noneOr(n, &s.Privacy, "des", "aes", "aes192", "aes256", "aes192c", "aes256c")
			}},
		secretKey("privacy_password", "Password of that, 8 characters or more.", &s.PrivacyPassword),
		textKey("context", "name", "none", "Context of version 3.", &s.Context),
		{name: "interval", kind: "duration", def: "1m", doc: "How often it is asked.", read: func(d *decoder, n *yaml.Node) { d.duration(n, &s.Interval, 5*time.Second, time.Hour) }},
		{name: "timeout", kind: "duration", def: "2s", doc: "How long a request may take.", read: func(d *decoder, n *yaml.Node) { d.duration(n, &s.Timeout, 100*time.Millisecond, time.Minute) }},
		{name: "retries", kind: "number", def: "1", doc: "How often a request is sent again.", read: func(d *decoder, n *yaml.Node) { d.count(n, &s.Retries, 10) }},
		{name: "repetitions", kind: "number", def: "10", doc: "Rows a request; less for agents that do not answer long ones.",
			read: func(d *decoder, n *yaml.Node) {
				if v, ok := d.integer(n, 1, 100); ok {
					s.Repetitions = int(v)
				}
			}},
	}
}

func (d *decoder) snmpVersion(n *yaml.Node, at *string) {
	plain := *n
	if plain.Kind == yaml.ScalarNode {
		plain.Tag = "!!str" // 3 looks like a number
	}
	d.oneOf(&plain, at, "2c", "3")
}

func (d *decoder) noneOr(n *yaml.Node, at *string, words ...string) {
	word := ""
	if d.oneOf(n, &word, append([]string{"none"}, words...)...); word != "" && word != "none" {
		*at = word
	}
}

// secretKeys are where a secret is.
func secretKeys(s *Secret) []key {
	return []key{
		textKey("value", "text", "", "The secret itself.", &s.Value),
		textKey("env", "name", "", "Environment variable that holds it.", &s.Env),
		textKey("file", "file", "", "File that holds it; it is read whenever it is needed.", &s.File),
	}
}

func secretKey(name, doc string, at *Secret) key {
	return key{name: name, kind: "`{value: TEXT}`, `{env: VARIABLE}` or `{file: PATH}`", doc: doc, read: func(d *decoder, n *yaml.Node) { d.secret(n, name, at) }}
}

// secret never shows what it found.
func (d *decoder) secret(n *yaml.Node, name string, at *Secret) {
	if n.Kind == yaml.ScalarNode {
		d.fail(n, "%s: the secret belongs below value, env or file, like {env: WEIR_SNMP}", name)
		return
	}
	faults := len(d.errs)
	d.mapping(n, secretKeys(at))
	given := 0
	for _, s := range []string{at.Value, at.Env, at.File} {
		if s != "" {
			given++
		}
	}
	if len(d.errs) == faults && given != 1 {
		d.fail(n, "%s: give one of value, env and file", name)
	}
}

// snmp reads how exporters are asked, and checks that the credentials are whole.
func (d *decoder) snmp(n *yaml.Node, e *Exporter) {
	s, faults := defaultSNMP(), len(d.errs)
	d.mapping(n, snmpKeys(&s))
	e.SNMP = &s
	if len(d.errs) > faults {
		return
	}
	if why := s.lacks(); why != "" {
		d.fail(n, "snmp: %s", why)
	}
}

// lacks says what is missing of the credentials, or too much.
func (s *SNMP) lacks() string {
	v3 := s.User != "" || s.Auth != "" || s.Privacy != "" || !s.AuthPassword.IsZero() || !s.PrivacyPassword.IsZero() || s.Context != ""
	switch {
	case s.Version == "2c" && v3:
		return "user, passwords and context are for version 3: add version: 3"
	case s.Version == "2c" && s.Community.IsZero():
		return "no community, like community: {env: WEIR_SNMP}"
	case s.Version == "2c":
		return ""
	case !s.Community.IsZero():
		return "community is for version 2c"
	case s.User == "":
		return "no user"
	case s.Privacy != "" && s.Auth == "":
		return "privacy needs auth"
	}
	for _, p := range []struct {
		name, way string
		password  Secret
	}{{"auth", s.Auth, s.AuthPassword}, {"privacy", s.Privacy, s.PrivacyPassword}} {
		if (p.way == "") != p.password.IsZero() {
			return fmt.Sprintf("%s and %s_password belong together", p.name, p.name)
		}
		if n := len(p.password.Value); n > 0 && n < 8 {
			return fmt.Sprintf("%s_password has less than 8 characters", p.name)
		}
	}
	return ""
}
