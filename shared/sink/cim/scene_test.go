package cim_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
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

// played is what feeds made of generated traffic, by choice of flows.
type played struct {
	books  map[cim.Flows]*book
	result *traffic.Result
	err    error
}

// flood is half an hour of an office with an attack, with a feed of each choice behind it.
var flood = sync.OnceValue(func() *played {
	p := &played{books: map[cim.Flows]*book{}}
	for _, flows := range cim.FlowsChoices() {
		p.books[flows] = newBook()
	}
	p.result, p.err = play(scene("flood", 3, encode.IPFIX), p.books)
	return p
})

// tee gives everything to several feeds.
type tee []*cim.Feed

func (l tee) WriteBatch(ctx context.Context, b *flow.Batch) (err error) {
	for _, f := range l {
		err = errors.Join(err, f.WriteBatch(ctx, b))
	}
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Commit()
	return err
}

func (l tee) WriteSessions(ctx context.Context, b *flow.SessionBatch) (err error) {
	for _, f := range l {
		err = errors.Join(err, f.WriteSessions(ctx, b))
	}
	return err
}

func (l tee) WriteAlerts(ctx context.Context, list []flow.Alert) (err error) {
	for _, f := range l {
		err = errors.Join(err, f.WriteAlerts(ctx, list))
	}
	return err
}

func (l tee) stop() (err error) {
	for _, f := range l {
		err = errors.Join(err, f.Stop())
	}
	return err
}

// play lets traffic pass a pipeline with feeds behind it, and returns how much there was.
func play(traffics traffic.Config, books map[cim.Flows]*book) (*traffic.Result, error) {
	settings := config.Default()
	settings.Inside = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("198.18.0.0/16")}
	settings.Groups = []config.Group{{Name: "office", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, {Name: "providers", CIDRs: []netip.Prefix{netip.MustParsePrefix("64.0.0.0/2")}}}
	core, err := pipeline.Assemble(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	var at atomic.Int64
	at.Store(traffics.Start.UnixNano())
	var feeds tee
	for flows, b := range books {
		f, err := cim.NewFeed(cim.FeedConfig{Flows: flows, Host: "collector", EventTime: true, Run: 1}, cim.FeedDeps{
			Put: b, Now: func() time.Time { return time.Unix(0, at.Load()) }, Exporters: func() []query.Exporter { return exportersOf(core) },
			Status: func() cim.Report {
				return cim.Report{Component: "weir", State: "listening", Message: "listening", Listen: []string{"[::]:2055"}}
			},
		})
		if err != nil {
			return nil, err
		}
		feeds = append(feeds, f)
	}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: feeds, Sessions: feeds, Alerts: []sink.Alerts{feeds}}, time.Now)
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Stop()
	for _, f := range feeds {
		if err := f.Start(nil); err != nil {
			return nil, err
		}
	}
	result, err := traffic.Generate(context.Background(), traffics, traffic.SinkFunc(func(d traffic.Datagram) error {
		at.Store(d.Time.UnixNano())
		p.Handle(0, []listen.Datagram{{Payload: d.Payload, Source: d.Exporter, Received: d.Time.UnixNano()}})
		return nil
	}))
	return result, errors.Join(err, p.Finish(context.Background()), feeds.stop())
}

func exportersOf(core *pipeline.Core) (list []query.Exporter) {
	for _, s := range core.Account.Streams() {
		x := query.ExporterOf(s)
		x.Health = core.Detectors.Health.Report(s.Key)
		list = append(list, x)
	}
	return list
}
