package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Product is what a server is.
type Product string

// The products.
const (
	Elasticsearch Product = "Elasticsearch"
	OpenSearch    Product = "OpenSearch"
)

// Server is what is known of a cluster.
type Server struct {
	Product    Product
	Version    string // like 8.19.21
	Cluster    string // its name
	Serverless bool   // Elastic's serverless projects, which have no version and look after nodes and lifecycles themselves

	DataStreams bool // it has them
	ILM         bool // index lifecycle management, with policies
	ISM         bool // OpenSearch's index state management
	Lifecycle   bool // retention can be said in a data stream's template
	LogsDB      bool // it has the index mode logsdb

	Security bool   // it asks who it talks to
	User     string // who that is, with Security, like "admin" or "admin (API key weir_writer)"
}

// String is like "Elasticsearch 8.19.21".
func (s Server) String() string { return string(s.Product) + " " + s.Version }

// AtLeast tells whether the version is at least major.minor; serverless is newer than any.
func (s Server) AtLeast(major, minor int) bool {
	if s.Serverless {
		return true
	}
	parts := strings.SplitN(s.Version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	return errA == nil && errB == nil && (a > major || (a == major && b >= minor))
}

// The oldest versions that are supported: their data streams and point in time are complete.
const (
	leastElasticsearch = "8.0"
	leastOpenSearch    = "2.4"
)

// ErrTooOld is the kind of error about servers that lack what is needed.
var ErrTooOld = errors.New("is too old")

// Probe asks the cluster what it is and what it can. Errors are [*Error].
func (c *Client) Probe(ctx context.Context) (Server, error) {
	s, err := c.root(ctx)
	if err != nil {
		return Server{}, err
	}
	if s.Product == Elasticsearch {
		err = c.probeElasticsearch(ctx, &s)
	} else {
		err = c.probeOpenSearch(ctx, &s)
	}
	return s, err
}

func (c *Client) root(ctx context.Context) (Server, error) {
	status, body, err := c.Do(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return Server{}, err
	}
	var root struct {
		Cluster string `json:"cluster_name"`
		Tagline string `json:"tagline"`
		Version struct {
			Number       string `json:"number"`
			Distribution string `json:"distribution"`
			Flavor       string `json:"build_flavor"`
		} `json:"version"`
	}
	notJSON := json.Unmarshal(body, &root)
	switch {
	case status == http.StatusOK && (notJSON != nil || root.Version.Number == ""):
		return Server{}, &Error{Kind: ErrNotElastic, Node: c.node(), Status: status, Err: notJSON}
	case status >= http.StatusMultipleChoices && notJSON != nil && status < http.StatusUnauthorized:
		return Server{}, &Error{Kind: ErrNotElastic, Node: c.node(), Status: status}
	case status >= http.StatusMultipleChoices:
		return Server{}, c.Answer(status, body)
	}
	s := Server{Product: Elasticsearch, Version: root.Version.Number, Cluster: root.Cluster, Serverless: root.Version.Flavor == "serverless"}
	least, ok := leastElasticsearch, s.AtLeast(8, 0)
	switch {
	case root.Version.Distribution == "opensearch":
		s.Product = OpenSearch
		least, ok = leastOpenSearch, s.AtLeast(2, 4)
	case root.Tagline != "You Know, for Search":
		return Server{}, &Error{Kind: ErrNotElastic, Node: c.node(), Status: status}
	}
	if !ok {
		return Server{}, &Error{Kind: ErrTooOld, Node: c.node(), Reason: fmt.Sprintf("it is %s, and %s is the oldest that is supported", s, least)}
	}
	return s, nil
}

func (c *Client) probeElasticsearch(ctx context.Context, s *Server) (err error) {
	s.Lifecycle, s.LogsDB = s.AtLeast(8, 14), s.AtLeast(8, 17)
	if s.DataStreams, err = c.has(ctx, "/_data_stream/weir-probe*"); err != nil {
		return err
	}
	if s.ILM, err = c.has(ctx, "/_ilm/policy/weir-probe"); err != nil {
		return err
	}
	s.ILM = s.ILM && !s.Serverless
	var who struct {
		Username string `json:"username"`
		Key      struct {
			Name string `json:"name"`
		} `json:"api_key"`
	}
	s.Security, err = c.who(ctx, "/_security/_authenticate", &who)
	if s.User = who.Username; who.Key.Name != "" {
		s.User += " (API key " + who.Key.Name + ")"
	}
	return err
}

func (c *Client) probeOpenSearch(ctx context.Context, s *Server) (err error) {
	if s.DataStreams, err = c.has(ctx, "/_data_stream/weir-probe*"); err != nil {
		return err
	}
	if s.ISM, err = c.has(ctx, "/_plugins/_ism/policies/weir-probe"); err != nil {
		return err
	}
	var who struct {
		Username string `json:"user_name"`
	}
	s.Security, err = c.who(ctx, "/_plugins/_security/authinfo", &who)
	s.User = who.Username
	return err
}

// has tells whether the server knows a path at all: those that are not there may be forbidden or missing, but are not unknown.
func (c *Client) has(ctx context.Context, path string) (bool, error) {
	status, body, err := c.Do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return false, err
	}
	switch status {
	case http.StatusOK, http.StatusForbidden, http.StatusNotFound:
		return true, nil
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return false, nil
	}
	return false, c.Answer(status, body)
}

// who asks for the user's name; a server without security does not know the path.
func (c *Client) who(ctx context.Context, path string, out any) (bool, error) {
	status, body, err := c.Do(ctx, http.MethodGet, path, nil)
	switch {
	case err != nil:
		return false, err
	case status == http.StatusUnauthorized:
		return true, c.Answer(status, body)
	case status == http.StatusOK && json.Unmarshal(body, out) == nil:
		return true, nil
	}
	return status == http.StatusForbidden, nil
}
