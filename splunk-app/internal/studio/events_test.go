package studio_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/splunk-app/internal/lint"
	"github.com/weirflow/weir/splunk-app/internal/search"
)

// An afternoon with an intrusion, an upload at ten and a flood soon after; of what has passed before `kept` only alerts are indexed.
var (
	afternoon = time.Date(2026, 3, 2, 13, 10, 0, 0, time.UTC)
	kept      = time.Date(2026, 3, 2, 21, 55, 0, 0, time.UTC)
	flood     = time.Date(2026, 3, 2, 22, 15, 0, 0, time.UTC)
	now       = time.Date(2026, 3, 2, 22, 30, 0, 0, time.UTC)
)

// index is Splunk's: events as they are at search time.
type index struct {
	mu     sync.Mutex
	events []search.Event
}

// Put indexes an event as props.conf says: KV_MODE=json, arrays under their own names.
func (x *index) Put(_ context.Context, ev *cim.Event) error {
	if ev.Time >= now.UnixNano() || ev.Kind != cim.Alert && ev.Time < kept.UnixNano() {
		return nil
	}
	e, err := fieldsOf(ev.JSON)
	if err != nil {
		return err
	}
	e["_time"] = []string{strconv.FormatFloat(float64(ev.Time)/1e9, 'f', 3, 64)}
	e["sourcetype"], e["host"], e["index"] = []string{ev.Kind.Sourcetype()}, []string{ev.Host}, []string{"weir"}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.events = append(x.events, e)
	return nil
}

func fieldsOf(line []byte) (search.Event, error) {
	d := json.NewDecoder(strings.NewReader(string(line)))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, fmt.Errorf("%s: %w", line, err)
	}
	out := search.Event{}
	for name, v := range object {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, v := range list {
			out[name] = append(out[name], fmt.Sprint(v))
		}
	}
	return out, nil
}

// feeds gives a pipeline's data to two feeds: one that tells of all, one of sums.
type feeds struct {
	all, sums *cim.Feed
	pivots    *pivot.Set
	now       time.Time
}

func (f *feeds) WriteBatch(ctx context.Context, b *flow.Batch) error {
	if n := len(b.Datagrams); n > 0 {
		f.now = time.Unix(0, b.Datagrams[n-1].Received).UTC()
		f.all.Advance(ctx, f.now)
	}
	if err := f.all.WriteBatch(ctx, b); err != nil {
		return err //nolint:wrapcheck // a test
	}
	return f.sums.WriteBatch(ctx, b) //nolint:wrapcheck // a test
}

func (f *feeds) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	return f.all.WriteSessions(ctx, b) //nolint:wrapcheck // a test
}

func (f *feeds) WriteAlerts(ctx context.Context, list []flow.Alert) error {
	list = slices.Clone(list)
	for i := range list {
		list[i].Pivots = f.pivots.OfAlert(&list[i])
	}
	return f.all.WriteAlerts(ctx, list) //nolint:wrapcheck // a test
}

// replay plays a scenario through a pipeline into the index.
func (x *index) replay(t *testing.T, scenario string, at time.Time, flows cim.Flows, faults traffic.Effects) {
	t.Helper()
	dir := t.TempDir()
	c := traffic.DefaultConfig()
	c.Scenario, c.Start, c.Scale, c.Hosts = scenario, at, 0.01, 10
	c.Effects = faults
	if _, err := traffic.WriteDir(t.Context(), c, dir); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Pivots.Collector = "https://weir.example.net"
	core, err := pipeline.Assemble(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	f := &feeds{now: at, pivots: core.Pivots}
	exporters := func() (list []query.Exporter) {
		for _, s := range core.Account.Streams() {
			e := query.ExporterOf(s)
			e.Health = core.Detectors.Health.Report(s.Key)
			if e.LastSeen != nil && e.LastSeen.After(f.now) { // decoding is ahead
				e.LastSeen = &f.now
			}
			list = append(list, e)
		}
		return list
	}
	clock := func() time.Time { return f.now }
	report := func() cim.Report {
		r := cim.Report{Component: "weir", State: "listening", Exporters: len(exporters())}
		for _, e := range exporters() {
			r.Records += e.Records
		}
		r.Message = fmt.Sprintf("listening, %d exporters, none without templates", r.Exporters)
		return r
	}
	f.all = feed(t, cim.FeedConfig{Flows: flows, Host: "collector-1", EventTime: true}, cim.FeedDeps{Put: x, Exporters: exporters, Status: report, Now: clock})
	f.sums = feed(t, cim.FeedConfig{Flows: cim.FlowsAggregated, EventTime: true}, cim.FeedDeps{Put: x, Now: clock})
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true, Queue: 1}, pipeline.Sinks{Records: f, Sessions: f, Alerts: []sink.Alerts{f}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Replay(t.Context(), []string{filepath.Join(dir, "traffic.pcap")}, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func feed(t *testing.T, cfg cim.FeedConfig, deps cim.FeedDeps) *cim.Feed {
	t.Helper()
	f, err := cim.NewFeed(cfg, deps)
	if err == nil {
		err = f.Start(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Stop() })
	return f
}

// engine searches events of the kinds, the latest first as in Splunk.
func (x *index) engine(t *testing.T, kinds ...cim.Kind) *search.Engine {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	at := func(e search.Event) float64 {
		v, _ := strconv.ParseFloat(e["_time"][0], 64)
		return v
	}
	var list []search.Event
	for _, e := range x.events {
		if slices.ContainsFunc(kinds, func(k cim.Kind) bool { return e["sourcetype"][0] == k.Sourcetype() }) {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b search.Event) int { return -compareFloat(at(a), at(b)) })
	e := &search.Engine{Events: list, Now: now, Macros: map[string]string{}, EventTypes: map[string]string{}, Lookups: map[string][]search.Event{}}
	for _, s := range conf(t, "macros") {
		e.Macros[s.Name] = s.Of["definition"]
	}
	e.Macros["weir_index"] = "index=weir"
	for _, s := range conf(t, "eventtypes") {
		e.EventTypes[s.Name] = s.Of["search"]
	}
	for _, name := range []string{"weir_services", "weir_techniques"} {
		e.Lookups[name] = rows(t, name)
	}
	return e
}

const app = "../../app/weir"

// conf reads one of the app's .conf files.
func conf(t *testing.T, name string) lint.Conf {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(app, "default", name+".conf"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := lint.ParseConf(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rows reads one of the app's lookups.
func rows(t *testing.T, name string) (list []search.Event) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(app, "lookups", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		e := search.Event{}
		for i, column := range lines[0] {
			e[column] = []string{line[i]}
		}
		list = append(list, e)
	}
	return list
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
