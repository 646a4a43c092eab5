package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
)

// Sender takes events from a queue and posts them. Counts may be read at any time.
type Sender struct {
	Counts sink.Delivery

	cfg    Config
	deps   Deps
	host   string
	outage *sink.Outage
	client *http.Client
	single int // events to be posted one by one, after a batch was refused
	cancel context.CancelFunc
	done   chan struct{}
}

// Start reads certificates and secrets and posts from now on; a receiver that is not there is waited for. A Sender starts once.
func (s *Sender) Start() error {
	t, err := s.cfg.TLS.Load()
	if err == nil {
		_, err = s.header()
	}
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	s.client = &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: t, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: 1, IdleConnTimeout: time.Minute,
			DialContext: (&net.Dialer{Timeout: s.cfg.Timeout}).DialContext,
		},
		Timeout: s.cfg.Timeout,
		// Headers with secrets must not follow to where an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	s.done = make(chan struct{})
	go s.run(ctx)
	return nil
}

// Stop ends posting; what is not delivered stays in the queue. It is idempotent.
func (s *Sender) Stop() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	<-s.done
	s.client.CloseIdleConnections()
}

func (s *Sender) run(ctx context.Context) {
	defer close(s.done)
	backoff := sink.Backoff{First: s.cfg.RetryFirst, Most: s.cfg.RetryMost}
	for {
		limit := s.cfg.Batch
		if s.single > 0 {
			limit = 1
		}
		list, err := s.deps.Queue.Next(ctx, limit)
		if ctx.Err() != nil {
			return
		}
		var least time.Duration
		if err == nil {
			least, err = s.deliver(ctx, list)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			backoff.Reset()
		default:
			s.Counts.Failures.Add(1)
			s.outage.Failed(err)
			s.deps.Queue.Rewind()
			if !backoff.Wait(ctx, least) {
				return
			}
		}
	}
}

// deliver posts a batch and settles it. An error means: try again, after at least the time returned.
func (s *Sender) deliver(ctx context.Context, list []spool.Entry) (time.Duration, error) {
	last := list[len(list)-1].Sequence
	body, events := s.body(list)
	if events == 0 {
		s.deps.Queue.Ack(last)
		return 0, nil
	}
	code, least, err := s.post(ctx, body)
	switch {
	case err != nil:
		return 0, err
	case code >= 200 && code < 300:
		s.Counts.Delivered.Add(events)
		s.outage.Worked()
	case !refusal(code):
		return least, fmt.Errorf("%s answers %d %s", s.host, code, http.StatusText(code))
	case len(list) > 1:
		s.single = len(list) // one of them may be what is refused
		s.deps.Queue.Rewind()
		return 0, nil
	default:
		s.Counts.Refused.Add(events)
		s.outage.Failed(fmt.Errorf("%s answers %d %s: alert dropped", s.host, code, http.StatusText(code)))
	}
	s.single = max(0, s.single-len(list))
	s.deps.Queue.Ack(last)
	return 0, nil
}

// refusal tells whether a status says that the same request will never be taken.
func refusal(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return code >= 400 && code < 500
}

// body returns the request's body and how many events are in it; what cannot be read is dropped and counted.
func (s *Sender) body(list []spool.Entry) ([]byte, uint64) {
	events := make([]sink.Event, 0, len(list))
	for i := range list {
		e, err := sink.Decode(list[i])
		if err != nil {
			s.Counts.Refused.Add(1)
			s.outage.Failed(err)
			continue
		}
		events = append(events, e)
	}
	b, err := json.Marshal(map[string][]sink.Event{"alerts": events})
	if err != nil {
		s.Counts.Refused.Add(uint64(len(events)))
		s.outage.Failed(err)
		return nil, 0
	}
	return b, uint64(len(events))
}

// post posts a body and returns the status and how long the receiver wants to be left alone.
func (s *Sender) post(ctx context.Context, body []byte) (code int, least time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return 0, 0, errURL
	}
	if r.Header, err = s.header(); err != nil {
		return 0, 0, err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, 0, fmt.Errorf("post to %s: %w", s.host, bare(err))
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // the connection can be used again; the status is known
	return answer.StatusCode, retryAfter(answer.Header.Get("Retry-After"), s.deps.Now()), nil
}

// bare takes the URL off an error.
func bare(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

// longestWait bounds what a receiver may ask for.
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
