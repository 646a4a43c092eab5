//go:build cgo

package duckdb

import (
	"sync"
	"sync/atomic"
)

// keptSums are the sums of hot files, and those that statements read just now.
type keptSums struct {
	bytes   atomic.Int64
	refused atomic.Uint64

	mu       sync.Mutex
	parts    map[string]map[int]*setSums // by name and number of the set
	lent     map[int64]*sumTable         // see lend
	lastLent int64
}

// setSums are the sums of a part by the columns of a set.
type setSums struct {
	bytes *atomic.Int64 // what all take

	mu     sync.Mutex         // is never waited for with that of keptSums held
	gone   bool               // they are not to be kept any more
	blocks map[int64]*rowSums // by number; nil: it cannot be summed
}

// of returns the sums of a part by a set.
func (k *keptSums) of(name string, set int) *setSums {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.parts == nil {
		k.parts = map[string]map[int]*setSums{}
	}
	if k.parts[name] == nil {
		k.parts[name] = map[int]*setSums{}
	}
	if k.parts[name][set] == nil {
		k.parts[name][set] = &setSums{bytes: &k.bytes, blocks: map[int64]*rowSums{}}
	}
	return k.parts[name][set]
}

// drop forgets the sums of a part: its file goes, or has rows that cannot be read any more.
func (k *keptSums) drop(name string) {
	k.mu.Lock()
	sums := k.parts[name]
	delete(k.parts, name)
	k.mu.Unlock()
	for _, s := range sums {
		s.forget()
	}
}

// lend gives sums a number under which a statement reads them, until it is given back.
func (k *keptSums) lend(t *sumTable) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lent == nil {
		k.lent = map[int64]*sumTable{}
	}
	k.lastLent++
	k.lent[k.lastLent] = t
	return k.lastLent
}

func (k *keptSums) giveBack(numbers []int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range numbers {
		delete(k.lent, n)
	}
}

func (k *keptSums) lentAs(number int64) *sumTable {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lent[number]
}

// keep keeps the sums of a block, unless the part's have been forgotten meanwhile. The lock is the caller's.
func (s *setSums) keep(number int64, b *rowSums) {
	if !s.gone {
		s.blocks[number] = b
		s.bytes.Add(b.bytes())
	}
}

func (s *setSums) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	for _, b := range s.blocks {
		s.bytes.Add(-b.bytes())
	}
	clear(s.blocks)
}
