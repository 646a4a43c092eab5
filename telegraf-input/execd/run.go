package execd

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/influxdata/telegraf"

	"github.com/weirflow/weir/telegraf-input/flowinput"
)

// Process is what a process has: its streams, the signals that end it, and time.
type Process struct {
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Signals <-chan os.Signal
	Sleep   func(time.Duration) // nil is time.Sleep
}

// Linger is the pause between the last flush and the end of the process.
const Linger = time.Second

// options are the flags, named as other external plugins of Telegraf name theirs.
type options struct {
	config   string
	poll     time.Duration
	disabled bool
	usage    bool
}

func parse(args []string, out io.Writer) (o options, err error) {
	f := flag.NewFlagSet("weir-telegraf", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.config, "config", "", "`file` with one [[inputs.weir]]; outside the folder that Telegraf reads itself")
	f.DurationVar(&o.poll, "poll_interval", 10*time.Second, "how often exporters, open alerts and the input itself are told of, until a newline comes on stdin")
	f.BoolVar(&o.disabled, "poll_interval_disabled", false, "tell of them only when a newline comes")
	f.BoolVar(&o.usage, "usage", false, "print the configuration with every key and exit")
	f.Usage = func() {
		fmt.Fprint(out, "weir-telegraf receives NetFlow, IPFIX and sFlow and writes metrics for Telegraf's inputs.execd.\n\n"+
			"  [[inputs.execd]]\n    command = [\"/usr/local/bin/weir-telegraf\", \"-config\", \"/etc/telegraf/weir.conf\"]\n    signal = \"none\"\n    data_format = \"influx\"\n\n")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if o.poll <= 0 {
		return o, errors.New("poll_interval must be positive")
	}
	return o, nil
}

// Run runs the input until stdin ends or a signal comes, and returns the exit code: 0, 1 after an error, 2 for wrong use.
func Run(args []string, p Process) int {
	if p.Sleep == nil {
		p.Sleep = time.Sleep
	}
	o, err := parse(args, p.Err)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		newLogger(p.Err, telegraf.Info).Error(err)
		return 2
	case o.usage:
		if _, err := io.WriteString(p.Out, flowinput.Sample); err != nil {
			return 1
		}
		return 0
	}
	c, err := load(o.config)
	log := newLogger(p.Err, max(telegraf.LogLevelFromString(c.LogLevel), telegraf.Error))
	if err == nil {
		c.Log = log
		err = c.Init()
	}
	if err != nil {
		log.Error(err)
		return 1
	}
	return p.serve(c.Input, o, log)
}

// serve runs a configured input.
func (p *Process) serve(in *flowinput.Input, o options, log *logger) int {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(in.Memory()) // garbage is collected in time
	}
	broken := make(chan error, 1)
	if err := in.StartLines(p.Out, func(err error) { broken <- err }); err != nil {
		log.Error(err)
		return 1
	}
	log.Info("weir is up")
	code := 0
	if err := p.wait(in, o, broken); err != nil {
		log.Error(err)
		code = 1
	}
	in.Stop()
	p.Sleep(Linger)
	return code
}

// wait gathers until the input is to end; an error says that it cannot go on.
func (p *Process) wait(in *flowinput.Input, o options, broken <-chan error) error {
	lines, ended := readLines(p.In)
	var tick <-chan time.Time
	if !o.disabled {
		ticker := time.NewTicker(o.poll)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-ended:
			return nil
		case <-p.Signals:
			return nil
		case err := <-broken:
			return fmt.Errorf("metrics cannot be written: %w", err)
		case <-lines:
			tick = nil // Telegraf says when
		case <-tick:
		}
		if err := in.Gather(nil); err != nil {
			return err
		}
	}
}

// readLines tells of newlines, several at once as one, and of the end.
func readLines(r io.Reader) (lines, ended <-chan struct{}) {
	line, end := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(end)
		buffer := make([]byte, 256)
		for {
			n, err := r.Read(buffer)
			for _, c := range buffer[:n] {
				if c == '\n' {
					select {
					case line <- struct{}{}:
					default:
					}
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return line, end
}
