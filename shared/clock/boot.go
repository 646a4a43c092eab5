package clock

import "time"

const (
	bootBuckets = 10 // minutes over which the exporter's boot time is sought
	// bootLag is how many minutes of the header's time stay out of it: what is added to a time must not depend on which of the
	// datagrams of the last moments came first, so that the same datagrams in another order give the same times.
	bootLag = 2
	// headerJitter is how far apart a header's time of day and its uptime may have been read, and what the two drift apart in ten
	// minutes.
	headerJitter = 100 * int64(time.Millisecond)
	second       = int64(time.Second)
)

// bounds are the least and the greatest of some values, if there are any.
type bounds struct {
	least, greatest int64
	any             bool
}

func (b *bounds) add(o bounds) {
	switch {
	case !o.any:
	case !b.any:
		*b = o
	default:
		b.least, b.greatest = min(b.least, o.least), max(b.greatest, o.greatest)
	}
}

func one(v int64) bounds { return bounds{v, v, true} }

// bootBucket holds the bounds of (time of day - uptime) in a minute of the header's time.
type bootBucket struct {
	number int64
	bounds bounds
}

// boot is when the exporter started by its own clock, from headers that may be cut to whole seconds: never later than it was, and less
// than a second earlier. So the greatest is the best, and the distance of the least to it says how good.
type boot struct {
	buckets [bootBuckets + bootLag]bootBucket // by their number modulo the size
	all     bounds                            // of all buckets
	seconds bool                              // every header told a whole second
}

func (b *boot) reset() { *b = boot{} }

// add takes the boot time of a header of the minute number, and returns whether the clock was set: the time cannot be one with those
// before.
func (b *boot) add(number, at int64, whole bool) (set bool) {
	b.seconds = whole && (b.seconds || !b.all.any)
	room := headerJitter
	if b.seconds {
		room += second
	}
	if b.all.any && (at > b.all.least+room || at < b.all.greatest-room) {
		b.reset()
		b.seconds, set = whole, true
	}
	k := &b.buckets[uint64(number)%uint64(len(b.buckets))]
	switch {
	case k.number == number:
		k.bounds.add(one(at))
	case k.number < number:
		*k = bootBucket{number, one(at)}
	}
	b.all = b.within(number-int64(len(b.buckets)), number)
	b.all.add(one(at))
	return set
}

// within returns the bounds over the minutes after one up to another.
func (b *boot) within(after, upTo int64) (all bounds) {
	for i := range b.buckets {
		if k := &b.buckets[i]; k.number > after && k.number <= upTo {
			all.add(k.bounds)
		}
	}
	return all
}

// settled returns the bounds that times of a header of the minute number go by; those of its own boot time are among them.
func (b *boot) settled(number, at int64) bounds {
	all := b.within(number-bootBuckets-bootLag, number-bootLag)
	all.add(one(at))
	return all
}

// error returns how much later than the greatest the exporter may have started: of headers cut to a second all lie within one.
func (b *boot) error(of bounds) int64 {
	if !b.seconds {
		return of.greatest - of.least
	}
	return max(second-(of.greatest-of.least), 0) + int64(time.Millisecond)
}
