// Package webhook posts alerts as JSON to a URL.
package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/sink"
)

// Config says where alerts are posted.
type Config struct {
	Name    string // of the output, for the log
	URL     string // http or https; nothing of it but the host is ever shown: the rest often holds secrets
	Headers []Header
	Batch   int           // most events a request; 1: one a request
	Timeout time.Duration // of a request
	TLS     sink.TLS
	// Retry bounds the wait between attempts.
	RetryFirst, RetryMost time.Duration
}

// Header is a header of each request; one of Value, Env and File is set.
type Header struct {
	Name  string
	Value string
	Env   string // environment variable that holds the value
	File  string // file that holds the value, read for each request
}

// DefaultConfig returns a Config without a URL.
func DefaultConfig() Config {
	return Config{Batch: 100, Timeout: 10 * time.Second, RetryFirst: 500 * time.Millisecond, RetryMost: time.Minute}
}

// Deps is what a Sender is given from outside.
type Deps struct {
	Queue  sink.Queue
	Log    *slog.Logger
	Now    func() time.Time
	Getenv func(string) string // nil: [os.Getenv]
}

// errURL does not show the URL, which may hold a password.
var errURL = errors.New("webhook: the url is not of the form https://HOST/PATH")

// New checks the configuration and returns a Sender that does nothing yet.
func New(cfg Config, deps Deps) (*Sender, error) {
	def := DefaultConfig()
	cfg.Batch, cfg.Timeout = cmp.Or(cfg.Batch, def.Batch), cmp.Or(cfg.Timeout, def.Timeout)
	cfg.RetryFirst, cfg.RetryMost = cmp.Or(cfg.RetryFirst, def.RetryFirst), cmp.Or(cfg.RetryMost, def.RetryMost)
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return nil, errURL
	case deps.Queue == nil || deps.Now == nil:
		return nil, errors.New("webhook: no queue or no clock")
	case cfg.Batch < 1:
		return nil, errors.New("webhook: batches hold at least 1 alert")
	}
	if deps.Getenv == nil {
		deps.Getenv = os.Getenv
	}
	return &Sender{
		cfg: cfg, deps: deps, host: u.Host,
		outage: sink.NewOutage(deps.Log, deps.Now, "output "+cfg.Name+": alerts not taken by the webhook's receiver"),
	}, nil
}

// header returns the headers of a request, with secrets as of now.
func (s *Sender) header() (http.Header, error) {
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Weir"}}
	for _, c := range s.cfg.Headers {
		v := c.Value
		switch {
		case c.Env != "":
			if v = s.deps.Getenv(c.Env); v == "" {
				return nil, fmt.Errorf("header %s: the environment variable %s is empty", c.Name, c.Env)
			}
		case c.File != "":
			b, err := os.ReadFile(c.File)
			if err != nil {
				return nil, fmt.Errorf("header %s: %w", c.Name, err)
			}
			v = strings.TrimSpace(string(b))
		}
		if strings.ContainsAny(v, "\r\n\x00") {
			return nil, fmt.Errorf("header %s: the value has more than one line", c.Name)
		}
		h[textproto.CanonicalMIMEHeaderKey(c.Name)] = []string{v}
	}
	return h, nil
}
