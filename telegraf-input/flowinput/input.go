package flowinput

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/influxdata/telegraf"
	"github.com/influxdata/telegraf/plugins/inputs"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
)

// Sample is the configuration with every key, its default and what it means.
//
//go:embed sample.conf
var Sample string

// Input is the plugin with its configuration; [New] gives the defaults. Telegraf fills the members, calls Init once, then Start, Gather at
// its interval, and Stop.
type Input struct {
	Listen      []string       `toml:"listen"`
	Config      string         `toml:"config"`
	Settings    map[string]any `toml:"settings"`
	State       string         `toml:"state"`
	By          []string       `toml:"by"`
	Period      Duration       `toml:"period"`
	Hold        Duration       `toml:"hold"`
	Lateness    Duration       `toml:"lateness"`
	Limits      map[string]int `toml:"limits"`
	MaxSeries   int            `toml:"max_series"`
	TopHosts    int            `toml:"top_hosts"`
	MaxHosts    int            `toml:"max_hosts"`
	Totals      bool           `toml:"totals"`
	Interfaces  bool           `toml:"interfaces"`
	Flows       bool           `toml:"flows"`
	Format      string         `toml:"format"`
	MinSeverity int            `toml:"min_severity"`
	Buffer      Size           `toml:"buffer"`
	Clock       string         `toml:"clock"`

	Log telegraf.Logger  `toml:"-"`
	Now func() time.Time `toml:"-"` // the wall clock; nil is time.Now

	collector config.Config
	clock     pipeline.Clock
	traffic   trafficConfig
	core      *pipeline.Core
	log       *slog.Logger

	mu      sync.Mutex // of running
	running *running   // nil: not started
}

var _ telegraf.ServiceInput = (*Input)(nil)

// New returns an input with the defaults of the sample configuration.
func New() *Input {
	return &Input{
		By: []string{"direction", "exporter", "protocol", "service"}, Period: Duration(time.Minute), Hold: Duration(time.Minute),
		Lateness: Duration(35 * time.Minute), MaxSeries: 20_000, MaxHosts: 1000, Interfaces: true, Format: formatWeir, Buffer: 32 << 20,
	}
}

// init makes the plugin known to a Telegraf that is built with it.
func init() { //nolint:gochecknoinits // it is how Telegraf comes to know of plugins
	inputs.Add("weir", func() telegraf.Input { return New() })
}

// SampleConfig implements telegraf.PluginDescriber.
func (*Input) SampleConfig() string { return Sample }

// Init checks the configuration by building all that can be built without opening anything.
func (in *Input) Init() (err error) {
	if in.Now == nil {
		in.Now = time.Now
	}
	if in.Log == nil {
		return errors.New("a logger is required")
	}
	in.log = slog.New(&logHandler{to: in.Log})
	if in.collector, err = in.collectorConfig(); err != nil {
		return err
	}
	if in.clock, err = pipelineClock(in.Clock); err != nil {
		return err
	}
	if in.traffic, err = in.trafficConfig(); err != nil {
		return err
	}
	if in.Format != formatWeir && in.Format != formatNetflow {
		return fmt.Errorf("format = %q: use %s or %s", in.Format, formatWeir, formatNetflow)
	}
	in.core, err = pipeline.Assemble(in.collector, in.log)
	return err
}

const (
	detectMemory = 256 << 20 // of the detectors' tables, unless the configuration says otherwise
	restMemory   = 96 << 20  // of all but those and the buffer
)

// Memory returns how many bytes the input may take, about: what the configuration gives to detectors and buffer, and the rest. It holds from
// Init on.
func (in *Input) Memory() int64 { return in.collector.Detect.Memory + int64(in.Buffer) + restMemory }

// Start receives and gives metrics to an accumulator until Stop.
func (in *Input) Start(acc telegraf.Accumulator) error {
	return in.start(newMetrics(acc, int64(in.Buffer)))
}

// StartLines receives and writes line protocol to w until Stop. Writing may block: nobody but the writer waits for it. failed is told when
// it failed, which ends all writing.
func (in *Input) StartLines(w io.Writer, failed func(error)) error {
	return in.start(newLines(w, int64(in.Buffer), failed))
}

func (in *Input) start(box *outbox) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.core == nil {
		return errors.New("started without Init, or twice")
	}
	r, err := newRunning(in, box)
	in.core = nil // a pipeline runs once
	if err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return errors.Join(err, r.stop(context.Background()))
	}
	in.running = r
	return nil
}

// Gather tells what is so now: of exporters, of open alerts, of the input itself. What is told comes by the accumulator of Start.
func (in *Input) Gather(telegraf.Accumulator) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.running != nil {
		in.running.gather()
	}
	return nil
}

// stopWithin is how long what has been received may take to reach Telegraf when it stops: it ends the process after ten seconds, one of
// which is the pause at the end.
const stopWithin = 8 * time.Second

// Stop ends receiving, tells of all that was received, and waits until it has been taken, for some seconds. It is idempotent.
func (in *Input) Stop() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.running == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := in.running.stop(ctx); err != nil {
		in.log.Error("stop", "err", err)
	}
	in.running = nil
}

// Address returns where UDP datagrams are received, as HOST:PORT; with port 0 the configuration leaves the choice to the system.
func (in *Input) Address() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.running == nil {
		return nil
	}
	var list []string
	for _, s := range in.running.receivers.Sockets() {
		list = append(list, s.Address.String())
	}
	return list
}

// sinks is where the pipeline's results go.
func (r *running) sinks() pipeline.Sinks {
	s := pipeline.Sinks{Records: r, Alerts: []sink.Alerts{r.alerts}}
	if r.in.Interfaces {
		s.Minutes = r.interfaces
	}
	return s
}
