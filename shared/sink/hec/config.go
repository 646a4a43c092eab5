package hec

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink"
)

// Config says where events go, and how. [DefaultConfig] is a start.
type Config struct {
	Name  string        // of the output, for the log
	URLs  []string      // of the collectors, like https://splunk.example.net:8088; senders spread over them
	Token config.Secret // read for each request, so that a new one counts at once
	TLS   sink.TLS
	Names Names

	Dir        string        // folder of the spools, its own
	Spool      int64         // bytes that may wait on disk, compressed, alerts aside
	Piece      int           // bytes of events that are sent together, before they are compressed
	Age        time.Duration // after it a smaller piece is sent
	Senders    int           // of flows; alerts have one more
	Window     int           // pieces of a sender that may wait for their acknowledgement
	Timeout    time.Duration // of a request
	AckEvery   time.Duration // between questions for acknowledgements
	AckTimeout time.Duration // after it a piece that is not acknowledged is sent again
	FirstWait  time.Duration // after the first failure; it doubles, with jitter
	MostWait   time.Duration
	Linger     time.Duration // how long Stop waits for acknowledgements; what has none by then is sent again by the next start

	Unacknowledged bool // acknowledgements are not asked for, even where the token has them
	Wait           bool // Put waits where memory is full, rather than drop: for replays, which have time
}

// DefaultConfig returns a configuration without URL, token and folder.
func DefaultConfig() Config {
	return Config{
		Name: "hec", Names: Names{Source: "weir"}, Spool: 1 << 30, Piece: 1 << 20, Age: time.Second, Senders: 2, Window: 64, Timeout: 30 * time.Second,
		AckEvery: time.Second, AckTimeout: 2 * time.Minute, FirstWait: 250 * time.Millisecond, MostWait: 30 * time.Second, Linger: 3 * time.Second,
	}
}

// Deps is what a sink is given from outside.
type Deps struct {
	Log    *slog.Logger
	Now    func() time.Time    // nil: the wall clock
	Getenv func(string) string // nil: [os.Getenv]
}

// Least sizes.
const (
	minPiece = 4 << 10
	minSpool = 1 << 20
)

func (c Config) check() (Config, error) {
	d := DefaultConfig()
	c.Name, c.Names.Source = cmp.Or(c.Name, d.Name), cmp.Or(c.Names.Source, d.Names.Source)
	c.Spool, c.Piece, c.Age, c.Senders, c.Window = cmp.Or(c.Spool, d.Spool), cmp.Or(c.Piece, d.Piece), cmp.Or(c.Age, d.Age), cmp.Or(c.Senders, d.Senders), cmp.Or(c.Window, d.Window)
	c.Timeout, c.AckEvery, c.AckTimeout = cmp.Or(c.Timeout, d.Timeout), cmp.Or(c.AckEvery, d.AckEvery), cmp.Or(c.AckTimeout, d.AckTimeout)
	c.FirstWait, c.MostWait = cmp.Or(c.FirstWait, d.FirstWait), cmp.Or(c.MostWait, d.MostWait)
	switch {
	case len(c.URLs) == 0:
		return c, errors.New("hec: no url")
	case c.Dir == "":
		return c, errors.New("hec: no folder for what waits")
	case c.Token.IsZero():
		return c, errors.New("hec: no token")
	case c.Piece < minPiece || c.Spool < minSpool || c.Senders < 1 || c.Window < 1:
		return c, errors.New("hec: a size is too small")
	case min(c.Age, c.Timeout, c.AckEvery, c.AckTimeout, c.FirstWait, c.MostWait) <= 0 || c.Linger < 0:
		return c, errors.New("hec: times must be positive")
	}
	return c, nil
}

// Paths of the collector below its address.
const (
	eventPath  = "/services/collector/event"
	ackPath    = "/services/collector/ack"
	healthPath = "/services/collector/health"
)

// target is a collector.
type target struct {
	event, ack, health string // URLs
	host               string // what of them is shown
}

// errURL does not show the URL, which may hold a password.
var errURL = errors.New("hec: a url is not of the form https://HOST:8088")

// targetOf reads a URL: that of the collector, or with the whole path of the endpoint as others give it.
func targetOf(text string) (target, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return target{}, errURL
	}
	base := strings.TrimRight(u.Path, "/")
	for _, end := range []string{"/event", "/collector", "/services"} {
		base = strings.TrimSuffix(base, end)
	}
	at := func(path string) string {
		w := *u
		w.Path = base + path
		return w.String()
	}
	return target{event: at(eventPath), ack: at(ackPath), health: at(healthPath), host: u.Host}, nil
}

// token returns the value of the header Authorization, as of now. Errors do not show it.
func (c *Config) token(getenv func(string) string) (string, error) {
	v := c.Token.Value
	switch {
	case c.Token.Env != "":
		if v = getenv(c.Token.Env); v == "" {
			return "", fmt.Errorf("hec: token: the environment variable %s is empty", c.Token.Env)
		}
	case c.Token.File != "":
		text, err := os.ReadFile(c.Token.File)
		if err != nil {
			return "", fmt.Errorf("hec: token: %w", err)
		}
		v = string(text)
	}
	v = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(v), "Splunk "))
	if v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("hec: the token is empty, or has spaces in it")
	}
	return "Splunk " + v, nil
}

// transport returns what requests go by. Pieces are compressed as they are.
func (c *Config) transport() (*http.Transport, error) {
	t, err := c.TLS.Load()
	if err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	return &http.Transport{
		TLSClientConfig: t, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true,
		MaxIdleConnsPerHost: c.Senders + 1, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: c.Timeout, ResponseHeaderTimeout: c.Timeout,
	}, nil
}
