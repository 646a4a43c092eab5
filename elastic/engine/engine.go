// Package engine answers questions about flows, sessions and alerts that are kept in Elasticsearch or OpenSearch: it is a
// query.Engine, and its sisters, over the documents that package document describes.
//
// Sums and counts are made by the server: composite aggregations go through all groups, page by page, and this package ranks
// them, so that answers are exact as long as there are not more groups than [Config].MaxGroups. What the server cannot sum (records
// that are spread over time, times to the nanosecond, sums that a double does not hold) is made of the records themselves while these
// are not more than [Config].MaxRecords. Beyond both caps an answer is approximate and says so, or is refused with an [Unsupported].
// All requests of one question see the same state of the indices (a point in time).
package engine

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Performer sends requests, whose URLs have no host, to the server: go-elasticsearch's client and transport do. It adds credentials, picks the
// node, and retries.
type Performer interface {
	Perform(*http.Request) (*http.Response, error)
}

// Config says where the documents are and how much of them one question may read.
type Config struct {
	// Indices: names or patterns of data streams, indices or aliases, several with commas.
	Flows, Sessions, Alerts, Exporters, Interfaces string
	// OpenSearch: the server is one; its points in time have other paths.
	OpenSearch bool
	// PageSize is how many documents a request asks for, at most the server's index.max_result_window; PageGroups is how many groups, at most its
	// search.max_buckets. These are 10,000 and 65,536 unless changed.
	PageSize, PageGroups int
	// MaxGroups is how many groups (with their buckets of time) a question may make before its answer is approximate or refused.
	MaxGroups int
	// MaxRecords is how many documents are read one by one where the server cannot sum them; 0: none.
	MaxRecords int
	// KeepAlive is how long the server keeps a question's point in time after each request.
	KeepAlive time.Duration
}

// DefaultConfig returns the indices of the namespace "default" and caps that suit a small server.
func DefaultConfig() Config { return ConfigOf("default") }

// ConfigOf returns the configuration for the data streams of a namespace.
func ConfigOf(namespace string) Config {
	return Config{
		Flows: document.Flow.Target(namespace), Sessions: document.Session.Target(namespace), Alerts: document.Alert.Target(namespace),
		Exporters: document.Exporter.Target(namespace), Interfaces: document.Interface.Target(namespace),
		PageSize: 10_000, PageGroups: 50_000, MaxGroups: 200_000, MaxRecords: 200_000, KeepAlive: time.Minute,
	}
}

// Deps are what the engine works with.
type Deps struct {
	Client Performer
	Now    func() time.Time // nil: the wall clock
}

// Engine answers questions. It is safe for concurrent use and holds nothing open between questions.
type Engine struct {
	known known

	cfg    Config
	to     Performer
	reg    *flow.Registry
	reader *document.Reader
	now    func() time.Time
}

var (
	_ query.Engine       = (*Engine)(nil)
	_ query.ValuesReader = (*Engine)(nil)
	_ query.GraphReader  = (*Engine)(nil)
)

// New returns an engine. It sends nothing.
func New(cfg Config, deps Deps) (*Engine, error) {
	switch {
	case deps.Client == nil:
		return nil, errors.New("elastic engine: no client")
	case cfg.Flows == "":
		return nil, errors.New("elastic engine: no indices of flows")
	case cfg.PageSize < 1 || cfg.PageGroups < 1 || cfg.MaxGroups < cfg.PageGroups || cfg.MaxRecords < 0 || cfg.KeepAlive < time.Second:
		return nil, fmt.Errorf("elastic engine: pages of %d documents and %d groups, groups up to %d, records up to %d, points in time of %s: out of range", cfg.PageSize, cfg.PageGroups, cfg.MaxGroups, cfg.MaxRecords, cfg.KeepAlive)
	}
	for _, name := range []string{cfg.Flows, cfg.Sessions, cfg.Alerts, cfg.Exporters, cfg.Interfaces} {
		if strings.ContainsAny(name, "/?#%\"\\ ") {
			return nil, fmt.Errorf("elastic engine: %q is no name of indices", name)
		}
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	return &Engine{now: deps.Now, cfg: cfg, to: deps.Client, reg: flow.NewRegistry(), reader: document.NewReader()}, nil
}

// Unsupported says that a question is a right one, but more than Elasticsearch can answer here. It is a *[query.Error] too, by errors.As.
type Unsupported struct{ Question *query.Error }

// Error returns the message.
func (e *Unsupported) Error() string { return e.Question.Error() }

// Unwrap returns what is wrong in terms of the question.
func (e *Unsupported) Unwrap() error { return e.Question }

func unsupported(part, format string, args ...any) error {
	return &Unsupported{&query.Error{Part: part, Text: fmt.Sprintf(format, args...)}}
}
