package clock

import "time"

const (
	bootBuckets = 10 // minutes over which the exporter's boot time is sought
	// headerJitter is how far apart a header's time of day and its uptime may have been read, and what the two drift apart in ten
	// minutes.
	headerJitter = 100 * int64(time.Millisecond)
	second       = int64(time.Second)
)

// bootBucket holds the bounds of (time of day - uptime) in a minute.
type bootBucket struct{ number, least, greatest int64 }

// boot is when the exporter started by its own clock, from headers that may be cut to whole seconds: never later than it was, and less
// than a second earlier. So the greatest is the best, and the distance of the least to it says how good.
type boot struct {
	buckets         [bootBuckets]bootBucket // the newest n, oldest first
	n               int
	least, greatest int64
	seconds         bool // every header told a whole second
}

func (b *boot) reset() { *b = boot{} }

// add takes a header's boot time, which is of the minute number by the time of receipt, and returns whether the clock was set: the
// time cannot be one with those before.
func (b *boot) add(number, at int64, whole bool) (set bool) {
	if b.n == 0 {
		b.seconds = true
	}
	b.seconds = b.seconds && whole
	room := headerJitter
	if b.seconds {
		room += second
	}
	if b.n > 0 && (at > b.least+room || at < b.greatest-room) {
		b.reset()
		b.seconds = whole
		set = true
	}
	b.open(number, at)
	return set
}

func (b *boot) open(number, at int64) {
	if b.n == 0 || number > b.buckets[b.n-1].number {
		old := 0
		for old < b.n && (b.buckets[old].number <= number-bootBuckets || b.n-old == bootBuckets) {
			old++
		}
		copy(b.buckets[:], b.buckets[old:b.n])
		b.n -= old
		b.buckets[b.n] = bootBucket{number, at, at}
		b.n++
	} else {
		l := &b.buckets[b.n-1]
		l.least, l.greatest = min(l.least, at), max(l.greatest, at)
	}
	b.least, b.greatest = b.buckets[0].least, b.buckets[0].greatest
	for _, k := range b.buckets[1:b.n] {
		b.least, b.greatest = min(b.least, k.least), max(b.greatest, k.greatest)
	}
}

// time returns the boot time by the exporter's clock; there must have been a header.
func (b *boot) time() int64 { return b.greatest }

// error returns how much later than time the exporter may have started: of headers cut to a second all lie within one.
func (b *boot) error() int64 {
	if !b.seconds {
		return b.greatest - b.least
	}
	return max(second-(b.greatest-b.least), 0) + int64(time.Millisecond)
}
