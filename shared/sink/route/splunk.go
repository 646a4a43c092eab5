package route

import (
	"context"
	"errors"
	"os"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/hec"
)

// splunk is what an output of type hec has: a feed that makes events of what the pipeline finds, and a sink that delivers them.
type splunk struct {
	feed *cim.Feed
	sink *hec.Sink
}

func newSplunk(c *config.Output, dir string, cfg *Config, deps Deps) (*splunk, error) {
	to, err := hec.New(hecConfig(c, dir, cfg), hec.Deps{Log: deps.Log, Now: deps.Now})
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil { // then Splunk names the host
		host = ""
	}
	s := &splunk{sink: to}
	var status func() cim.Report
	if deps.Status != nil {
		status = func() cim.Report { return s.report(deps.Status()) }
	}
	s.feed, err = cim.NewFeed(cim.FeedConfig{Flows: cim.Flows(c.HEC.Flows), Host: host, EventTime: cfg.EventTime, Run: cfg.Run}, cim.FeedDeps{
		Put: to, Exporters: deps.Exporters, Status: status, Log: deps.Log, Now: deps.Now,
	})
	return s, err
}

func hecConfig(c *config.Output, dir string, cfg *Config) hec.Config {
	h := hec.DefaultConfig()
	h.Name, h.URLs, h.Token, h.Dir, h.Spool, h.Timeout = c.Name, c.HEC.URLs, c.HEC.Token, dir, c.Spool, c.Timeout
	h.TLS = sink.TLS{CA: c.CA, Cert: c.Cert, Key: c.Key, ServerName: c.ServerName, NoVerify: c.NoVerify}
	h.Unacknowledged, h.Wait = c.HEC.NoAck, cfg.EventTime
	h.Names = hec.Names{Source: c.HEC.Source, Fallback: c.HEC.Index, Index: map[cim.Kind]string{}, Sourcetype: map[cim.Kind]string{}}
	for _, kind := range cim.Kinds() {
		if name, ok := c.HEC.Indexes[kind.String()]; ok {
			h.Names.Index[kind] = name
		}
		if name, ok := c.HEC.Sourcetypes[kind.String()]; ok {
			h.Names.Sourcetype[kind] = name
		}
	}
	return h
}

// report adds to a report what became of the events.
func (s *splunk) report(r cim.Report) cim.Report {
	st := s.sink.Stats()
	for _, n := range st.Dropped {
		r.Lost += n
	}
	r.Events = st.Delivered
	r.Message = r.Line()
	return r
}

func (s *splunk) start(told []flow.Alert) error {
	if err := s.sink.Start(); err != nil {
		return err
	}
	if err := s.feed.Start(told); err != nil {
		return errors.Join(err, s.sink.Stop())
	}
	return nil
}

// stop tells of what is gathered, which waits on disk for the next start where the server does not take it in time.
func (s *splunk) stop() error {
	return errors.Join(s.feed.Stop(), s.sink.Stop())
}

func (s *splunk) drain(ctx context.Context) error {
	return errors.Join(s.feed.Stop(), s.sink.Drain(ctx))
}
