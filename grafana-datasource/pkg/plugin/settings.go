package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"

	"github.com/weirflow/weir/shared/query"
)

// settings are what users configure of a data source in jsonData, besides what Grafana's HTTP settings have (TLS, timeout, headers).
type settings struct {
	// MinInterval is the shortest bucket of series that follow the panel; "": a second.
	MinInterval string `json:"timeInterval"`
	// ShareSeconds is for how long an answer is used again by those who ask the same; nil: 5, 0: not at all. [model.Window.Share] has it
	// for ranges that end now.
	ShareSeconds *float64 `json:"shareSeconds"`
	// Concurrent is how many questions are put to the collector at a time; more wait. 0: 6, what the collector answers one token at a time.
	Concurrent int `json:"concurrent"`
	// OAuthPassThru and KeepCookies are Grafana's: requests go out in the name of the user.
	OAuthPassThru bool     `json:"oauthPassThru"`
	KeepCookies   []string `json:"keepCookies"`
	// Backend is what is asked: "" or "collector", or "elasticsearch", which is OpenSearch too.
	Backend string `json:"backend"`
	// Namespace is that of the data streams in Elasticsearch; "": default.
	Namespace string `json:"namespace"`
	// PublicLinks is whether menus hold links to public services; nil: yes.
	PublicLinks *bool `json:"publicLinks"`
}

// Kinds of what is asked.
const (
	collectorBackend = "collector"
	elasticBackend   = "elasticsearch"
)

const (
	defaultShare      = 5 * time.Second
	maxShare          = time.Minute
	defaultConcurrent = 6
	maxConcurrent     = 64
)

// tokenKey is where secureJsonData has the token of the collector's API.
const tokenKey = "token"

func parseSettings(from backend.DataSourceInstanceSettings) (settings, error) {
	var s settings
	if len(from.JSONData) > 0 {
		if err := json.Unmarshal(from.JSONData, &s); err != nil {
			return s, fmt.Errorf("read jsonData: %w", err)
		}
	}
	if s.MinInterval != "" {
		if _, err := query.ParseInterval("timeInterval", s.MinInterval); err != nil {
			return s, err
		}
	}
	switch s.Backend {
	case "", collectorBackend, elasticBackend:
	default:
		return s, &query.Error{Part: "backend", Text: fmt.Sprintf("%q is neither %s nor %s", s.Backend, collectorBackend, elasticBackend)}
	}
	if s.Concurrent <= 0 {
		s.Concurrent = defaultConcurrent
	}
	s.Concurrent = min(s.Concurrent, maxConcurrent)
	return s, nil
}

// share is for how long an answer is used again. What is answered to a user (to a proxy before the collector, which lets users in) is
// nobody else's.
func (s *settings) share() time.Duration {
	if s.OAuthPassThru || len(s.KeepCookies) > 0 {
		return 0
	}
	if s.ShareSeconds == nil {
		return defaultShare
	}
	return min(max(0, time.Duration(*s.ShareSeconds*float64(time.Second))), maxShare)
}

func (s *settings) publicLinks() bool { return s.PublicLinks == nil || *s.PublicLinks }

// source is what answers, with all but links and health in common.
type source interface {
	query.Engine
	query.SessionReader
	query.ValuesReader
	query.GraphReader
	query.AlertReader
	query.InterfaceReader
	query.ExporterReader
}

// connection is how what answers is reached: both clients of a collector use the same connections, that for streams has no time limit.
type connection struct {
	asking    source
	collector *query.Client // nil: Elasticsearch answers, which has neither links nor streams of alerts
	following *query.Client // nil: the same
	transport *http.Transport
}

// connect makes the connection of a data source; nothing is sent yet.
func connect(ctx context.Context, from backend.DataSourceInstanceSettings, s *settings) (*connection, error) {
	address := strings.TrimSpace(from.URL)
	if address == "" {
		return nil, &query.Error{Part: "URL", Text: "is missing: write the collector's into the data source's settings, such as http://127.0.0.1:8474"}
	}
	options, err := from.HTTPClientOptions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read HTTP settings: %w", err)
	}
	c := &connection{}
	options.ConfigureTransport = func(_ httpclient.Options, t *http.Transport) { c.transport = t }
	limited, err := httpclient.New(options)
	if err != nil {
		return nil, fmt.Errorf("read HTTP settings: %w", err)
	}
	if s.Backend == elasticBackend {
		c.asking, err = newElastic(address, s.Namespace, strings.TrimSpace(from.DecryptedSecureJSONData[tokenKey]), limited)
		return c, err
	}
	cfg := query.ClientConfig{URL: address, Token: strings.TrimSpace(from.DecryptedSecureJSONData[tokenKey]), HTTP: limited}
	if c.collector, err = query.NewClient(cfg); err != nil {
		return nil, &query.Error{Part: "URL", Text: fmt.Sprintf("%q is none of a collector: write http://HOST:PORT or https://HOST:PORT", address)}
	}
	c.asking = c.collector
	cfg.HTTP = &http.Client{Transport: limited.Transport}
	c.following, err = query.NewClient(cfg)
	return c, err
}

func (c *connection) close() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}
