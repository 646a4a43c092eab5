package flowinput

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const nameHost = "weir_host"

// topConfig says how many hosts have series of their own.
type topConfig struct {
	hosts int // of a group in an interval; 0: no hosts at all
	limit int // in all
}

const (
	hostWays      = 8       // hosts that share a place of the table
	hostPlaces    = 1 << 11 // in the table of an interval: 16,384 hosts, 1.2 MB
	forgetHosts   = 24 * time.Hour
	sweepHosts    = time.Hour
	maxHostTables = 64
)

// hostKey is a host and its groups.
type hostKey struct {
	addr  flow.Addr
	group flow.Symbol
}

// hostAmounts is what a host sent and received.
type hostAmounts struct {
	bytesOut, bytesIn, packetsOut, packetsIn, flows uint64
}

func (a *hostAmounts) add(b *hostAmounts) {
	a.bytesOut += b.bytesOut
	a.bytesIn += b.bytesIn
	a.packetsOut += b.packetsOut
	a.packetsIn += b.packetsIn
	a.flows += b.flows
}

func (a *hostAmounts) bytes() uint64 { return a.bytesOut + a.bytesIn }

// host is an entry of a table; flows 0 is none.
type host struct {
	key hostKey
	hostAmounts
}

// hostTable is what hosts sent and received in an interval. Where more hosts share a place than it has room for, the one with the fewest
// bytes goes into the rest of its group: the top ones stay, and sums are right.
type hostTable struct {
	hosts []host // nil: none yet
	rest  map[flow.Symbol]*hostAmounts
}

// topHosts tells of the hosts of each group with the most bytes, and of the rest as one.
type topHosts struct {
	cfg      topConfig
	seed     uint64
	tables   []hostTable // free
	made     int
	admitted map[hostKey]int64 // hosts with series of their own, with the time at which they last had a point
	swept    int64
	over     uint64 // hosts among the top ones that found no series
	found    []*host
}

func newTopHosts(cfg topConfig) *topHosts {
	return &topHosts{cfg: cfg, seed: rand.Uint64(), admitted: map[hostKey]int64{}}
}

// add counts a record for its ends that are inside.
func (h *topHosts) add(v *interval, r *flow.Record) {
	if r.Direction == flow.Outbound || r.Direction == flow.Internal {
		s := &r.Source
		h.count(v, hostKey{s.IP, s.Groups}, hostAmounts{s.Bytes, r.Destination.Bytes, s.Packets, r.Destination.Packets, 1})
	}
	if r.Direction == flow.Inbound || r.Direction == flow.Internal {
		d := &r.Destination
		h.count(v, hostKey{d.IP, d.Groups}, hostAmounts{d.Bytes, r.Source.Bytes, d.Packets, r.Source.Packets, 1})
	}
}

func (h *topHosts) count(v *interval, k hostKey, a hostAmounts) {
	t := &v.hosts
	if t.hosts == nil && !h.table(t) {
		return
	}
	set := t.hosts[h.place(k)*hostWays:][:hostWays]
	least := 0
	for i := range set {
		e := &set[i]
		if e.key == k && e.flows > 0 {
			e.add(&a)
			return
		}
		if e.flows == 0 {
			e.key, e.hostAmounts = k, a
			return
		}
		if e.bytes() < set[least].bytes() {
			least = i
		}
	}
	e := &set[least]
	t.toRest(e)
	e.key, e.hostAmounts = k, a
}

func (t *hostTable) toRest(e *host) {
	rest := t.rest[e.key.group]
	if rest == nil {
		rest = &hostAmounts{}
		t.rest[e.key.group] = rest
	}
	rest.add(&e.hostAmounts)
}

// place returns the place of a host in tables.
func (h *topHosts) place(k hostKey) uint64 {
	hi, lo := k.addr.Words()
	x := (hi ^ h.seed) * 0x9e3779b97f4a7c15
	x = (x ^ x>>32 ^ lo ^ uint64(k.group)<<40) * 0xd6e8feb86659fd93
	return (x ^ x>>32) % hostPlaces
}

// table takes an empty table for an interval.
func (h *topHosts) table(t *hostTable) bool {
	if n := len(h.tables); n > 0 {
		*t = h.tables[n-1]
		h.tables = h.tables[:n-1]
		return true
	}
	if h.made == maxHostTables {
		return false
	}
	h.made++
	*t = hostTable{hosts: make([]host, hostPlaces*hostWays), rest: map[flow.Symbol]*hostAmounts{}}
	return true
}

// release takes an interval's table back.
func (h *topHosts) release(v *interval) {
	t := &v.hosts
	if t.hosts == nil {
		return
	}
	clear(t.hosts)
	clear(t.rest)
	h.tables = append(h.tables, *t)
	*t = hostTable{}
}

// tell tells of an interval's hosts. Of late records only hosts that have series have points of their own.
func (h *topHosts) tell(t *traffic, v *interval, stamp int64) {
	table := &v.hosts
	if table.hosts == nil {
		return
	}
	h.sweep(t.now)
	h.found = h.found[:0]
	for i := range table.hosts {
		if table.hosts[i].flows > 0 {
			h.found = append(h.found, &table.hosts[i])
		}
	}
	slices.SortFunc(h.found, func(a, b *host) int {
		return cmp.Or(cmp.Compare(a.key.group, b.key.group), cmp.Compare(b.bytes(), a.bytes()), bytes.Compare(a.key.addr[:], b.key.addr[:]))
	})
	rank, group := 0, flow.Symbol(0)
	for _, e := range h.found {
		if e.key.group != group {
			rank, group = 0, e.key.group
		}
		rank++
		if h.admit(e.key, t.now, rank <= h.cfg.hosts && !v.told) {
			t.tellHost(e.key.addr.String(), e.key.group, &e.hostAmounts, stamp)
		} else {
			table.toRest(e)
		}
	}
	groups := make([]flow.Symbol, 0, len(table.rest))
	for g := range table.rest {
		groups = append(groups, g)
	}
	slices.Sort(groups)
	for _, g := range groups {
		t.tellHost(Other, g, table.rest[g], stamp)
	}
	h.release(v)
}

// admit tells whether a host has a series of its own; one among the top ones may get one.
func (h *topHosts) admit(k hostKey, now int64, top bool) bool {
	_, known := h.admitted[k]
	switch {
	case !known && !top:
		return false
	case !known && len(h.admitted) >= h.cfg.limit:
		h.over++
		return false
	}
	h.admitted[k] = now
	return true
}

// sweep forgets hosts that had no points for long.
func (h *topHosts) sweep(now int64) {
	if now-h.swept < int64(sweepHosts) {
		return
	}
	h.swept = now
	for k, last := range h.admitted {
		if now-last > int64(forgetHosts) {
			delete(h.admitted, k)
		}
	}
}

func (t *traffic) tellHost(name string, group flow.Symbol, a *hostAmounts, stamp int64) {
	p := &t.point
	p.begin(nameHost, stamp)
	p.tag("group", cleanText(strings.ReplaceAll(t.symbols.Text(group), flow.ListSeparator, "+")))
	p.tag("host", name)
	p.count("bytes_out", a.bytesOut)
	p.count("bytes_in", a.bytesIn)
	p.count("packets_out", a.packetsOut)
	p.count("packets_in", a.packetsIn)
	p.count("flows", a.flows)
	if !t.offer(p) {
		t.counts.hostsUntold += a.flows
	}
}
