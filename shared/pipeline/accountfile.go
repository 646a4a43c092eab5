package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// AccountFile keeps the loss account in a file, for packagings without a store: how far each stream had been taken, so that what is lost between
// two runs shows as gaps, and what its counters had come to. What was passed on after the file was written last, a second before a crash, counts
// as a gap, too: a gap is never told too small.
type AccountFile struct {
	path    string
	account *flow.Account
	log     *slog.Logger

	before map[flow.StreamKey]query.Exporter // earlier runs; Load makes it

	mu      sync.Mutex // not held while the file is written: marks come from where records go
	marks   map[flow.StreamKey]flow.StreamMark
	changed bool

	saving sync.Mutex
	saved  time.Time
	failed bool // told about, until it works again
}

// NewAccountFile returns the keeper of a file, which need not be there yet.
func NewAccountFile(path string, account *flow.Account, log *slog.Logger) *AccountFile {
	return &AccountFile{
		path: path, account: account, log: log, marks: map[flow.StreamKey]flow.StreamMark{}, before: map[flow.StreamKey]query.Exporter{},
	}
}

// savedStream is a stream in the file.
type savedStream struct {
	Exporter netip.Addr     `json:"exporter"`
	Port     uint16         `json:"port,omitempty"`
	Domain   uint32         `json:"domain"`
	Protocol string         `json:"protocol"`
	Mark     *savedMark     `json:"mark,omitempty"`
	Counters query.Exporter `json:"counters"`
}

type savedMark struct {
	Next    uint32 `json:"next"`
	Known   bool   `json:"known"`
	Order   int64  `json:"order"`
	Waiting uint32 `json:"waiting"`
}

// forgetAfter is how long a stream is remembered that sends nothing.
const forgetAfter = 30 * 24 * time.Hour

// Load reads what earlier runs left and returns how far streams had been taken, for the decoder. A broken file is told of and no error:
// what was lost between the runs is then not known. Streams that have been silent for a month are forgotten.
func (f *AccountFile) Load(now time.Time) ([]flow.StreamMark, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("loss account of the last run: %w", err)
	}
	var list []savedStream
	if err := json.Unmarshal(text, &list); err != nil {
		f.log.Warn("the loss account of the last run is not usable; what was lost since is not told", "file", f.path, "err", err)
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var marks []flow.StreamMark
	for i := range list {
		s := &list[i]
		protocol, ok := flow.ParseProtocol(s.Protocol)
		seen := s.Counters.LastSeen
		if !ok || !s.Exporter.IsValid() || len(f.before) >= flow.MaxStreams || seen == nil || now.Sub(*seen) > forgetAfter {
			continue
		}
		key := flow.StreamKey{Exporter: flow.AddrFromNetip(s.Exporter), Domain: s.Domain, Protocol: protocol, Port: s.Port}
		f.before[key] = s.Counters
		if m := s.Mark; m != nil {
			f.marks[key] = flow.StreamMark{Key: key, Next: m.Next, Known: m.Known, Order: m.Order, Waiting: m.Waiting}
			marks = append(marks, f.marks[key])
		}
	}
	return marks, nil
}

// Take takes the marks of records that are where they should be.
func (f *AccountFile) Take(marks map[flow.StreamKey]flow.StreamMark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, m := range marks {
		m.Key = key
		f.marks[key] = m
		f.changed = true
	}
}

// Exporters returns the accounts over all runs; health tells how well a stream is exported and may be nil.
func (f *AccountFile) Exporters(health func(flow.StreamKey) *health.Stream) []query.Exporter {
	streams := f.account.Streams()
	list := make([]query.Exporter, 0, len(streams))
	for _, s := range streams {
		e := query.ExporterOf(s)
		if health != nil {
			e.Health = health(s.Key)
		}
		list = append(list, e.After(f.before[s.Key]))
	}
	return list
}

// How often the file is written: each second, and less often the more streams there are.
const (
	accountEvery     = time.Second
	accountPerStream = time.Millisecond
)

// Keep writes the file if something has changed, not before its time unless it is the last occasion. A failure is logged.
func (f *AccountFile) Keep(now time.Time, last bool) {
	f.saving.Lock()
	defer f.saving.Unlock()
	list := f.due(now, last)
	if list == nil {
		return
	}
	f.saved = now
	err := f.save(list)
	if err != nil && !f.failed {
		f.log.Warn("the loss account is not saved; after a crash what was lost would not be told", "err", err)
	}
	if f.failed = err != nil; f.failed {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.changed = true // it is tried again
	}
}

// due returns what is to be written; nil is nothing.
func (f *AccountFile) due(now time.Time, last bool) []savedStream {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.changed || (!last && now.Sub(f.saved) < accountEvery+time.Duration(len(f.marks))*accountPerStream) {
		return nil
	}
	f.changed = false
	streams := f.account.Streams()
	list := make([]savedStream, 0, len(streams))
	for _, stream := range streams {
		key := stream.Key
		s := savedStream{Exporter: key.Exporter.Netip(), Port: key.Port, Domain: key.Domain, Protocol: key.Protocol.String()}
		e := query.ExporterOf(stream).After(f.before[key])
		e.Waiting = 0
		if m, ok := f.marks[key]; ok {
			s.Mark = &savedMark{m.Next, m.Known, m.Order, m.Waiting}
			e.Waiting = int64(m.Waiting)
		}
		settle(&e)
		s.Counters = e
		list = append(list, s)
	}
	return list
}

func (f *AccountFile) save(list []savedStream) error {
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("loss account: %w", err)
	}
	return durable.Replace(f.path, text)
}

// settle makes the sums of an account that is kept of their parts: counters that are read one by one while others count do not add up. What is in
// flight is left out: if it is never passed on, it shows up as a gap. What is known of the moment only is left out, too.
func settle(e *query.Exporter) {
	total := func(reasons map[string]uint64) (n uint64) {
		for _, k := range reasons {
			n += k
		}
		return n
	}
	e.Datagrams = e.Decoded + total(e.Refused)
	e.Sets = e.SetsDecoded + uint64(max(e.Waiting, 0)) + total(e.SetsExpired)
	e.Records, e.InFlight = e.Stored+e.AlreadyStored+total(e.SetAside)+total(e.Dropped), 0
	e.Health, e.Clock, e.Sampling, e.CannotSee = nil, nil, nil, nil
}
