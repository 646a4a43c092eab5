package session_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

// traffic makes connections among few endpoints, so that ports are used anew, exported in pieces by one or two exporters, whose
// clocks differ by some ms, some of one direction only. It returns how many connections that were.
func traffic(rng *rand.Rand, connections int) (records []r, count int) {
	free := map[string]float64{} // when an endpoint pair may be used anew
	for range connections {
		from, to := fmt.Sprintf("10.0.0.%d:%d", 1+rng.IntN(4), 40000+rng.IntN(6)), fmt.Sprintf("192.0.2.%d:443", 1+rng.IntN(3))
		start := free[from+to] + 0.2 + rng.Float64()*2
		if rng.IntN(2) == 0 {
			start += 25 + rng.Float64()*200
		}
		length := rng.Float64() * []float64{1, 30, 400}[rng.IntN(3)]
		free[from+to] = start + length + 0.1
		proto := uint8(0)
		if rng.IntN(3) == 0 {
			proto = 17
			free[from+to] += 25 // nothing but quiet tells apart sessions of UDP
		}
		both, copies := rng.IntN(4) > 0, rng.IntN(3) == 0
		records = append(records, pieces(rng, r{from: from, to: to, start: start, end: start + length, proto: proto}, copies)...)
		if both {
			lag := min(length, 0.02)
			records = append(records, pieces(rng, r{from: to, to: from, start: start + lag, end: start + length, proto: proto}, copies)...)
		}
		count++
	}
	return records, count
}

// pieces cuts a direction of a flow every 60 s.
func pieces(rng *rand.Rand, d r, copies bool) (out []r) {
	for s := d.start; ; s += 60 {
		p := d
		p.start, p.end = s, min(d.end, s+60)
		p.bytes, p.packets, p.flags, p.wait = uint64(100+rng.IntN(1e5)), uint64(1+rng.IntN(100)), ack|psh, rng.Float64()*15
		if s == d.start {
			p.flags |= syn
		}
		if p.end == d.end {
			p.flags |= fin
		}
		if p.proto != 0 {
			p.flags = 0
		}
		out = append(out, p)
		if copies {
			p.exporter, p.start, p.end, p.wait = "y", p.start+0.003, p.end+0.003, rng.Float64()*15
			out = append(out, p)
		}
		if p.end >= d.end {
			return out
		}
	}
}

// naive are sessions by the same rules, made of all records at once: endpoints as text, no tables, no limits.
type naive struct {
	first, second string
	start, end    int64
	bytes         [2]uint64
	owner         [2]string
	last          [2]int64
	closed        int64
	records       int
}

func (n *naive) takes(d *r, way int) bool {
	const idle = 15 * sec
	start := at(d.start)
	ownNear := n.owner[way] != "" && start <= n.last[way]+idle+2*sec
	otherNear := n.owner[1-way] != "" && start <= n.last[1-way]+idle+5*sec
	if !ownNear && !otherNear {
		return false
	}
	if n.closed == 0 || d.flags&syn == 0 {
		return true
	}
	slack := 2 * sec
	if n.owner[way] == "x"+d.exporter {
		slack = 0
	}
	return start <= n.closed+slack
}

func (n *naive) add(d *r, way int) {
	if n.owner[way] != "" && n.owner[way] != "x"+d.exporter && at(d.start) <= n.last[way]+17*sec {
		return
	}
	n.owner[way] = "x" + d.exporter
	n.last[way] = max(n.last[way], at(d.end))
	n.bytes[way] += d.bytes
	n.start, n.end = min(n.start, at(d.start)), max(n.end, at(d.end))
	n.records++
	if d.flags&fin != 0 {
		n.closed = max(n.closed, at(d.end))
	}
}

func recompute(records []r) (out []string) {
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(p, q r) int {
		return cmp.Or(cmp.Compare(at(p.end), at(q.end)), cmp.Compare(at(p.start), at(q.start)))
	})
	open := map[string]*naive{}
	var all []*naive
	for i := range sorted {
		d := &sorted[i]
		first, second, way := d.from, d.to, 0
		if d.to < d.from {
			first, second, way = d.to, d.from, 1
		}
		k := fmt.Sprint(first, second, d.proto)
		n := open[k]
		if n == nil || !n.takes(d, way) {
			n = &naive{first: first, second: second, start: at(d.start), end: at(d.end)}
			open[k] = n
			all = append(all, n)
		}
		n.add(d, way)
	}
	for _, n := range all {
		out = append(out, fmt.Sprint(n.first, n.second, n.start-base, n.end-base, n.bytes[0], n.bytes[1], n.records))
	}
	slices.Sort(out)
	return out
}

func summary(list []flow.Session) (out []string) {
	for i := range list {
		s := &list[i]
		p, q := &s.Client, &s.Server
		if name(q, s.Transport) < name(p, s.Transport) {
			p, q = q, p
		}
		out = append(out, fmt.Sprint(name(p, s.Transport), name(q, s.Transport), s.Start-base, s.End-base, p.Bytes, q.Bytes, s.Records))
	}
	slices.Sort(out)
	return out
}

// TestAgainstNaive: the sessions of random traffic are those that a plain computation over all records gives, and as many as
// there were connections.
func TestAgainstNaive(t *testing.T) {
	for seed := range uint64(8) {
		records, count := traffic(rand.New(rand.NewPCG(seed, 1)), 400)
		got := summary(last(play(t, newTable(t, session.Config{}), batchOf(records), 1+int(seed)*7)))
		if d := diff.Diff(recompute(records), got); d != "" {
			t.Fatalf("seed %d (-naive +table):\n%s", seed, d)
		}
		if len(got) != count {
			t.Errorf("seed %d: %d sessions of %d connections", seed, len(got), count)
		}
	}
}

// TestOrderAndBatches: the sessions, all that is told of them at the end included, depend neither on batch sizes nor on the order
// of arrival within ten seconds, nor on the secret of the tables.
func TestOrderAndBatches(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 2))
		records, _ := traffic(rng, 300)
		b := batchOf(records)
		want := last(play(t, newTable(t, session.Config{}), b, len(records)))
		for i, size := range []int{1, 3, 64, 1000} {
			table, err := session.New(session.Config{TellEvery: time.Duration(1+i) * time.Minute}, session.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			got := last(play(t, table, shuffled(b, rng), size))
			if !slices.Equal(want, got) {
				t.Fatalf("seed %d, batches of %d:\n%s", seed, size, diff.Diff(want, got))
			}
			if s := table.Stats(); s.Late != 0 {
				t.Errorf("%d records came late", s.Late)
			}
		}
	}
}
