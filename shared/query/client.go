package query

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Paths of a collector's API. Questions are sent as JSON by POST; records and sessions come back as JSON lines, all else as JSON.
const (
	PathAggregate  = "/api/v1/aggregate"  // Question -> Result
	PathValues     = "/api/v1/values"     // ValuesQuestion -> ValuesAnswer
	PathGraph      = "/api/v1/graph"      // GraphQuestion -> Graph
	PathRecords    = "/api/v1/records"    // Question -> canonical records
	PathSessions   = "/api/v1/sessions"   // Question -> sessions
	PathAlerts     = "/api/v1/alerts"     // AlertQuestion -> list of flow.Alert
	PathExporters  = "/api/v1/exporters"  // GET -> list of Exporter
	PathInterfaces = "/api/v1/interfaces" // InterfaceQuestion -> list of Interface
	PathCollector  = "/api/v1/collector"  // GET -> Collector
	PathConfig     = PathSettings + "/"   // GET with groups, policies, exporters or pivots behind it
	PathPivots     = "/api/v1/pivots"     // PivotQuestion -> list of flow.AlertPivot
	// PathAlertStream is where changes of alerts come as server-sent events, by GET.
	PathAlertStream = "/api/v1/alerts/stream"
	PathPcap        = "/api/v1/pcap/" // GET with the id of an alert behind it -> capture of the headers around it
)

// Media types of the API.
const (
	TypeJSON  = "application/json"
	TypeLines = "application/x-ndjson"
	TypePcap  = "application/vnd.tcpdump.pcap"
)

// Failure is the body of every answer that is not 200.
type Failure struct {
	Error FailureDetail   `json:"error"`
	More  []FailureDetail `json:"more,omitempty"` // what else is wrong
}

// FailureDetail is an [Error] in JSON; Part is "" where the fault is not the question's.
type FailureDetail struct {
	Part string `json:"part"`
	Text string `json:"text"`
}

// ClientConfig says where the collector is: exactly one of URL and Socket is set.
type ClientConfig struct {
	URL    string // "http://127.0.0.1:8474", with or without a path before the API's
	Socket string // path of the Unix socket in the data folder
	Token  string // bearer token, "" for none
	// HTTP sends the requests; nil is a client of its own without a time limit but the context's. It is not used with Socket.
	HTTP *http.Client
}

// Client asks a running collector. It is safe for concurrent use.
type Client struct {
	base  string
	token string
	http  *http.Client
	reg   *flow.Registry
}

var (
	_ Engine          = (*Client)(nil)
	_ SessionReader   = (*Client)(nil)
	_ ValuesReader    = (*Client)(nil)
	_ GraphReader     = (*Client)(nil)
	_ AlertReader     = (*Client)(nil)
	_ ExporterReader  = (*Client)(nil)
	_ InterfaceReader = (*Client)(nil)
	_ CollectorReader = (*Client)(nil)
	_ PivotReader     = (*Client)(nil)
	_ Sealer          = (*Client)(nil)
)

// NewClient returns a client; nothing is sent yet.
func NewClient(cfg ClientConfig) (*Client, error) {
	c := &Client{token: cfg.Token, http: cfg.HTTP, reg: flow.NewRegistry()}
	switch {
	case (cfg.URL == "") == (cfg.Socket == ""):
		return nil, errors.New("a client needs either a URL or a socket")
	case cfg.Socket != "":
		var dialer net.Dialer
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", cfg.Socket)
		}
		// The host of the URL is of no use on a socket, but HTTP wants one.
		c.base, c.http = "http://localhost", &http.Client{Transport: &http.Transport{DialContext: dial}}
		return c, nil
	}
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("read the collector's URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of a collector: write http://HOST:PORT", cfg.URL)
	}
	c.base = strings.TrimSuffix(u.String(), "/")
	if c.http == nil {
		c.http = &http.Client{}
	}
	return c, nil
}

// Close closes idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Aggregate implements [Engine].
func (c *Client) Aggregate(ctx context.Context, q Question) (Result, error) {
	var res Result
	err := c.ask(ctx, PathAggregate, q, decodeInto(&res))
	return res, err
}

// Values implements [ValuesReader].
func (c *Client) Values(ctx context.Context, q ValuesQuestion) (ValuesAnswer, error) {
	var a ValuesAnswer
	err := c.ask(ctx, PathValues, q, decodeInto(&a))
	return a, err
}

// Graph implements [GraphReader].
func (c *Client) Graph(ctx context.Context, q GraphQuestion) (Graph, error) {
	var g Graph
	err := c.ask(ctx, PathGraph, q, decodeInto(&g))
	return g, err
}

// Records implements [Engine]. The batch has no datagrams: what a record says of its own is in its fields.
func (c *Client) Records(ctx context.Context, q Question) (*flow.Batch, error) {
	b := flow.NewBatch(0, flow.NewSymbols())
	err := c.ask(ctx, PathRecords, q, eachLine("record", func(line []byte) error { return flow.ParseJSON(line, c.reg, b) }))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Sessions implements [SessionReader].
func (c *Client) Sessions(ctx context.Context, q Question) (*flow.SessionBatch, error) {
	b := &flow.SessionBatch{Symbols: flow.NewSymbols()}
	err := c.ask(ctx, PathSessions, q, eachLine("session", func(line []byte) error { return flow.ParseSessionJSON(line, b) }))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Alerts implements [AlertReader].
func (c *Client) Alerts(ctx context.Context, q AlertQuestion) ([]flow.Alert, error) {
	var list []flow.Alert
	err := c.ask(ctx, PathAlerts, q, decodeInto(&list))
	return list, err
}

// Exporters implements [ExporterReader].
func (c *Client) Exporters(ctx context.Context) ([]Exporter, error) {
	var list []Exporter
	err := c.ask(ctx, PathExporters, nil, decodeInto(&list))
	return list, err
}

// Interfaces implements [InterfaceReader].
func (c *Client) Interfaces(ctx context.Context, q InterfaceQuestion) ([]Interface, error) {
	var list []Interface
	err := c.ask(ctx, PathInterfaces, q, decodeInto(&list))
	return list, err
}

// Collector implements [CollectorReader].
func (c *Client) Collector(ctx context.Context) (Collector, error) {
	var state Collector
	err := c.ask(ctx, PathCollector, nil, decodeInto(&state))
	return state, err
}

// Pivots implements [PivotReader].
func (c *Client) Pivots(ctx context.Context, q PivotQuestion) ([]flow.AlertPivot, error) {
	var list []flow.AlertPivot
	err := c.ask(ctx, PathPivots, q, decodeInto(&list))
	return list, err
}

// Pcap writes the capture of the packet headers that were kept around an alert.
func (c *Client) Pcap(ctx context.Context, alert string, to io.Writer) error {
	return c.ask(ctx, PathPcap+url.PathEscape(alert), nil, func(body io.Reader) error {
		_, err := io.Copy(to, body)
		return err
	})
}

func decodeInto(target any) func(io.Reader) error {
	return func(body io.Reader) error { return json.NewDecoder(body).Decode(target) }
}

// ask sends a question (by GET where there is none) and hands the answer's body to read.
func (c *Client) ask(ctx context.Context, path string, question any, read func(io.Reader) error) error {
	req, err := c.request(ctx, path, question)
	if err != nil {
		return fmt.Errorf("ask collector: %w", err)
	}
	return c.send(req, read)
}

// send sends a request and hands the answer's body to read.
func (c *Client) send(req *http.Request, read func(io.Reader) error) error {
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask collector: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return failureOf(res)
	}
	if err := read(res.Body); err != nil {
		return fmt.Errorf("read answer of %s: %w", req.URL.Path, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, path string, question any) (*http.Request, error) {
	method, body := http.MethodGet, []byte(nil)
	if question != nil {
		var err error
		if body, err = json.Marshal(question); err != nil {
			return nil, err
		}
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", TypeJSON)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

// maxFailure is how much of an answer that is not 200 is read.
const maxFailure = 1 << 16

// StatusError is an answer that is not 200: with the collector's words, or of another program that answers there.
type StatusError struct {
	Status int // of HTTP
	// Err is *[Error] where part of the question is at fault.
	Err error
	// Foreign says that the answer is not of the form that a collector's has: a proxy or another server answered.
	Foreign bool
}

// Error returns the message.
func (e *StatusError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *StatusError) Unwrap() error { return e.Err }

// failureOf makes a *[StatusError] of an answer.
func failureOf(res *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxFailure))
	var f Failure
	if err != nil || json.Unmarshal(body, &f) != nil || f.Error.Text == "" {
		return &StatusError{Status: res.StatusCode, Err: fmt.Errorf("ask collector: %s", res.Status), Foreign: true}
	}
	if f.Error.Part != "" {
		errs := []error{&Error{Part: f.Error.Part, Text: f.Error.Text}}
		for _, d := range f.More {
			errs = append(errs, &Error{Part: d.Part, Text: d.Text})
		}
		return &StatusError{Status: res.StatusCode, Err: errors.Join(errs...)}
	}
	return &StatusError{Status: res.StatusCode, Err: fmt.Errorf("ask collector: %s", f.Error.Text)}
}

// maxLine is the longest record in JSON: elements of a whole datagram in hex are far below it.
const maxLine = 1 << 20

// eachLine reads an answer of JSON lines, each of which is a thing of the given name.
func eachLine(name string, read func(line []byte) error) func(io.Reader) error {
	return func(body io.Reader) error {
		lines := bufio.NewScanner(body)
		lines.Buffer(make([]byte, 0, 1<<14), maxLine)
		for n := 1; lines.Scan(); n++ {
			if err := read(lines.Bytes()); err != nil {
				return fmt.Errorf("%s %d: %w", name, n, err)
			}
		}
		return lines.Err()
	}
}
