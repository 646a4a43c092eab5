package health

import "time"

// bucketWidth is how finely a window slides, and how often faults are judged.
const bucketWidth = int64(10 * time.Second)

// Numbers of buckets.
const (
	ringSize = 37 // the buckets kept: the longest window, the settling time of pairs, and the one being filled
	minute   = 6
	loss     = 30 // the window of most shares: 5 minutes
)

// sums are what is counted of a stream within a bucket, or within a window.
type sums struct {
	datagrams, records uint32
	units, gapEvents   uint32 // of the sequence: see flow.Stream.Gaps
	late               uint32 // units that came after later ones
	expected           int64  // units by which the sequence went on; less than units where late ones came
	tcp, noFlags, syn  uint32
	several, instant   uint32 // records of several packets; of those, ones without duration
	reasons, starved   uint32 // records with an end reason; lack of resources (IE 136: 5)
	copies, invalid    uint32
	unknown            uint32 // records of an unknown sampler
	restarts, clashes  uint32 // restarts of the exporter; signs of several devices in one stream
	pairs, both        uint32 // conversations followed; those whose other direction came
	directed, doubled  uint32 // directions of conversations followed; records that export one again
	samples, dropped   uint32 // flow samples of sFlow; those that the agent could not take or send
	waiting            uint32 // datagrams with sets that waited
	minDelay           int64  // least time from export to receipt, ns
	delays             uint32 // datagrams with an export time
}

func (s *sums) add(o *sums) {
	if o.delays > 0 && (s.delays == 0 || o.minDelay < s.minDelay) {
		s.minDelay = o.minDelay
	}
	s.delays += o.delays
	s.datagrams += o.datagrams
	s.records += o.records
	s.units += o.units
	s.expected += o.expected
	s.late += o.late
	s.gapEvents += o.gapEvents
	s.tcp += o.tcp
	s.noFlags += o.noFlags
	s.syn += o.syn
	s.several += o.several
	s.instant += o.instant
	s.reasons += o.reasons
	s.starved += o.starved
	s.copies += o.copies
	s.invalid += o.invalid
	s.unknown += o.unknown
	s.restarts += o.restarts
	s.clashes += o.clashes
	s.pairs += o.pairs
	s.both += o.both
	s.directed += o.directed
	s.doubled += o.doubled
	s.samples += o.samples
	s.dropped += o.dropped
	s.waiting += o.waiting
}

// delay takes the time from export to receipt of a datagram into account.
func (s *sums) delay(ns int64) {
	if s.delays == 0 || ns < s.minDelay {
		s.minDelay = ns
	}
	s.delays++
}

// ring is the last buckets of a stream. A bucket whose number is not the one asked for is of another time, and empty.
type ring struct {
	numbers [ringSize]int64
	buckets [ringSize]sums
}

// at returns the bucket of a number, emptied where its place held another.
func (r *ring) at(number int64) *sums {
	i := number % ringSize
	if r.numbers[i] != number {
		r.numbers[i] = number
		r.buckets[i] = sums{}
	}
	return &r.buckets[i]
}

// over returns the sums of n buckets before the number.
func (r *ring) over(before int64, n int) (s sums) {
	for number := before - int64(n); number < before; number++ {
		if i := number % ringSize; number > 0 && r.numbers[i] == number {
			s.add(&r.buckets[i])
		}
	}
	return s
}

// share returns part/whole, and 0 of nothing.
func share(part, whole uint32) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// shareOf is a share for a report: nil where less than least was seen.
func shareOf(part, whole, least uint32) *float64 {
	if whole < least {
		return nil
	}
	v := share(part, whole)
	return &v
}
