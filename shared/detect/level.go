package detect

import (
	"math"

	"github.com/weirflow/weir/shared/detect/sampling"
)

// limits are a detector's thresholds for one bin; what it does not look at is +Inf.
type limits struct {
	bytes, packets, flows float64
	unasked               bool // only bytes that were not asked for count towards being near
}

// nearPart is the part of a threshold from which a cell is watched more closely.
const nearPart = 1.0 / 8

// Who sends what to a cell that is near its threshold, but not close to it, is learned from its heavier records alone: most cells
// get no further, and light senders are too many to be told apart by then.
const (
	closePart = 1.0 / 2  // of the threshold
	lightPart = 1.0 / 64 // of a bin's threshold that a lighter record is below
)

// light tells whether a part is not worth being remembered.
func (l *limits) light(p *part) bool {
	return float64(p.bytes) < l.bytes*lightPart && float64(p.packets) < l.packets*lightPart
}

// near tells whether a bin is near the threshold.
func (l *limits) near(b *bin) bool {
	by := b.bytes
	if l.unasked {
		by -= min(by, b.solicited)
	}
	return float64(by) >= l.bytes*nearPart || float64(b.packets) >= l.packets*nearPart || float64(b.flows) >= l.flows*nearPart
}

// ratio tells how far a bin is towards the threshold.
func (l *limits) ratio(b *bin) float64 {
	return max(float64(b.bytes)/l.bytes, float64(b.packets)/l.packets, float64(b.flows)/l.flows)
}

// unit is what a level is measured in.
type unit uint8

const (
	unitBPS unit = iota
	unitPPS
	unitFPS
)

// level is how far the traffic of a window is over the threshold.
type level struct {
	ratio  float64 // of value to threshold, lowered where sampling leaves doubt
	value  float64
	limit  float64
	unit   unit
	raw    float64 // packets seen, before scaling
	bps    float64
	pps    float64
	window bin
}

// span sums windows. Unasked is how many of them, once final, were over the threshold by what nobody asked for alone.
type span struct {
	bytes, packets, solicited, reply float64
	unasked                          int
}

func (s *span) add(v *level) {
	s.bytes += float64(v.window.bytes)
	s.packets += float64(v.window.packets)
	s.solicited += float64(v.window.solicited)
	s.reply += float64(v.window.reply)
}

// unaskedOver tells whether what nobody asked for is over the threshold by itself.
func (l *limits) unaskedOver(b *bin) bool {
	return float64(b.bytes-min(b.bytes, b.solicited)) >= l.bytes
}

func spanOf(v *level) (s span) {
	s.add(v)
	return s
}

// coarseBins is how many bins make the window that is judged where there are few samples.
const coarseBins = 6

// coarse tells whether the windows of a cell are long.
func (h *hot) coarse() bool {
	return h.unknown || sampling.ClassOf(max(1, h.interval)) == sampling.Beyond
}

// levelAt measures the window that ends with a bin.
func (e *Engine) levelAt(h *hot, c *cell, b int64) level {
	sum, seconds := bin{}, float64(binWidth/second)
	if pg := e.pageOf(c, b/pageBins); pg != nil {
		sum = pg.bins[b%pageBins]
	}
	if h.coarse() {
		seconds *= coarseBins
		for o := b - coarseBins + 1; o < b; o++ {
			if pg := e.pageOf(c, o/pageBins); pg != nil {
				sum.add(&pg.bins[o%pageBins])
			}
		}
	}
	return e.limits[c.vector].measure(&sum, seconds, h)
}

func (l *limits) measure(sum *bin, seconds float64, h *hot) level {
	perBin := float64(binWidth / second)
	v := level{window: *sum, raw: float64(sum.raw)}
	v.bps, v.pps = float64(sum.bytes)*8/seconds, float64(sum.packets)/seconds
	for u, x := range [...]struct{ value, limit float64 }{
		{v.bps, l.bytes * 8 / perBin}, {v.pps, l.packets / perBin}, {float64(sum.flows) / seconds, l.flows / perBin},
	} {
		if r := x.value / x.limit; r > v.ratio && !math.IsInf(x.limit, 1) {
			v.ratio, v.value, v.limit, v.unit = r, x.value, x.limit, unit(u)
		}
	}
	if h.interval > 1 || h.unknown {
		switch {
		case v.raw < sampling.Silent:
			v.ratio = 0
		case v.raw < sampling.Sure:
			v.ratio /= sampling.Suspect
		}
	}
	return v
}

// certainty is the confidence that a number of sampled packets gives.
func (h *hot) certainty(raw float64) float64 {
	if h.interval <= 1 && !h.unknown {
		return 1
	}
	return min(1, math.Sqrt(raw/sampling.Sure))
}
