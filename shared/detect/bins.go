package detect

import (
	"math"

	"github.com/weirflow/weir/shared/detect/internal/sketch"
)

const (
	second   = int64(1e9)
	binWidth = 10 * second
	pageBins = 6  // a page is a minute
	ringSize = 32 // pages of a cell: 30 minutes, the running one and one that begins early
	pageBack = 30 // how many pages back records are still taken
	fewMax   = 8  // sources that a page holds by itself
)

// binOf returns the number of the bin that holds a time in ns since the Unix epoch.
func binOf(t int64) int64 { return t / binWidth }

// bin sums what was sent to a cell within ten seconds. Packets and bytes are scaled by the sampling interval.
type bin struct {
	bytes, packets uint64
	solicited      uint64 // bytes that were asked for: the sender has had a packet from the cell's host
	raw            uint32 // packets before scaling
	flows          uint32 // new flows of unsampled exporters
	reply          uint32 // packets sent by the cell's host, to anyone
}

func (b *bin) add(o *bin) {
	b.bytes += o.bytes
	b.packets += o.packets
	b.solicited += o.solicited
	b.raw = addSaturating(b.raw, uint64(o.raw))
	b.flows = addSaturating(b.flows, uint64(o.flows))
	b.reply = addSaturating(b.reply, uint64(o.reply))
}

func addSaturating(a uint32, b uint64) uint32 {
	return uint32(min(uint64(a)+b, math.MaxUint32))
}

// page is a minute of a cell: its bins and who sent.
type page struct {
	number int64  // bin number / pageBins
	end    int64  // latest end of a record that touches the page
	set    uint32 // number of a sketch.Distinct; 0: the sources are in few
	nfew   uint32
	few    [fewMax]uint32
	bins   [pageBins]bin
}

// addSource counts a source by its hash. Only cells close to their threshold count more than a few: for the mass of
// destinations it does not matter, and sets would take the most memory. Where the sets are used up, the page stays at the sources it has.
func (e *Engine) addSource(p *page, hash uint32, many bool) {
	if p.set != 0 {
		e.sets.at(p.set).Add(hash)
		return
	}
	for _, h := range p.few[:p.nfew] {
		if h == hash {
			return
		}
	}
	if p.nfew < fewMax {
		p.few[p.nfew] = hash
		p.nfew++
		return
	}
	if !many {
		return
	}
	if p.set = e.sets.take(); p.set == 0 {
		e.count.mine[capSets]++
		return
	}
	set := e.sets.at(p.set)
	for _, h := range p.few {
		set.Add(h)
	}
	set.Add(hash)
}

// mergeSources adds the sources of a page to a count.
func (e *Engine) mergeSources(dst *sketch.Distinct, p *page) {
	if p.set != 0 {
		dst.Merge(e.sets.at(p.set))
		return
	}
	for _, h := range p.few[:p.nfew] {
		dst.Add(h)
	}
}

// countSources returns how many sources a page has seen.
func (e *Engine) countSources(p *page) uint64 {
	if p.set != 0 {
		return e.sets.at(p.set).Count()
	}
	return uint64(p.nfew)
}
