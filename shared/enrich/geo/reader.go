package geo

import "github.com/weirflow/weir/shared/flow"

// cacheBits make the cache's size.
const cacheBits = 13

// CacheSlots is how many addresses a reader remembers: about 230 KB, which stay near the processor. An address whose slot holds
// another takes its place. There are as many readers as goroutines that were ever at work at the same time.
const CacheSlots = 1 << cacheBits

// Reader tells places, for one goroutine at a time: see [Locator.Acquire].
type Reader struct {
	tables *tables
	slots  [CacheSlots]slot

	lookups, cached, found uint64 // since it was acquired
}

type slot struct {
	addr  flow.Addr
	place Place
	used  bool
}

// Acquire returns a reader for a batch of look-ups, all of which see the same files. Its cache is kept from the last turn unless
// the files have changed since.
func (l *Locator) Acquire() *Reader {
	l.idle.Lock()
	var r *Reader
	if n := len(l.idle.readers); n > 0 {
		r = l.idle.readers[n-1]
		l.idle.readers = l.idle.readers[:n-1]
	}
	l.idle.Unlock()
	if r == nil {
		r = &Reader{}
	}
	if now := l.current.Load(); r.tables != now {
		r.tables = now
		clear(r.slots[:])
	}
	return r
}

// Release gives a reader back, which must not be used any more, and counts what it did.
func (l *Locator) Release(r *Reader) {
	l.lookups.Add(r.lookups)
	l.cached.Add(r.cached)
	l.found.Add(r.found)
	r.lookups, r.cached, r.found = 0, 0, 0
	l.idle.Lock()
	l.idle.readers = append(l.idle.readers, r)
	l.idle.Unlock()
}

// Place tells what is known of an address. Addresses that are not public are not looked up. It allocates nothing.
func (r *Reader) Place(a flow.Addr) Place {
	if !Public(a) {
		return Place{}
	}
	r.lookups++
	s := &r.slots[slotOf(a)]
	if s.used && s.addr == a {
		r.cached++
	} else {
		s.addr, s.place, s.used = a, r.tables.place(a), true
	}
	if s.place != (Place{}) {
		r.found++
	}
	return s.place
}

// slotOf spreads addresses by multiplication with odd constants near the golden ratio (Knuth, TAOCP 3, section 6.4).
func slotOf(a flow.Addr) uint64 {
	hi, lo := a.Words()
	return ((hi * 0x9e3779b97f4a7c15) ^ lo) * 0xbf58476d1ce4e5b9 >> (64 - cacheBits)
}

// place asks a file that is used for both only once.
func (t *tables) place(a flow.Addr) Place {
	p := t.country.place(a)
	if t.asn != t.country {
		p.ASN = t.asn.place(a).ASN
	}
	return p
}
