package clock

import (
	"slices"
	"time"
)

const (
	bucketWidth = int64(time.Minute)
	numBuckets  = 30 // of the envelope: half an hour
	// slopeBuckets is over how many minutes a drift can be told from the noise of the delay.
	slopeBuckets = 4
	staleBuckets = 10
)

// bucket holds the least sample of a minute.
type bucket struct {
	number int64 // minutes since the Unix epoch
	least  point
	count  uint32
}

// envelope is the lower envelope of samples over half an hour: their minimum a minute, and a line below these.
type envelope struct {
	buckets [numBuckets]bucket // the newest n, oldest first
	n       int
	line    line
	steep   bool
	spread  int64   // interquartile range of the minima's distance to the line
	excess  float64 // mean distance of samples to the line, ns
	near    float64 // share of samples within half a second of the line
	total   uint64  // samples since the beginning
	kept    uint64  // samples of the buckets
	began   int64   // time of the first
}

func (e *envelope) reset() { *e = envelope{excess: e.excess} }

// add takes a sample and returns whether the line was laid anew. Samples of minutes before the newest count for that.
func (e *envelope) add(p point) (changed bool) {
	if e.total == 0 {
		e.began = p.at
	}
	e.total++
	changed = e.open(p.at / bucketWidth)
	b := &e.buckets[e.n-1]
	if b.count == 0 || p.value < b.least.value {
		b.least, changed = p, true
	}
	b.count++
	e.kept++
	if changed {
		e.lay()
	}
	e.weigh(e.line.above(p))
	return changed
}

// open makes the bucket of a minute the newest.
func (e *envelope) open(number int64) bool {
	if e.n > 0 && number <= e.buckets[e.n-1].number {
		return false
	}
	old := 0
	for old < e.n && (e.buckets[old].number <= number-numBuckets || e.n-old == numBuckets) {
		e.kept -= uint64(e.buckets[old].count)
		old++
	}
	copy(e.buckets[:], e.buckets[old:e.n])
	e.n -= old
	e.buckets[e.n] = bucket{number: number}
	e.n++
	return true
}

// weigh takes note of how far samples lie above the line, those of the last minutes counting most. What lies seconds above counts no
// more than that, as queues say nothing about the least delay.
func (e *envelope) weigh(above int64) {
	weight := max(1/float64(e.total), 1.0/256)
	capped, near := float64(min(max(above, 0), int64(2*time.Second))), 0.0
	if above < int64(time.Second)/2 {
		near = 1
	}
	e.excess += (capped - e.excess) * weight
	e.near += (near - e.near) * weight
}

// lay lays the line anew: flat where there is too little for a slope, or where the minima differ by so much that it would follow their
// noise.
func (e *envelope) lay() {
	var points, hull [numBuckets]point
	for i := range e.n {
		points[i] = e.buckets[i].least
	}
	e.line, e.steep = e.flat(points[:e.n]), false
	if e.n >= slopeBuckets {
		flat := e.line
		e.line, e.steep = lowerLine(points[:e.n], hull[:0])
		if e.spread = e.quartiles(points[:e.n]); e.spread > minuteLimit {
			e.line = flat
			return
		}
	}
	e.spread = e.quartiles(points[:e.n])
}

// flat returns a line without a slope through the least of few points.
func (e *envelope) flat(points []point) line {
	p := slices.MinFunc(points, func(a, b point) int {
		if a.value < b.value {
			return -1
		}
		return 1
	})
	return line{at: p.at, value: p.value}
}

// quartiles returns the interquartile range of the minima's distances to the line, the unfinished minute left out where there are
// others.
func (e *envelope) quartiles(points []point) int64 {
	if len(points) > 1 {
		points = points[:len(points)-1]
	}
	var above [numBuckets]int64
	for i, p := range points {
		above[i] = e.line.above(p)
	}
	d := above[:len(points)]
	slices.Sort(d)
	return d[(len(d)-1)*3/4] - d[len(d)/4]
}

// stale tells whether nothing has been near the line for so long that it says nothing any more.
func (e *envelope) stale(at int64) bool {
	return e.n > 0 && at/bucketWidth > e.buckets[e.n-1].number+staleBuckets
}

// whole returns how many minutes are over.
func (e *envelope) whole() int { return max(e.n-1, 0) }

// error returns how far the line may lie above what is sought, in ns, without the least delay: the minima's own spread, and what few
// samples a minute leave above it. The minimum of n delays lies a mean delay / n above the least.
func (e *envelope) error() int64 {
	perMinute := max(float64(e.kept)/float64(max(e.whole(), 1)), 1)
	excess := e.excess
	if e.kept < fewSamples {
		excess = max(excess, float64(time.Second)/4) // what delays there are is not known yet
	}
	return e.spread + int64(3*excess/perMinute)
}

// fewSamples is how many samples tell nothing yet of the delays.
const fewSamples = 16
