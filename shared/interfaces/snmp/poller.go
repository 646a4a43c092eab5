package snmp

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/weirflow/weir/shared/flow"
)

// Stats are the counters of a poller.
type Stats struct {
	Polls      uint64            // answered as far as they went
	Failures   map[string]uint64 // polls that gave nothing, by reason: timeout, auth, refused, secret, answer, network, canceled
	Skipped    uint64            // polls left out because the one before had not ended
	Samples    uint64
	LeftOut    uint64 // interfaces beyond the bound of an exporter
	Exporters  int    // that are asked
	TooMany    uint64 // exporters left out for want of room
	Unanswered int    // exporters whose last poll failed
}

// Poller asks exporters for their interfaces. [New] is inert.
type Poller struct {
	cfg  Config
	deps Deps

	mu      sync.Mutex // held while targets are used
	targets map[netip.Addr]*target
	turns   chan struct{}
	cancel  context.CancelFunc
	running sync.WaitGroup
	started atomic.Bool

	polls, skipped, samples, leftOut, tooMany atomic.Uint64
	failures                                  [numReasons]atomic.Uint64
}

// target is an exporter that is asked.
type target struct {
	exporter netip.Addr
	agent    *Agent
	due      time.Time
	busy     bool
	failed   int // polls in a row
}

type reason uint8

const (
	reasonTimeout reason = iota
	reasonAuth
	reasonRefused
	reasonSecret
	reasonAnswer
	reasonNetwork
	reasonCanceled
	numReasons
)

var reasonNames = [numReasons]string{"timeout", "auth", "refused", "secret", "answer", "network", "canceled"}

// New checks the configuration.
func New(cfg Config, deps Deps) (*Poller, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if deps.Symbols == nil || deps.Take == nil {
		return nil, errors.New("snmp: symbols and who takes the samples are required")
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Poller{cfg: cfg, deps: deps, targets: map[netip.Addr]*target{}, turns: make(chan struct{}, cfg.Concurrent)}, nil
}

// Start begins to ask, where anybody is to be asked.
func (p *Poller) Start() error {
	if p.started.Swap(true) {
		return errors.New("snmp: started twice")
	}
	if len(p.cfg.Agents) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.running.Go(func() { p.run(ctx) })
	return nil
}

// Stop ends what is being asked. It is idempotent.
func (p *Poller) Stop() error {
	if p.cancel != nil {
		p.cancel()
		p.running.Wait()
	}
	return nil
}

// lookEvery is how often it is looked who is due.
const lookEvery = time.Second

func (p *Poller) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		for _, t := range p.takeDue() {
			p.running.Go(func() { p.turn(ctx, t) })
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// takeDue returns the exporters whose time has come, and sets their next.
func (p *Poller) takeDue() (list []*target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.find()
	now := p.deps.Now()
	for _, t := range p.targets {
		switch {
		case now.Before(t.due):
			continue
		case t.busy:
			p.skipped.Add(1)
		default:
			t.busy = true
			list = append(list, t)
		}
		step := t.agent.Interval << min(t.failed, maxPatience)
		if t.due = t.due.Add(step); t.due.Before(now) {
			t.due = now.Add(step)
		}
	}
	return list
}

// maxPatience is how often the interval doubles for an exporter that does not answer.
const maxPatience = 3

// find adds the exporters that are to be asked and are not yet. The longest prefix that holds an exporter is for it.
func (p *Poller) find() {
	var seen []netip.Addr
	for i := range p.cfg.Agents {
		a := &p.cfg.Agents[i]
		if a.Exporters.IsSingleIP() {
			p.add(a.Exporters.Addr().Unmap(), a)
		} else if seen == nil && p.deps.Seen != nil {
			seen = p.deps.Seen()
		}
	}
	for _, exporter := range seen {
		var best *Agent
		for i := range p.cfg.Agents {
			if a := &p.cfg.Agents[i]; a.Exporters.Contains(exporter) && (best == nil || a.Exporters.Bits() > best.Exporters.Bits()) {
				best = a
			}
		}
		if best != nil {
			p.add(exporter, best)
		}
	}
}

func (p *Poller) add(exporter netip.Addr, a *Agent) {
	switch {
	case p.targets[exporter] != nil:
	case len(p.targets) >= p.cfg.MaxExporters:
		p.tooMany.Add(1)
	default:
		p.targets[exporter] = &target{exporter: exporter, agent: a}
	}
}

// turn waits for a turn and asks an exporter.
func (p *Poller) turn(ctx context.Context, t *target) {
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return
	}
	list, err := p.ask(ctx, t)
	p.note(t, err)
	if err == nil {
		p.polls.Add(1)
		p.samples.Add(uint64(len(list)))
		p.deps.Take(list)
	}
}

// note counts how a poll ended; what changes is logged, not every failure.
func (p *Poller) note(t *target, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.busy = false
	if err == nil {
		if t.failed > 0 {
			p.deps.Log.Info("snmp: exporter answers again", "exporter", t.exporter)
		}
		t.failed = 0
		return
	}
	why := reasonOf(err)
	p.failures[why].Add(1)
	if why == reasonCanceled {
		return
	}
	if t.failed++; t.failed == 1 {
		p.deps.Log.Warn("snmp: exporter does not tell its interfaces", "exporter", t.exporter, "reason", reasonNames[why], "error", err)
	}
}

func reasonOf(err error) reason {
	var network interface{ Timeout() bool }
	switch {
	case errors.Is(err, errSecret):
		return reasonSecret
	case errors.Is(err, context.Canceled):
		return reasonCanceled
	case isAny(err, gosnmp.ErrUnknownUsername, gosnmp.ErrWrongDigest, gosnmp.ErrDecryption, gosnmp.ErrUnknownSecurityLevel, gosnmp.ErrNotInTimeWindow, gosnmp.ErrUnknownEngineID):
		return reasonAuth
	case errors.Is(err, syscall.ECONNREFUSED):
		return reasonRefused
	case isAny(err, gosnmp.ErrMaxRetriesExceeded, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return reasonTimeout
	case errors.As(err, &network):
		return reasonNetwork
	}
	return reasonAnswer
}

func isAny(err error, list ...error) bool {
	return slices.ContainsFunc(list, func(target error) bool { return errors.Is(err, target) })
}

// Poll asks an exporter once, whenever it is due: for tests and for trying credentials.
func (p *Poller) Poll(ctx context.Context, exporter netip.Addr) ([]flow.InterfaceSample, error) {
	for i := range p.cfg.Agents {
		if a := &p.cfg.Agents[i]; a.Exporters.Contains(exporter) {
			return p.ask(ctx, &target{exporter: exporter, agent: a})
		}
	}
	return nil, errors.New("snmp: no credentials for " + exporter.String())
}

// longest is the most time that an exporter may take for all its answers.
const longest = time.Minute

// ask reads the interfaces of an exporter. Counters are asked for first: they are what hangs on the time.
func (p *Poller) ask(ctx context.Context, t *target) ([]flow.InterfaceSample, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s, err := t.agent.dial(ctx, t.exporter)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // a UDP socket
	boot, err := p.boot(s)
	if err != nil {
		return nil, err
	}
	all := rows{max: p.cfg.MaxInterfaces, byID: map[uint32]*row{}}
	for _, group := range [][]column{wideColumns(), narrowColumns(), nameColumns()} {
		w := walk{session: s, repetitions: t.agent.Repetitions, limit: p.cfg.MaxInterfaces}
		w.take = func(c int, index uint32, v gosnmp.SnmpPDU) {
			r := all.at(index)
			if r == nil {
				return
			}
			group[c].take(r, &v)
			if r.sample.At == 0 && c == 0 {
				r.sample.At = p.deps.Now().UnixNano()
			}
		}
		oids := make([]string, len(group))
		for i := range group {
			oids[i] = group[i].oid
		}
		if err := w.columns(oids); err != nil {
			return nil, err
		}
	}
	p.leftOut.Add(all.left)
	return all.samples(flow.AddrFromNetip(t.exporter), boot, p.deps.Symbols), nil
}

// boot returns when the agent's uptime began, in ns since the Unix epoch.
func (p *Poller) boot(s *gosnmp.GoSNMP) (int64, error) {
	got, err := s.Get([]string{oidUptime})
	if err != nil {
		return 0, err
	}
	if len(got.Variables) != 1 {
		return 0, nil
	}
	ticks, ok := number(&got.Variables[0]) // of 10 ms
	if !ok {
		return 0, nil
	}
	return p.deps.Now().UnixNano() - int64(ticks)*int64(10*time.Millisecond), nil
}

// Stats returns the counters.
func (p *Poller) Stats() Stats {
	s := Stats{
		Polls: p.polls.Load(), Skipped: p.skipped.Load(), Samples: p.samples.Load(), LeftOut: p.leftOut.Load(), TooMany: p.tooMany.Load(), Failures: map[string]uint64{},
	}
	for why, name := range reasonNames {
		if n := p.failures[why].Load(); n > 0 {
			s.Failures[name] = n
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Exporters = len(p.targets)
	for _, t := range p.targets {
		if t.failed > 0 {
			s.Unanswered++
		}
	}
	return s
}
