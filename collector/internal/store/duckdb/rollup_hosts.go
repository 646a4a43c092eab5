//go:build cgo

package duckdb

import (
	"github.com/weirflow/weir/collector/internal/store"
)

// Sums of hosts answer what somebody asks of an address over months: some hundred bytes are read of a file's, instead of its records.

// pinned returns the statements that read the sealed files for a view about some addresses: the sums of these, and of files without them
// and of times beside whole hours the row groups that the host index leaves.
func (a *asked) pinned(v *viewSQL, sealed manifest, whole zone, statement string) (parts []string, err error) {
	rollups, err := a.rollupsNow()
	if err != nil {
		return nil, err
	}
	sums := newPinnedSums(a.s, v.rolled)
	records := map[zone]manifest{}
	for _, f := range a.usedOf(v, sealed) {
		if err := a.ctx.Err(); err != nil {
			return nil, err
		}
		var grains []int
		if r, ok := rollups[f.Part]; ok && r.HasSums() {
			grains = v.rolled.grains
		}
		for _, z := range zones(whole.from, whole.to, grains) {
			if !z.touches(&f) || z.minutes > 0 && sums.read(&f, z) {
				continue
			}
			z.minutes = 0
			records[z] = append(records[z], f)
		}
	}
	if sums.files > 0 {
		v.rolled.used = true
		parts = append(parts, a.lendSums(v.rolled, &sumTable{columns: v.rolled.set.Columns, counters: len(counters), blocks: sums.blocks}, statement))
	}
	for _, z := range inOrder(records) {
		parts = append(parts, a.recordsOf(v, records[z], z, whole, statement)...)
	}
	return parts, nil
}

// recordsOf returns the statements that read the records of files in a zone, as far as they may be of the hosts that a view is about.
func (a *asked) recordsOf(v *viewSQL, files manifest, z, whole zone, statement string) []string {
	of := a.s.contents(store.Flows)
	want := wanted{from: v.From, to: v.To, hosts: neededHosts(v.Node, true)}
	parts := of.selects(a.s.pieces(files, store.Flows, &want), statement+" event_end")
	for i, text := range parts {
		parts[i] = "SELECT " + of.list(statement) + asSums + " FROM (" + text + ")"
		if c := z.condition(whole); c != "" {
			parts[i] += " WHERE " + c
		}
	}
	return parts
}
