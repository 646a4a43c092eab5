package snmp

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Config says whom to ask, and bounds what that takes. The zero value of every bound means its default.
type Config struct {
	Agents        []Agent
	Concurrent    int // exporters asked at a time; 0 is 8
	MaxExporters  int // exporters asked at all, those of prefixes among them; 0 is 1,000
	MaxInterfaces int // interfaces of an exporter; further ones are left out; 0 is 4,096
}

// Agent is how the exporters in a prefix are asked. A prefix of one address is asked whether or not it has sent anything; of longer
// ones those that have.
type Agent struct {
	Exporters       netip.Prefix
	Address         string // HOST:PORT; "": the exporter's address and port 161
	Version         string // "2c" or "3"; "" is 2c
	Community       Secret // v2c
	User            string // v3
	Auth            string // v3: "md5", "sha", "sha224", "sha256", "sha384", "sha512", or "" for none
	AuthPassword    Secret
	Privacy         string // v3: "des", "aes", "aes192", "aes256", "aes192c", "aes256c", or "" for none
	PrivacyPassword Secret
	Context         string        // v3: context name
	Interval        time.Duration // 0 is 60 s
	Timeout         time.Duration // of a request; 0 is 2 s
	Retries         int           // of a request; 0 is 1, less is none
	Repetitions     int           // rows a request (max-repetitions of GETBULK); 0 is 10
}

// Secret is a password or community: one of the members is set.
type Secret struct {
	Value string
	Env   string // name of an environment variable
	File  string // path of a file; a line break at its end is cut
}

// errSecret marks secrets that cannot be had.
var errSecret = errors.New("secret")

// read returns the secret.
func (s Secret) read() (string, error) {
	switch {
	case s.Env != "":
		v, ok := os.LookupEnv(s.Env)
		if !ok || v == "" {
			return "", fmt.Errorf("%w: environment variable %s is not set", errSecret, s.Env)
		}
		return v, nil
	case s.File != "":
		text, err := os.ReadFile(s.File)
		if err != nil {
			return "", fmt.Errorf("%w: %w", errSecret, err)
		}
		v := strings.TrimRight(string(text), "\r\n")
		if v == "" {
			return "", fmt.Errorf("%w: file %s is empty", errSecret, s.File)
		}
		return v, nil
	case s.Value == "":
		return "", fmt.Errorf("%w: none is given", errSecret)
	}
	return s.Value, nil
}

// IsZero tells whether nothing is set.
func (s Secret) IsZero() bool { return s == Secret{} }

// String hides the secret.
func (s Secret) String() string { return "(hidden)" }

// DefaultConfig returns the bounds for a collector.
func DefaultConfig() Config { return Config{Concurrent: 8, MaxExporters: 1000, MaxInterfaces: 4096} }

func (c Config) withDefaults() (Config, error) {
	d := DefaultConfig()
	c.Concurrent, c.MaxExporters = cmp.Or(c.Concurrent, d.Concurrent), cmp.Or(c.MaxExporters, d.MaxExporters)
	c.MaxInterfaces = cmp.Or(c.MaxInterfaces, d.MaxInterfaces)
	c.Agents = append([]Agent(nil), c.Agents...)
	for i := range c.Agents {
		a := &c.Agents[i]
		a.Version, a.Interval, a.Timeout = cmp.Or(a.Version, "2c"), cmp.Or(a.Interval, time.Minute), cmp.Or(a.Timeout, 2*time.Second)
		a.Retries, a.Repetitions = max(cmp.Or(a.Retries, 1), 0), cmp.Or(a.Repetitions, 10)
		if err := a.check(); err != nil {
			return c, fmt.Errorf("snmp: %s: %w", a.Exporters, err)
		}
	}
	return c, nil
}

func (a *Agent) check() error {
	if a.Address != "" {
		if _, _, err := net.SplitHostPort(a.Address); err != nil {
			return fmt.Errorf("address: %w", err)
		}
		if !a.Exporters.IsSingleIP() {
			return errors.New("an address is of one exporter, not of a prefix")
		}
	}
	_, authKnown := authProtocols[a.Auth]
	_, privacyKnown := privacyProtocols[a.Privacy]
	switch {
	case !a.Exporters.IsValid():
		return errors.New("no exporters")
	case a.Version == "2c":
		if a.Community.IsZero() {
			return errors.New("no community")
		}
	case a.Version != "3":
		return fmt.Errorf("version %q is neither 2c nor 3", a.Version)
	case a.User == "":
		return errors.New("no user")
	case !authKnown:
		return fmt.Errorf("auth %q is not known", a.Auth)
	case !privacyKnown:
		return fmt.Errorf("privacy %q is not known", a.Privacy)
	case a.Auth == "" && a.Privacy != "":
		return errors.New("privacy needs auth")
	}
	return nil
}

// Deps is what a poller works with.
type Deps struct {
	Symbols *flow.Symbols                // of the samples' names
	Take    func([]flow.InterfaceSample) // called from several goroutines; the list is the callee's
	Seen    func() []netip.Addr          // exporters that have sent; nil: prefixes of several addresses ask nobody
	Now     func() time.Time             // nil is time.Now
	Log     *slog.Logger                 // nil: none
}
