package headers

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Config says what a keeper saves. Zero values mean the defaults.
type Config struct {
	Dir      string        // folder of the files, made when the first is written
	Before   time.Duration // before the start of an alert
	After    time.Duration // after it was raised
	FileSize int64         // bytes of a file; the packets beyond are counted
	Files    int           // the oldest go when there are more
	Waiting  int           // alerts that are waited for at a time; further ones get no file
}

// DefaultConfig returns a minute before, half a minute after, and at most 1,000 files of 4 MiB.
func DefaultConfig() Config {
	return Config{Before: time.Minute, After: 30 * time.Second, FileSize: 4 << 20, Files: 1000, Waiting: 256}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	if c.Before <= 0 {
		c.Before = d.Before
	}
	if c.After <= 0 {
		c.After = d.After
	}
	if c.FileSize <= 0 {
		c.FileSize = d.FileSize
	}
	if c.Files <= 0 {
		c.Files = d.Files
	}
	if c.Waiting <= 0 {
		c.Waiting = d.Waiting
	}
	return c
}

// Deps is what a keeper works with.
type Deps struct {
	Ring *Ring
	Now  func() time.Time // nil: the wall clock
	Log  *slog.Logger     // nil: none
}

// Stats are the counters of a keeper.
type Stats struct {
	Files    uint64 // begun
	Packets  uint64 // written
	Cut      uint64 // packets beyond a file's size
	Unfit    uint64 // packets of links that a file cannot hold
	Removed  uint64 // files that went for newer ones
	Skipped  uint64 // alerts for which there was no room to wait
	Failures uint64 // files that could not be written
	Waiting  int    // alerts whose time after has not passed
}

// Keeper saves the headers around alerts. [New] is inert. It is told of alerts in one goroutine and works in its own, so that disks do not
// hold up anybody.
type Keeper struct {
	cfg  Config
	deps Deps

	mu    sync.Mutex
	jobs  []*job
	known map[string]bool // alerts that were looked at
	stats Stats

	work sync.Mutex // held while files are written
	stop chan struct{}
	done sync.WaitGroup
	once sync.Once
}

// job is an alert that is being waited for.
type job struct {
	id       string
	hosts    hosts
	from, to int64
	last     uint64 // number of the newest header that was looked at
	begun    bool   // what came before has been saved
	file     file
}

// New returns a keeper; nothing is opened until the first alert.
func New(cfg Config, deps Deps) (*Keeper, error) {
	if cfg.Dir == "" || deps.Ring == nil {
		return nil, errors.New("headers: folder and ring are required")
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{cfg: cfg.withDefaults(), deps: deps, known: map[string]bool{}, stop: make(chan struct{})}, nil
}

// Start begins to look after the alerts that it is told of.
func (k *Keeper) Start() error {
	k.done.Add(1)
	go func() {
		defer k.done.Done()
		every := time.NewTicker(time.Second)
		defer every.Stop()
		for {
			select {
			case <-k.stop:
				return
			case <-every.C:
				k.Pass(k.deps.Now().UnixNano())
			}
		}
	}()
	return nil
}

// Stop saves what there is of the alerts that are waited for. It is idempotent.
func (k *Keeper) Stop() error {
	k.once.Do(func() {
		close(k.stop)
		k.done.Wait()
		k.Pass(math.MaxInt64)
	})
	return nil
}

// WriteAlerts takes note of alerts that were raised: what there is of their hosts is saved soon, and what comes until their time has passed.
func (k *Keeper) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range alerts {
		k.look(&alerts[i])
	}
	return nil
}

// knownAlerts is how many alerts are remembered as looked at.
const knownAlerts = 100_000

func (k *Keeper) look(a *flow.Alert) {
	if k.known[a.ID] || a.State == flow.AlertPending || !ValidID(a.ID) {
		return
	}
	if len(k.known) >= knownAlerts {
		clear(k.known) // the files tell, too
	}
	k.known[a.ID] = true
	now := k.deps.Now().UnixNano()
	j := &job{id: a.ID, hosts: hostsOf(a), from: min(a.Start.UnixNano(), now) - int64(k.cfg.Before), to: now + int64(k.cfg.After)}
	j.file = file{path: k.path(a.ID), limit: k.cfg.FileSize}
	if _, err := os.Stat(j.file.path); err == nil || j.hosts.empty() {
		return // of an earlier run, or of nobody
	}
	if len(k.jobs) >= k.cfg.Waiting {
		k.stats.Skipped++
		return
	}
	k.jobs = append(k.jobs, j)
}

// Pass saves what is due at a time (ns since the Unix epoch): what came before new alerts, and the rest of those whose time has passed.
func (k *Keeper) Pass(now int64) {
	k.work.Lock()
	defer k.work.Unlock()
	if due := k.due(now); len(due) > 0 {
		k.save(due)
	}
}

// due returns the alerts that there is something to do for; those whose time has passed are not waited for anymore.
func (k *Keeper) due(now int64) (list []*job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	kept := k.jobs[:0]
	for _, j := range k.jobs {
		if !j.begun || j.to <= now {
			j.begun = true
			list = append(list, j)
		}
		if j.to > now {
			kept = append(kept, j)
		}
	}
	clear(k.jobs[len(kept):])
	k.jobs = kept
	return list
}

// Stats returns the keeper's counters.
func (k *Keeper) Stats() Stats {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.stats
	s.Waiting = len(k.jobs)
	return s
}

// save appends the headers that came since the last time to the files of some alerts, going through the ring once. A file is made with
// its first header.
func (k *Keeper) save(list []*job) {
	after := list[0].last
	for _, j := range list {
		after = min(after, j.last)
	}
	var s Stats
	last := k.deps.Ring.Each(after, func(number uint64, h *flow.PacketHeader) {
		for _, j := range list {
			if number > j.last && h.At >= j.from && h.At < j.to && j.hosts.has(h) {
				k.keep(j, h, &s)
			}
		}
	})
	for _, j := range list {
		j.last = last
		if err := j.file.close(); err != nil {
			s.Failures++
			k.deps.Log.Warn("headers of an alert", "alert", j.id, "error", err)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stats.Files += s.Files
	k.stats.Packets += s.Packets
	k.stats.Cut += s.Cut
	k.stats.Unfit += s.Unfit
	k.stats.Removed += s.Removed
	k.stats.Failures += s.Failures
}

// keep writes a header to the file of an alert, unless the file is full or has failed before.
func (k *Keeper) keep(j *job, h *flow.PacketHeader, s *Stats) {
	n := fits(h)
	switch {
	case n == 0:
		s.Unfit++
		return
	case max(j.file.size, fileHeader)+int64(n) > j.file.limit:
		s.Cut++
		return
	case j.file.size == 0 && j.file.err == nil:
		s.Removed += k.makeRoom()
		s.Files++
	}
	if j.file.write(h, n); j.file.err == nil {
		s.Packets++
	}
}
