//go:build cgo

package duckdb

import (
	"slices"

	"github.com/weirflow/weir/collector/internal/store"
)

// places are the files that a view is answered from, by the zones in which they are read.
type places struct {
	*rolled
	rollups map[store.Part]store.Rollup
	fold    bool // files that have not kept all addresses are used
	paths   map[zone][]string
}

// find fills in the places of sealed files. Those that have not kept all addresses are used where there are at least limit records.
func (p *places) find(sealed []store.Sealed, days []store.DayRollup, whole zone, limit int64) {
	rows := int64(0)
	for i := range sealed {
		rows += sealed[i].Rows
	}
	p.fold = p.folds && rows >= limit
	dayOf := p.covered(days)
	byDay := map[*store.DayRollup][]*store.Sealed{}
	for i := range sealed {
		f := &sealed[i]
		if d := dayOf[f.Part]; d != nil {
			byDay[d] = append(byDay[d], f)
			continue
		}
		p.place(f, whole)
	}
	for d, files := range byDay {
		p.placeDay(d, files, whole)
	}
}

// covered returns the rollups of days that can be used, by the parts that they stand for.
func (p *places) covered(days []store.DayRollup) map[store.Part]*store.DayRollup {
	dayOf := map[store.Part]*store.DayRollup{}
	bit := p.set.Bit(store.RollupHour)
	for i := range days {
		d := &days[i]
		if !p.days || d.Has&bit == 0 || d.Folded&bit != 0 && !p.fold {
			continue
		}
		for _, part := range d.Parts {
			dayOf[part] = d
		}
	}
	return dayOf
}

// placeDay places the files that a rollup of a day stands for: it for whole hours or days, each of them for what lies beside.
func (p *places) placeDay(d *store.DayRollup, files []*store.Sealed, whole zone) {
	minutes := store.RollupHour
	if len(p.set.Folds) > 0 {
		minutes = store.RollupDay
	}
	for _, z := range zones(whole.from, whole.to, []int{minutes}) {
		if z.minutes > 0 && slices.ContainsFunc(files, z.touches) {
			p.add(z, d.Path(), d.Folded)
			continue
		}
		for _, f := range files {
			p.place(f, z)
		}
	}
}

// place places a file in the zones of a range.
func (p *places) place(f *store.Sealed, whole zone) {
	sums, has := p.rollups[f.Part]
	var grains []int
	for _, minutes := range p.grains {
		bit := p.set.Bit(minutes)
		if has && sums.Has&bit != 0 && (p.fold || sums.Folded&bit == 0) {
			grains = append(grains, minutes)
		}
	}
	for _, z := range zones(whole.from, whole.to, grains) {
		switch {
		case !z.touches(f):
		case z.minutes == 0:
			p.paths[z] = append(p.paths[z], f.Path)
		default:
			p.add(z, sums.Path(), sums.Folded)
		}
	}
}

// add places a file of sums.
func (p *places) add(z zone, path string, folded uint64) {
	p.paths[z] = append(p.paths[z], path)
	p.used = true
	p.approximate = p.approximate || folded&p.set.Bit(z.minutes) != 0
}
