package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/weirflow/weir/shared/query"
)

// How much faster an index is depends on the host. So hosts are drawn from all that have sent anything, each as likely as any other, and all
// records of each are listed once.

// drawnHosts is how many are drawn.
const drawnHosts = 25

// drawn asks both sides for the records of hosts drawn at random. The files are in memory by now.
func (c *comparison) drawn(ctx context.Context) (row, error) {
	fmt.Fprintf(c.log, "bench: all records of %d hosts drawn at random\n", drawnHosts)
	r := row{wanted: hostRatio, exactness: string(query.Exact), check: "the same"}
	list, err := c.draw(ctx)
	if err != nil {
		return r, err
	}
	var records []uint64
	reached := 0
	for _, h := range list {
		t, err := c.turn(ctx, oneHost("", h.ip))
		if err != nil {
			return r, fmt.Errorf("%s: %w", h.ip, err)
		}
		if t.check != "the same" {
			r.check = fmt.Sprintf("%s: %s", h.ip, t.check)
		}
		if ratio(t.theirs.wall, t.ours.wall) >= hostRatio {
			reached++
		}
		r.theirs, r.ours = append(r.theirs, t.theirs), append(r.ours, t.ours)
		records = append(records, h.records)
	}
	r.name = fmt.Sprintf("all records of a host drawn at random: median of %d, %d of them %dx faster; these have %s records", len(list), reached, hostRatio, spread(records))
	return r, nil
}

// draw draws hosts: a block of addresses, then one that has sent anything out of it.
func (c *comparison) draw(ctx context.Context) (list []host, err error) {
	blocks, err := c.blocks(ctx)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(c.marker.Seed, drawnHosts))
	rng.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	for i := range drawnHosts {
		from, err := c.sources(ctx, fmt.Sprintf("source.ip : %s", blocks[i%len(blocks)]), query.MaxLimit)
		if err != nil {
			return nil, err
		}
		h := from[rng.IntN(len(from))]
		counts, err := c.store.Aggregate(ctx, query.Question{Filter: "related.ip : " + h.ip, Measure: query.Flows})
		if err != nil {
			return nil, err
		}
		h.records = number(counts.Rows[0][0])
		list = append(list, h)
	}
	return list, nil
}

// blocks returns the blocks of 65,536 addresses that the busiest sources outside are in: the mix has 32, all as full.
func (c *comparison) blocks(ctx context.Context) (list []netip.Prefix, err error) {
	busiest, err := c.sources(ctx, "network.direction : inbound", 1000)
	if err != nil {
		return nil, err
	}
	known := map[netip.Prefix]bool{}
	for _, h := range busiest {
		ip, err := netip.ParseAddr(h.ip)
		if err != nil {
			return nil, err
		}
		block, err := ip.Prefix(16)
		if err != nil {
			return nil, err
		}
		if !known[block] {
			known[block] = true
			list = append(list, block)
		}
	}
	return list, nil
}

// sources returns who sent the records of a filter.
func (c *comparison) sources(ctx context.Context, filter string, limit int) (list []host, err error) {
	res, err := c.store.Aggregate(ctx, query.Question{By: []string{"source.ip"}, Filter: filter, Measure: query.Flows, Limit: limit})
	if err != nil {
		return nil, err
	}
	for _, row := range res.Rows {
		if ip, ok := row[0].(string); ok && ip != query.Other {
			list = append(list, host{ip, number(row[1])})
		}
	}
	if len(list) == 0 {
		return nil, errors.New("no sources of " + filter)
	}
	return list, nil
}

// spread tells the least, the middle and the greatest of some numbers.
func spread(list []uint64) string {
	slices.Sort(list)
	return fmt.Sprintf("%d to %d, in the middle %d", list[0], list[len(list)-1], list[len(list)/2])
}
