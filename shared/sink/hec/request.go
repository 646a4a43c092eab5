package hec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answer is what a collector says.
type answer struct {
	class  class
	status int
	code   int   // unknown: none
	bad    int   // place of the event that is to blame, -1: none is
	ack    int64 // number of the acknowledgement, -1: there will be none
	least  time.Duration
	acks   map[string]bool
	text   string
}

func (a *answer) error(host string) error {
	if a.code == unknown {
		return fmt.Errorf("hec: %s answers %d %s without a code: is this the port of the HTTP Event Collector, or what is between?", host, a.status, http.StatusText(a.status))
	}
	return fmt.Errorf("hec: %s answers %d, code %d: %s%s", host, a.status, a.code, a.text, advice(a.code))
}

// advice says what to do about faults of settings.
func advice(number int) string {
	switch number {
	case 1, 22:
		return " (enable the token in Splunk)"
	case 2, 3, 4, 21:
		return " (the token in weir.yaml is not one of this server)"
	case codeIncorrectIdx:
		return " (the index is not there, or the token is not allowed to use it)"
	case 16:
		return " (the URL must not hold a token)"
	}
	return ""
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// client posts to collectors.
type client struct {
	cfg    *Config
	getenv func(string) string
	now    func() time.Time
	counts *counts
}

// event posts a body on a channel. An error says that it is not known whether it was taken.
func (c *client) event(ctx context.Context, ch *line, body []byte) (*answer, error) {
	c.counts.requests.Add(1)
	c.counts.bytes.Add(uint64(len(body)))
	return c.do(ctx, ch, http.MethodPost, ch.target.event, body)
}

// acks asks which numbers are acknowledged.
func (c *client) acks(ctx context.Context, ch *line, numbers []int64) (*answer, error) {
	body, err := json.Marshal(map[string][]int64{"acks": numbers})
	if err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	c.counts.polls.Add(1)
	return c.do(ctx, ch, http.MethodPost, ch.target.ack+"?channel="+ch.id, body)
}

// health asks whether a collector takes events.
func (c *client) health(ctx context.Context, ch *line) (*answer, error) {
	return c.do(ctx, ch, http.MethodGet, ch.target.health, nil)
}

func (c *client) do(ctx context.Context, ch *line, method, at string, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	token, err := c.cfg.token(c.getenv)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, errURL
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("User-Agent", "Weir")
	req.Header.Set("X-Splunk-Request-Channel", ch.id)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if at == ch.target.event {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := ch.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("hec: %s: %w", ch.target.host, bare(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("hec: %s: the answer: %w", ch.target.host, err)
	}
	a := parseAnswer(resp.StatusCode, text)
	a.least = retryAfter(resp.Header.Get("Retry-After"), c.now())
	c.counts.answered(a)
	return a, nil
}

// bare takes the URL off an error.
func bare(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

// parseAnswer reads an answer; one that is not the collector's has no code.
func parseAnswer(status int, text []byte) *answer {
	var r struct {
		Code *int            `json:"code"`
		Text string          `json:"text"`
		Bad  *int            `json:"invalid-event-number"`
		Ack  *int64          `json:"ackId"`
		Acks map[string]bool `json:"acks"`
	}
	a := &answer{status: status, code: unknown, bad: -1, ack: -1}
	if json.Unmarshal(text, &r) == nil {
		if r.Code != nil {
			a.code = *r.Code
		}
		if r.Bad != nil && *r.Bad >= 0 {
			a.bad = *r.Bad
		}
		if r.Ack != nil && *r.Ack >= 0 {
			a.ack = *r.Ack
		}
		a.acks, a.text = r.Acks, printable(r.Text)
	}
	a.class = classOf(status, a.code)
	// An error in words that say success is none.
	if failed := status < 200 || status >= 300; failed && (a.class == taken || a.class == near) {
		a.class = classOf(status, unknown)
	}
	return a
}

// printable is what an answer says, as it may be logged.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
	return s[:min(len(s), 200)]
}

// got returns which of the numbers are acknowledged.
func (a *answer) got(numbers []int64) []int64 {
	var list []int64
	for _, n := range numbers {
		if a.acks[strconv.FormatInt(n, 10)] {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// longestWait bounds what a server may ask for.
const longestWait = 10 * time.Minute

// retryAfter reads the header's value (RFC 9110 section 10.2.3): seconds or a date.
func retryAfter(v string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, longestWait)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), 0), longestWait)
	}
	return 0
}
