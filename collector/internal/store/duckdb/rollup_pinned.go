//go:build cgo

package duckdb

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostsums"
)

// pinnedSums are sums of some addresses over files.
type pinnedSums struct {
	s     *Store
	pin   *pin
	texts *numbered // directions
	out   *rowSums  // by direction and address
	files int
	room  []hostsums.Sum
}

func newPinnedSums(s *Store, r *rolled) *pinnedSums {
	p := s.hotFiles.coded[store.Flows]["network_direction"]
	return &pinnedSums{s: s, pin: r.pin, texts: p.texts(s.hotFiles.names.Load()), out: newRowSums(len(r.set.Columns), len(counters))}
}

// blocks returns what the sums are read by.
func (p *pinnedSums) blocks() sumReader {
	block := p.out
	return func() (*rowSums, error) {
		b := block
		block = nil
		if b == nil || b.n() == 0 {
			return nil, nil
		}
		return b, nil
	}
}

// read adds the sums that a file has of a zone, and tells whether it could. What is broken is made again.
func (p *pinnedSums) read(f *store.Sealed, z zone) bool {
	err := p.add(f, z)
	if err == nil {
		p.files++
		return true
	}
	if !errors.Is(err, errSumsUnknown) {
		p.s.brokenSums(f, err)
	}
	return false
}

// errSumsUnknown says that the sums of a file do not say what is asked for.
var errSumsUnknown = errors.New("sums do not say")

// add adds the sums that a file has of a zone; none where it fails.
func (p *pinnedSums) add(f *store.Sealed, z zone) error {
	file, err := os.Open(p.s.path(f.Part.SumsPath()))
	if err != nil {
		return err
	}
	defer closeRead(file)
	info, err := file.Stat()
	if err != nil {
		return err
	}
	x, err := hostsums.Open(file, info.Size(), hostsums.Of{Rows: f.Rows, Bytes: f.Bytes})
	if err != nil {
		return err
	}
	directions, err := p.numbers(x.Names)
	if err != nil {
		return err
	}
	var found [][]hostsums.Sum
	for _, a := range p.pin.list {
		hi, lo := a.Words()
		if p.room, err = x.Find(p.room[:0], hostsums.Address{Hi: hi, Lo: lo}); err != nil {
			return err
		}
		list, err := p.choose(z)
		if err != nil {
			return err
		}
		found = append(found, list)
	}
	for i, list := range found {
		for k := range list {
			p.put(i, &list[k], directions)
		}
	}
	return nil
}

// numbers returns those of directions.
func (p *pinnedSums) numbers(names []string) ([]uint64, error) {
	list := make([]uint64, len(names))
	for i, name := range names {
		n := slices.Index(p.texts.texts, name)
		if n < 0 {
			return nil, fmt.Errorf("%w: %q is no direction", hostsums.ErrBroken, name)
		}
		list[i] = p.texts.first + uint64(n)
	}
	return list, nil
}

// choose returns those of the sums in room that are of a zone, and of the side that is asked for.
func (p *pinnedSums) choose(z zone) (list []hostsums.Sum, err error) {
	const hour = int64(time.Hour)
	for _, s := range p.room {
		if s.Hour < math.MinInt64/hour || s.Hour > math.MaxInt64/hour || s.Hour*hour < z.from || s.Hour*hour >= z.to {
			continue
		}
		if s.Side == p.pin.side || p.pin.side == hostsums.Self {
			list = append(list, s)
		}
	}
	if p.pin.side == hostsums.Self {
		return onceOf(list)
	}
	return list, nil
}

// onceOf returns the sums of what an address has sent or received: what it has sent to itself is told by both sides.
func onceOf(list []hostsums.Sum) ([]hostsums.Sum, error) {
	for i := range list {
		self := &list[i]
		if self.Side != hostsums.Self {
			continue
		}
		k := slices.IndexFunc(list, func(s hostsums.Sum) bool {
			return s.Side == hostsums.Source && s.Hour == self.Hour && s.Direction == self.Direction
		})
		if k < 0 || slices.Contains(list[k].Counters[:], math.MaxUint64) {
			return nil, errSumsUnknown
		}
		list[k].Flows -= self.Flows
		for c := range self.Counters {
			list[k].Counters[c] -= self.Counters[c]
		}
	}
	return slices.DeleteFunc(list, func(s hostsums.Sum) bool { return s.Side == hostsums.Self }), nil
}

// put adds a sum of an address, by its number.
func (p *pinnedSums) put(address int, s *hostsums.Sum, directions []uint64) {
	hi, lo := p.pin.list[address].Words()
	key := []uint64{uint64(s.Hour)<<keyBits | 0b110, 0, hi, lo} // the address has a value
	if s.Direction > 0 {
		key[0] |= 1
		key[1] = directions[s.Direction-1]
	}
	at := p.out.find(key, hashOf(key), s.Hour*int64(time.Hour/time.Microsecond)) + p.out.key()
	e := p.out.words[at:][:beside+len(counters)]
	e[1] += s.Flows
	for i := range s.Counters {
		addSum(&e[beside+i], s.Counters[i])
	}
}

// brokenSums takes the rollup of a file out of use, so that it is made again.
func (s *Store) brokenSums(f *store.Sealed, err error) {
	s.counts.rollupErrors.Add(1)
	s.deps.Log.Warn("sums of hosts cannot be read: they are made again", "file", s.path(f.Part.SumsPath()), "error", err)
	s.files.mu.Lock()
	delete(s.files.rolled, f.Part)
	s.files.mu.Unlock()
	s.wake()
}
