// Package client connects to Elasticsearch or OpenSearch: it knows which of them answers and what that server can do, and says in a
// sentence what is wrong where it does not.
package client

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/sink"
)

// Config says how a cluster is reached. The zero value of all but Nodes is right.
type Config struct {
	Nodes []string // URLs such as https://search-1.example.net:9200; requests go to them in turn, without those that are down

	Username string // basic authentication, with Password
	Password Secret
	APIKey   Secret // "encoded", as the server gives it out; it goes before Username

	TLS sink.TLS
	// Fingerprint is the SHA-256 of the certificate of the cluster's authority in hexadecimal digits, with or without colons, as
	// Elasticsearch prints it at its first start. It takes the place of TLS.CA; names are then not compared.
	Fingerprint string

	Gzip    bool          // requests' bodies are compressed
	Timeout time.Duration // of a request; default 30 s
}

// Secret is a text that is never shown; at most one of its fields is set.
type Secret struct {
	Value string
	Env   string // environment variable that holds it
	File  string // file that holds it, read for each request: it may change
}

// String hides the value.
func (s Secret) String() string {
	switch {
	case s.Env != "":
		return "environment variable " + s.Env
	case s.File != "":
		return "file " + s.File
	case s.Value != "":
		return "(hidden)"
	}
	return ""
}

// GoString hides the value.
func (s Secret) GoString() string { return s.String() }

// set tells whether there is a secret.
func (s Secret) set() bool { return s != Secret{} }

// read returns the secret; its errors do not show it.
func (s Secret) read(getenv func(string) string) (string, error) {
	text := s.Value
	switch {
	case s.Env != "":
		if text = getenv(s.Env); text == "" {
			return "", fmt.Errorf("the environment variable %s is empty", s.Env)
		}
	case s.File != "":
		b, err := os.ReadFile(s.File)
		if err != nil {
			return "", err
		}
		if text = strings.TrimSpace(string(b)); text == "" {
			return "", fmt.Errorf("%s is empty", s.File)
		}
	}
	if strings.ContainsAny(text, "\r\n\x00") {
		return "", errors.New("it has more than one line")
	}
	return text, nil
}

// Defaults of [Config].
const defaultTimeout = 30 * time.Second

// check returns the configuration with its defaults.
func (c Config) check() (Config, error) {
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	if len(c.Nodes) == 0 {
		return c, errors.New("elastic: no nodes: name at least one, like https://search.example.net:9200")
	}
	for _, n := range c.Nodes {
		// What is wrong is not shown: a password may stand in it.
		u, err := url.Parse(n)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return c, errors.New("elastic: a node is not a URL of the form https://HOST:PORT")
		}
		if u.User != nil {
			return c, fmt.Errorf("elastic: node %s: user and password do not belong into its URL", u.Host)
		}
	}
	if (c.Username != "") != c.Password.set() {
		return c, errors.New("elastic: user name and password belong together")
	}
	if c.Fingerprint != "" {
		c.Fingerprint = strings.ToLower(strings.ReplaceAll(c.Fingerprint, ":", ""))
		if b, err := hex.DecodeString(c.Fingerprint); err != nil || len(b) != 32 {
			return c, errors.New("elastic: the fingerprint is not a SHA-256 in 64 hexadecimal digits")
		}
	}
	return c, nil
}
