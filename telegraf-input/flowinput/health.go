package flowinput

import (
	"math"
	"sync/atomic"
)

func floatOf(bits *atomic.Uint64) float64 { return math.Float64frombits(bits.Load()) }

// tellInput tells of the input itself: what it received, told and dropped, and how full its tables are.
func (r *running) tellInput(now int64, give func(*point)) {
	t := r.traffic
	t.mu.Lock()
	c, series, over := t.counts, t.series.known(), t.series.over
	t.mu.Unlock()
	p := &r.gathers.point
	p.begin(nameInput, now)
	var datagrams, kernel, truncated uint64
	for _, s := range r.receivers.Sockets() {
		datagrams, kernel, truncated = datagrams+s.Datagrams, kernel+s.KernelDrops, truncated+s.Truncated
	}
	p.count("datagrams", datagrams)
	p.count("kernel_drops", kernel)
	p.count("truncated", truncated)
	stats := r.pipeline.Stats()
	p.count("dropped_batches", stats.DroppedBatches+stats.DroppedForSinks)
	p.count("records", c.records)
	p.count("left_out_copies", c.copies)
	p.count("left_out_set_aside", c.aside)
	p.count("late_records", c.late)
	p.count("late_bytes", c.lateBytes)
	p.count("future_records", c.future)
	p.count("no_room_records", c.noRoom)
	p.count("untold_records", c.untold+c.hostsUntold)
	p.count("series", uint64(series))
	p.count("series_limit", uint64(t.cfg.series))
	p.count("series_other_records", over)
	r.tellHosts(p)
	r.interfaces.counts(p)
	p.count("points", r.box.sent.Load())
	p.count("dropped_points", r.box.dropped[classSum].Load())
	p.count("dropped_flows", r.box.dropped[classRaw].Load())
	give(p)
	r.tellTags(now, give)
}

func (r *running) tellHosts(p *point) {
	t := r.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.hosts; h != nil {
		p.count("hosts", uint64(len(h.admitted)))
		p.count("hosts_limit", uint64(h.cfg.limit))
		p.count("hosts_other", h.over)
	}
}

// tellTags tells how many values tags have, and how much went to the value other.
func (r *running) tellTags(now int64, give func(*point)) {
	t := r.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, v := range t.values {
		p := &r.gathers.point
		p.begin(nameTag, now)
		p.tag("tag", dimensions[v.of].Name)
		p.count("values", uint64(v.known()))
		p.count("limit", uint64(v.limit))
		p.count("other_records", v.over)
		give(p)
	}
}

// counts tells what became of minutes of interfaces.
func (s *interfaceSums) counts(p *point) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.count("interfaces", uint64(len(s.series)))
	p.count("interface_minutes_left_out", s.over)
	p.count("interface_minutes_late", s.late)
}
