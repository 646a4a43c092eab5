package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

// Process is what a process has: its streams, the signals that end it, who started it, and time.
type Process struct {
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Signals <-chan os.Signal
	Gone    func() bool // whether who started the process has ended; nil: it never does
}

const usage = `weir-splunk is a modular input of Splunk: it receives NetFlow, IPFIX and sFlow and writes events. splunkd starts it.

  weir-splunk                       reads <input> from standard input and streams events to standard output
  weir-splunk --scheme              says what the input is and which parameters it has
  weir-splunk --validate-arguments  reads <items> from standard input and checks them
`

// Run does what splunkd asks for by args, and returns the exit code: 0, 1 after an error, 2 for wrong use.
func Run(args []string, p Process) int {
	switch {
	case len(args) == 0:
		return p.stream()
	case len(args) == 1 && args[0] == "--scheme":
		s := Scheme()
		return exit(p.Out.Write(s.AppendXML(nil)))
	case len(args) == 1 && args[0] == "--validate-arguments":
		return p.validate()
	case len(args) == 1 && (args[0] == "--help" || args[0] == "-h"):
		return exit(io.WriteString(p.Out, usage))
	}
	_, _ = io.WriteString(p.Err, usage) // the exit code says it, too
	return 2
}

func exit(_ int, err error) int {
	if err != nil {
		return 1
	}
	return 0
}

// validate checks the arguments of a stanza that is to be made or changed.
func (p *Process) validate() int {
	c, err := modinput.ReadItems(p.In)
	if err == nil && len(c.Stanzas) == 0 {
		err = errors.New("standard input has no <item>")
	}
	for _, s := range c.Stanzas {
		if _, _, e := ReadSettings(s.Params); e != nil {
			err = errors.Join(err, e)
		}
	}
	if err == nil {
		return 0
	}
	_, _ = p.Out.Write(modinput.AppendError(nil, sentences(err))) // the exit code says it, too
	return 1
}

// run is the way from the configuration to the end of the stream.
type run struct {
	p         *Process
	log       *slog.Logger
	level     *slog.LevelVar
	stream    *modinput.Stream
	broken    chan error // told that standard output cannot be written
	instances []*instance
}

// stream runs the stanzas that standard input names until something ends it.
func (p *Process) stream() int {
	r := &run{p: p, level: new(slog.LevelVar), stream: modinput.NewStream(p.Out), broken: make(chan error, 1)}
	r.log = modinput.NewLog(p.Err, r.level)
	if err := r.stream.Begin(); err != nil {
		r.log.Error("standard output cannot be written", "err", err)
		return 1
	}
	code := 0
	if err := r.start(); err != nil {
		r.log.Error(sentences(err))
		code = 1
	}
	if len(r.instances) > 0 {
		r.log.Info("stopping: " + r.wait())
	}
	if err := r.stop(); err != nil {
		r.log.Error("not everything could be written before the end", "err", err)
		code = 1
	}
	return code
}

// start starts all stanzas that can be started; the error is of the others.
func (r *run) start() error {
	c, err := modinput.ReadInput(r.p.In)
	if err != nil {
		return err
	}
	if len(c.Stanzas) == 0 {
		r.log.Info("no stanza is configured")
	}
	var memory int64
	var errs []error
	for _, s := range c.Stanzas {
		i, err := r.prepare(s, &c)
		if err == nil {
			err = i.start()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.Name, err))
			continue
		}
		memory += i.settings.Memory()
		r.instances = append(r.instances, i)
	}
	if os.Getenv("GOMEMLIMIT") == "" && memory > 0 {
		debug.SetMemoryLimit(memory) // garbage is collected in time
	}
	return errors.Join(errs...)
}

func (r *run) prepare(s modinput.Stanza, c *modinput.Configuration) (*instance, error) {
	settings, unknown, err := ReadSettings(s.Params)
	if err != nil {
		return nil, err
	}
	log := r.log.With("stanza", s.Name)
	if len(r.instances) == 0 || settings.LogLevel < r.level.Level() {
		r.level.Set(settings.LogLevel)
	}
	for _, name := range unknown {
		log.Warn("there is no such parameter", "parameter", name)
	}
	if n := len(settings.Collector.Outputs); n > 0 {
		log.Warn("outputs of the configuration file are not used: events go to Splunk alone", "outputs", n)
	}
	return newInstance(s.Name, c.CheckpointDir, settings, instanceDeps{to: r.stream, failed: r.fail, log: log, now: time.Now})
}

// fail notes that nobody reads any more.
func (r *run) fail(err error) {
	select {
	case r.broken <- err:
	default:
	}
}

// lookEvery is how often it is looked at whether splunkd is still there.
const lookEvery = time.Second

// wait waits until the stream is to end, and says why.
func (r *run) wait() string {
	r.log.Info("weir is up", "stanzas", len(r.instances))
	ended := modinput.Watch(r.p.In, time.After(modinput.HeldAfter), func() {
		r.log.Info("standard input is held open: its end will be the end of the stream")
	})
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case s := <-r.p.Signals:
			return "signal " + s.String()
		case <-ended:
			return "standard input has ended"
		case err := <-r.broken:
			return fmt.Sprintf("standard output cannot be written: %v", err)
		case <-look.C:
			if r.p.Gone != nil && r.p.Gone() {
				return "the process that started it is gone"
			}
		}
	}
}

// stopWithin is how long what was received may take to be written at the end: splunkd does not wait for long before it kills.
const stopWithin = 3 * time.Second

// stop stops all stanzas and closes the document.
func (r *run) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		var stopping sync.WaitGroup
		errs := make([]error, len(r.instances))
		for n, i := range r.instances {
			stopping.Go(func() { errs[n] = i.stop(ctx) })
		}
		stopping.Wait()
		ended <- errors.Join(errors.Join(errs...), r.end())
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(stopWithin + stopWithin/10): // the buffers have given up at stopWithin, but more may be on its way to them
	}
	r.giveUp(ended)
	return errFull
}

// giveUp closes the document behind what has been written by now, if standard output takes anything at all, and saves the state.
func (r *run) giveUp(ended <-chan error) {
	closed := make(chan struct{})
	go func() { defer close(closed); _ = r.stream.End() }() // the error is that not all was written
	select {
	case err := <-ended:
		r.log.Debug("stopped late", "err", err)
	case <-closed:
	case <-time.After(stopWithin / 3):
	}
	for _, i := range r.instances {
		i.memory.Keep(time.Now(), true)
	}
}

// end closes the document. That nobody reads it is what has ended the stream, and no error.
func (r *run) end() error {
	err := r.stream.End()
	for _, i := range r.instances {
		if i.box.broken.Load() {
			return nil
		}
	}
	return err
}
