package flowinput

// Names of the measurements of traffic.
const (
	nameTraffic = "weir_traffic"
	nameTotal   = "weir_traffic_total"
)

// tell tells of what an interval holds. It returns false where there was no room for all: it goes on the next time. What is added meanwhile
// to series that were told already is told later.
func (t *traffic) tell(v *interval) bool {
	w := &v.telling
	resumed := w.active
	if !w.active {
		*w = telling{active: true, stamp: t.cfg.schedule.stampOf(v.at, v.told, t.now)}
	}
	for ; w.next < len(v.pages)*pageSeries; w.next++ {
		pg := v.pages[w.next/pageSeries]
		if pg == nil {
			w.next += pageSeries - 1 - w.next%pageSeries
			continue
		}
		a := &pg[w.next%pageSeries]
		if a.flows == 0 {
			continue
		}
		if !t.tellSeries(w.next, a, w.stamp) {
			return false
		}
		t.keepTotal(w.next, a)
		t.series.seen[w.next] = t.now
		*a = amounts{}
	}
	if t.hosts != nil {
		t.hosts.tell(t, v, w.stamp)
	}
	t.told(v, resumed)
	return true
}

// told notes that an interval has been told of.
func (t *traffic) told(v *interval, resumed bool) {
	v.told, v.retold, v.pending, v.telling = true, t.now, false, telling{}
	for i, pg := range v.pages {
		switch {
		case pg == nil:
		case resumed && !pg.empty():
			v.pending = true
		default:
			t.pages.give(pg)
			v.pages[i] = nil
		}
	}
}

func (pg *page) empty() bool {
	for i := range pg {
		if pg[i].flows != 0 {
			return false
		}
	}
	return true
}

func (t *traffic) tellSeries(number int, a *amounts, stamp int64) bool {
	p := &t.point
	p.begin(nameTraffic, stamp)
	t.tags(p, number)
	a.fields(p)
	return t.offer(p)
}

// tags adds the tags of a series.
func (t *traffic) tags(p *point, number int) {
	key := t.series.keys[number]
	for i, v := range t.values {
		p.tag(dimensions[v.of].Name, v.texts[key.at(i)])
	}
}

func (a *amounts) fields(p *point) {
	p.count("bytes", a.bytes)
	p.count("packets", a.packets)
	p.count("flows", a.flows)
	p.count("raw_bytes", a.rawBytes)
	p.count("raw_packets", a.rawPackets)
}

func (t *traffic) keepTotal(number int, a *amounts) {
	if !t.cfg.totals {
		return
	}
	for len(t.total) <= number {
		t.total = append(t.total, amounts{})
	}
	t.total[number].add(a)
}

// tellTotals tells of the counters of all series.
func (t *traffic) tellTotals(now int64, give func(*point)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for number := range t.total {
		a := &t.total[number]
		if a.flows == 0 {
			continue
		}
		p := &t.point
		p.begin(nameTotal, now)
		t.tags(p, number)
		a.fields(p)
		give(p)
	}
}
