package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
)

// Client asks a cluster by the transport of go-elasticsearch, which knows which nodes are up. The requests of go-elasticsearch's esapi can be
// done with it, on OpenSearch too, where its API is the same. The rest of go-elasticsearch is left out: its typed API takes minutes to
// compile and makes binaries twice as large.
type Client struct {
	cfg       Config
	base      *http.Transport
	shim      http.RoundTripper
	transport *elastictransport.Client
}

// New checks the configuration, reads the files of certificates, and returns a Client that has not connected yet.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	base, err := newBase(&cfg)
	if err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	c := &Client{cfg: cfg, base: base, shim: &transport{next: base, cfg: cfg, getenv: os.Getenv}}
	var nodes []*url.URL
	for _, n := range cfg.Nodes {
		u, err := url.Parse(strings.TrimRight(n, "/"))
		if err != nil {
			return nil, fmt.Errorf("elastic: %w", err)
		}
		nodes = append(nodes, u)
	}
	options := []elastictransport.Option{
		elastictransport.WithURLs(nodes...), elastictransport.WithTransport(c.shim), elastictransport.WithUserAgent(userAgent),
		elastictransport.WithMaxRetries(len(nodes) - 1), // the next node is tried at once; waiting is for those who ask
	}
	if len(nodes) == 1 {
		options = append(options, elastictransport.WithDisableRetry())
	}
	if cfg.Gzip {
		options = append(options, elastictransport.WithCompression(gzip.BestSpeed))
	}
	c.transport, err = elastictransport.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	return c, nil
}

// Perform sends a request whose URL has only a path and a query to a node, and returns the answer whatever its status. [Client.Explain]
// explains its errors.
func (c *Client) Perform(r *http.Request) (*http.Response, error) { return c.transport.Perform(r) }

// Transport is what go-elasticsearch's own clients need as their Transport to work as this one, with OpenSearch too; they choose the node.
func (c *Client) Transport() http.RoundTripper { return c.shim }

// Stop closes connections that are not in use.
func (c *Client) Stop() { c.base.CloseIdleConnections() }

// maxAnswer bounds what is read of an answer.
const maxAnswer = 256 << 20

// Do sends a request to a node; path may have a query. It returns what the server answered with whatever status, or an [*Error] where
// there was no answer. A body is JSON, or NDJSON where the path ends in _bulk or _msearch; nil is none.
func (c *Client) Do(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var payload io.Reader = http.NoBody
	if body != nil {
		payload = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, path, payload)
	if err != nil {
		return 0, nil, fmt.Errorf("elastic: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", mediaType(req.URL.Path))
	}
	resp, err := c.Perform(req)
	if err != nil {
		return 0, nil, c.Explain(err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, c.Explain(err)
	}
	return resp.StatusCode, answer, nil
}

// JSON is Do for those who need success: in becomes the body's JSON (nil: none), the answer's JSON goes into out (nil: nowhere). A status
// of 300 and above is an [*Error].
func (c *Client) JSON(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	switch v := in.(type) {
	case nil:
	case json.RawMessage:
		body = v
	default:
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("elastic: %w", err)
		}
		body = text
	}
	status, answer, err := c.Do(ctx, method, path, body)
	switch {
	case err != nil:
		return err
	case status >= http.StatusMultipleChoices:
		return c.Answer(status, answer)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &Error{Kind: ErrNotElastic, Node: c.node(), Status: status, Err: err}
	}
	return nil
}

// node names the cluster in messages.
func (c *Client) node() string {
	if n := len(c.cfg.Nodes); n > 1 {
		return fmt.Sprintf("%s (and %d more)", c.cfg.Nodes[0], n-1)
	}
	return c.cfg.Nodes[0]
}
