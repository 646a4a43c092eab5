package sampling

import (
	"math"
	"strconv"

	"github.com/weirflow/weir/shared/flow"
)

// Class is a range of sampling intervals for which detectors behave alike.
type Class uint8

// Classes. An interval that is not known is of the last: what is seen then may be any part of what there is.
const (
	Unsampled Class = iota // 1:1
	UpTo10                 // above 1:1, up to 1:10
	UpTo100
	UpTo1000
	Beyond // above 1:1000, or not known
	NumClasses
)

// Unknown stands for the interval of an exporter that names a sampler it has not described.
const Unknown = 0

// Effective returns the interval that counts: [Unknown] where the source says so, otherwise at least 1, as no information at all
// counts as 1.
func Effective(interval float64, source flow.SamplingSource) float64 {
	if source == flow.SamplingUnknown {
		return Unknown
	}
	return max(1, interval)
}

// ClassOf returns the class of an effective interval.
func ClassOf(interval float64) Class {
	switch {
	case interval < 1 || interval > 1000 || math.IsNaN(interval): // unknown, too
		return Beyond
	case interval > 100:
		return UpTo1000
	case interval > 10:
		return UpTo100
	case interval > 1:
		return UpTo10
	}
	return Unsampled
}

var classNames = [NumClasses]string{"1:1", "1:2 to 1:10", "1:11 to 1:100", "1:101 to 1:1000", "above 1:1000, or unknown"}

// String returns the range, as the documentation writes it.
func (c Class) String() string {
	if c < NumClasses {
		return classNames[c]
	}
	return ""
}

// Text writes an effective interval: "1:100", "1:2.5", "unknown".
func Text(interval float64) string {
	if interval < 1 {
		return "unknown"
	}
	return "1:" + strconv.FormatFloat(interval, 'f', -1, 64)
}

// Numbers of sampled packets in a window: below Silent nothing is said, up to Sure a threshold is half as high again. 100 packets
// stand for a rate within 20 % (95 %; sFlow: Phaal and Panchen).
const (
	Silent  = 30
	Sure    = 100
	Suspect = 1.5 // factor of the threshold between them
)

// Window returns over how many seconds rates are taken: 10, beyond 1:1000 a minute.
func Window(interval float64) float64 {
	if ClassOf(interval) == Beyond {
		return 60
	}
	return 10
}

// LowestRate returns the least packets/s that confirm a finding under sampling; 0 where any do, or where nothing is known.
func LowestRate(interval float64) float64 {
	if interval <= 1 {
		return 0
	}
	return Sure * interval / Window(interval)
}
