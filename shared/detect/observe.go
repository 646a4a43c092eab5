package detect

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
)

func words(a *[16]byte) (hi, lo uint64) {
	return binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(a[8:])
}

// Observe takes the records of a batch into account. They must be normalized and enriched: with a direction and groups.
// Records set aside and other exporters' copies are left out. Time passes by the records' receive times; now (ns since the
// Unix epoch) stands in where a record has none.
func (e *Engine) Observe(b *flow.Batch, now int64) {
	e.datagram = -1
	for first := 0; first < len(b.Records); first += aheadOf {
		records := b.Records[first:min(first+aheadOf, len(b.Records))]
		e.lookAhead(records)
		for i := range records {
			e.part.to, e.part.from = &e.ahead.to[i], &e.ahead.from[i]
			e.record(b, &records[i], now)
		}
	}
	e.publish()
}

func (e *Engine) record(b *flow.Batch, r *flow.Record, now int64) {
	if skip := skipped(r); skip != 0 {
		e.count.mine[skip]++
		return
	}
	direction := e.direction(r)
	if direction == flow.External || direction == flow.DirectionUnknown {
		e.count.mine[skipOutside]++
		return
	}
	received := r.Created
	if received == 0 {
		received = now
	}
	e.passTo(received)
	e.count.mine[countRecords]++
	stream := e.streamOf(b, r, received)
	e.streams.list[stream].report(e.exported, min(r.Start, r.End))
	p := &e.part
	p.stream, p.inbound = stream, direction == flow.Inbound
	p.forward(r)
	e.direct(p, direction != flow.Outbound, direction != flow.Inbound)
	if r.Destination.Packets > 0 || r.Destination.Bytes > 0 {
		p.inbound, p.to, p.from = direction == flow.Outbound, &places{}, &places{}
		p.backward(r)
		e.direct(p, direction != flow.Inbound, direction != flow.Outbound)
	}
}

func skipped(r *flow.Record) counter {
	switch {
	case r.Invalid != flow.ReasonNone:
		return skipInvalid
	case r.Present.Has(flow.HasDuplicateOf):
		return skipDuplicate
	case !r.Present.Has(flow.HasSourceIP | flow.HasDestinationIP):
		return skipNoCounters
	case r.Bytes == 0 && r.Packets == 0 && r.Source.Bytes == 0 && r.Source.Packets == 0:
		return skipNoCounters
	}
	return 0
}

func (e *Engine) direction(r *flow.Record) flow.Direction {
	if r.Direction != flow.DirectionUnknown || e.deps.Inside == nil {
		return r.Direction
	}
	switch from, to := e.deps.Inside(r.Source.IP), e.deps.Inside(r.Destination.IP); {
	case from && to:
		return flow.Internal
	case from:
		return flow.Outbound
	case to:
		return flow.Inbound
	}
	return flow.External
}

// streamOf returns the stream of a record; the records of a datagram follow each other, so it is looked up once a datagram.
func (e *Engine) streamOf(b *flow.Batch, r *flow.Record, received int64) uint16 {
	if int64(r.Meta) == e.datagram && int(r.Meta) < len(b.Datagrams) {
		return e.stream
	}
	e.datagram = int64(r.Meta)
	n, fits := e.streams.of(flow.StreamKey{Exporter: r.Exporter, Domain: r.Domain, Protocol: r.Protocol})
	if !fits {
		e.count.mine[capStreams]++
	}
	exported := int64(0)
	if int(r.Meta) < len(b.Datagrams) {
		exported = b.Datagrams[r.Meta].Exported
	}
	if exported == 0 {
		exported = received
	} else if r.Present.Has(flow.HasClock) {
		exported += r.ClockOffset
	}
	e.stream, e.exported = n, e.streams.list[n].datagram(exported, received)
	return n
}

// direct accounts one direction of a record: to an inside host, from one, or both.
func (e *Engine) direct(p *part, toInside, fromInside bool) {
	if fromInside {
		e.fromInside(p)
	}
	if toInside {
		e.toInside(p)
	}
}

// fromInside takes note of a request, and of how much a host gives back.
func (e *Engine) fromInside(p *part) {
	host := e.replyCell(p)
	if host != nil {
		e.addReply(host, p)
	}
	e.streams.list[p.stream].outbound++
	e.requested(p, host)
}

// replyCell returns the cell of the host that sends. Its answer may be exported before what it answers, so a cell is made while
// there is room.
func (e *Engine) replyCell(p *part) *cell {
	hash := p.from.cell
	if !p.from.known {
		hash = e.cellHash(&p.src, vectorHost)
	}
	n := e.table.find(hash, &p.src, vectorHost)
	if n == 0 {
		if e.table.cells.full() {
			return nil
		}
		n = e.table.insert(hash, &p.src, vectorHost)
	}
	c := e.table.cells.at(n)
	c.touched = e.clock
	return c
}

func (e *Engine) addReply(c *cell, p *part) {
	s := &p.spread
	first := e.clip(s)
	if first > s.last || s.last > e.lastBin() {
		return
	}
	d := s.from(p.packets, first)
	for b := first; b <= s.last; b++ {
		v := d.next()
		if pg := e.makePage(c, b/pageBins, p); pg != nil {
			bn := &pg.bins[b%pageBins]
			bn.reply = addSaturating(bn.reply, v)
		}
	}
}

// lastBin returns the last bin that is kept: records may run ahead of the clock by up to a minute.
func (e *Engine) lastBin() int64 { return (e.clock/minuteNs+2)*pageBins - 1 }

// clip returns the first bin of a spread that is kept.
func (e *Engine) clip(s *spread) int64 {
	return max(s.first, (e.clock/minuteNs-pageBack)*pageBins)
}

// toInside accounts what an inside host received: at its host cell and, from outside by UDP and the like, at its service's.
func (e *Engine) toInside(p *part) {
	s := &p.spread
	first := e.clip(s)
	if first > s.first || s.last > e.lastBin() {
		e.count.mine[countLate]++
	}
	if first > s.last || s.last > e.lastBin() {
		return
	}
	to := *p.to
	if !to.known {
		to.cell = e.cellHash(&p.dst, vectorHost)
		to.pair = e.pairKey((*[16]byte)(&p.dst), (*[16]byte)(&p.src), p.sport, p.protocol)
		if p.inbound {
			to.come(e, &p.dst, e.vectorFrom(p.protocol, p.sport))
		}
	}
	key := to.pair
	asked := e.solicited(p, key)
	how := arrival{first: first, bytes: s.from(p.bytes, first), packets: s.from(p.packets, first), asked: asked}
	if p.interval > 1 {
		how.raw = s.from(p.raw, first)
	}
	w := waiter{key: key, due: e.clock + grace, bytes: p.bytes, spread: p.spread, stream: p.stream}
	n := e.cellFor(to.cell, vectorHost, p)
	underAttack := false
	if n != 0 {
		c := e.table.cells.at(n)
		underAttack = c.hot != 0 && e.hots.at(c.hot).underAttack()
		how.underAttack = underAttack
		e.add(c, n, p, &how)
		w.cells[0], w.hash[0] = n, c.hash
	}
	if to.vector != vectorHost {
		if n := e.serviceCell(&to, p, asked); n != 0 {
			c := e.table.cells.at(n)
			underAttack = underAttack || (c.hot != 0 && e.hots.at(c.hot).underAttack())
			how.underAttack = underAttack
			e.add(c, n, p, &how)
			w.cells[1], w.hash[1] = n, c.hash
		}
	}
	e.pair(w, p, asked, underAttack)
}

// serviceCell returns the cell of what comes from a service. Solicited traffic makes none: then there is nothing to find.
func (e *Engine) serviceCell(to *places, p *part, asked bool) uint32 {
	if asked {
		return e.table.find(to.service, &p.dst, to.vector)
	}
	return e.cellFor(to.service, to.vector, p)
}

// pair lets an unsolicited record wait for its request, and learns whether the exporter exports both ways. An exporter that
// does not is asked by samples only.
func (e *Engine) pair(w waiter, p *part, asked, underAttack bool) {
	const trial, one = 10_000, 8
	probe := p.established() && !underAttack
	st := &e.streams.list[p.stream]
	switch {
	case asked && probe:
		e.probe(p.stream, true)
	case asked:
	case st.bothWays() || st.reports < trial || p.source%one == 0:
		w.probe = probe
		e.wait(w, underAttack)
	}
}

// vectorFrom returns the service or the unlisted ports that inbound traffic comes from; vectorHost: neither.
func (e *Engine) vectorFrom(protocol uint8, port uint16) vector {
	if protocol == protoUDP && port == 0 {
		return vectorHost // fragments after the first have no ports
	}
	return e.vectorOf(protocol, port)
}

// arrival is what is known of a part when it is added.
type arrival struct {
	first              int64 // bin
	bytes, packets     share
	raw                share // of sampled records
	asked, underAttack bool
}

// add spreads a part over the bins of a cell and lets the cell become hot where a bin comes near the threshold.
func (e *Engine) add(c *cell, n uint32, p *part, how *arrival) {
	s, l := &p.spread, &e.limits[c.vector]
	bytes, packets, raw := how.bytes, how.packets, how.raw
	var pg *page
	peak := 0.0
	for b := how.first; b <= s.last; b++ {
		if number := b / pageBins; pg == nil || pg.number != number {
			if pg = e.makePage(c, number, p); pg != nil {
				pg.end = max(pg.end, p.end)
				e.addSource(pg, p.source, c.hot != 0 && e.hots.at(c.hot).close)
			}
		}
		by, pk := bytes.next(), packets.next()
		rw := pk
		if p.interval > 1 {
			rw = raw.next()
		}
		if pg == nil {
			continue
		}
		bn := &pg.bins[b%pageBins]
		bn.bytes += by
		bn.packets += pk
		bn.raw = addSaturating(bn.raw, rw)
		if how.asked {
			bn.solicited += by
		}
		if b == s.first && p.fresh && p.interval <= 1 {
			bn.flows = addSaturating(bn.flows, 1)
		}
		if l.near(bn) {
			peak = max(peak, l.ratio(bn))
		}
	}
	if peak > 0 && c.hot == 0 {
		e.heat(n, peak)
	}
	if c.hot != 0 {
		h := e.hots.at(c.hot)
		h.close = h.close || peak >= closePart
		h.observe(e, p, how.first, how.underAttack)
	}
}
