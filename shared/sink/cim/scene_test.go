package cim_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// told is an event that was put.
type told struct {
	kind cim.Kind
	time int64
	host string
	id   string
	json []byte
}

// book keeps all events, or counts their bytes alone.
type book struct {
	count bool
	fail  error

	mu    sync.Mutex
	list  []told
	bytes map[cim.Kind]int
	n     map[cim.Kind]int
}

func newBook() *book { return &book{bytes: map[cim.Kind]int{}, n: map[cim.Kind]int{}} }

func (k *book) Put(_ context.Context, ev *cim.Event) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.n[ev.Kind]++
	k.bytes[ev.Kind] += len(ev.JSON)
	if !k.count {
		k.list = append(k.list, told{ev.Kind, ev.Time, ev.Host, string(ev.ID), bytes.Clone(ev.JSON)})
	}
	return k.fail
}

func (k *book) of(kind cim.Kind) (list []told) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, ev := range k.list {
		if ev.kind == kind {
			list = append(list, ev)
		}
	}
	return list
}

// scene is generated traffic, as one protocol exports it.
func scene(name string, seed uint64, protocol encode.Protocol) traffic.Config {
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Protocol, cfg.Hosts = name, seed, protocol, 60
	return cfg
}

// play lets traffic pass a pipeline with a feed behind it, and returns how much there was.
func play(t *testing.T, traffics traffic.Config, flows cim.Flows, into *book) *traffic.Result {
	t.Helper()
	settings := config.Default()
	settings.Inside = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("198.18.0.0/16")}
	settings.Groups = []config.Group{{Name: "office", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, {Name: "internet", CIDRs: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}}
	core, err := pipeline.Assemble(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	at := traffics.Start
	feed, err := cim.NewFeed(cim.FeedConfig{Flows: flows, Host: "collector", Settle: true, EventTime: true, Run: 1}, cim.FeedDeps{
		Put: into, Now: func() time.Time { return at },
		Exporters: func() (list []query.Exporter) {
			for _, s := range core.Account.Streams() {
				x := query.ExporterOf(s)
				x.Health = core.Detectors.Health.Report(s.Key)
				list = append(list, x)
			}
			return list
		},
		Status: func() cim.Report {
			return cim.Report{Component: "weir", State: "listening", Message: "listening", Listen: []string{"[::]:2055"}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: feed, Sessions: feed, Alerts: []sink.Alerts{feed}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := feed.Start(nil); err != nil {
		t.Fatal(err)
	}
	result, err := traffic.Generate(t.Context(), traffics, traffic.SinkFunc(func(d traffic.Datagram) error {
		at = d.Time
		p.Handle(0, []listen.Datagram{{Payload: d.Payload, Source: d.Exporter, Received: d.Time.UnixNano()}})
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := feed.Stop(); err != nil {
		t.Fatal(err)
	}
	return result
}
