package health

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// text says in a phrase what a fault is.
func (v *verdict) text(k Kind) string {
	switch k {
	case Silent:
		return "silent for " + span(v.value)
	case Loss:
		return percent(v.value) + " of what it sent was lost"
	case NoTemplate:
		return "data without a template for " + span(v.value)
	case TemplateClash:
		return "several devices behind one address and domain: " + count(v.value, "contradiction") + " within 5 minutes"
	case ClockOffset:
		return fmt.Sprintf("clock %s %s", span(math.Abs(v.value)), aheadOrBehind(v.value))
	case ClockUnstable:
		return "clock wanders by " + span(v.value)
	case UptimeFrozen:
		return "sysUptime has stood still for " + span(v.value)
	case Restarting:
		return "restarted " + strconv.Itoa(int(v.value)) + " times within 5 minutes"
	case InterfaceSpeed:
		return fmt.Sprintf("interface %d carries %s at a speed of %s", v.link, rate(v.value), rate(v.threshold))
	case ActiveTimeout:
		if v.detail != 0 {
			return "active timeout of at least " + seconds(v.value)
		}
		return "active timeout " + seconds(v.value)
	case InactiveTimeout:
		return "inactive timeout about " + seconds(v.value)
	case UnknownVersion:
		return count(v.value, "datagram") + " of no known protocol"
	case NotAllowed:
		return count(v.value, "datagram") + " refused: not on the list of exporters allowed"
	case KernelDrops:
		return count(v.value, "datagram") + " dropped by the kernel"
	case QueueDrops:
		return "queue full " + count(v.value, "time")
	case StoreErrors:
		return count(v.value, "transaction") + " of the store failed"
	case DiskLow:
		return "disk almost full: " + percent(v.value) + " free"
	}
	return v.shareText(k)
}

// shareText is text for the kinds that measure a share or an interval.
func (v *verdict) shareText(k Kind) string {
	switch k {
	case SamplingUnknown:
		return "sampling unknown: the sampler that records name was never described"
	case SamplingChanged:
		return "sampling changed from " + ratio(v.detail) + " to " + ratio(v.value)
	case SamplingMismatch:
		return fmt.Sprintf("interface %d: its counters say %.2g times what the flows add up to at %s", v.link, v.value, ratio(v.detail))
	case SamplesDropped:
		return "the agent dropped " + percent(v.value) + " of its samples"
	case FlagsMissing:
		return "TCP flags missing in " + percent(v.value) + " of TCP records"
	case NoSYN:
		return "SYN missing: " + percent(v.value) + " of TCP records carry it"
	case ZeroDuration:
		return percent(v.value) + " of records of several packets have no duration"
	case CacheFull:
		return "flow cache full: " + percent(v.value) + " of records were cut for lack of resources"
	case Impossible:
		return percent(v.value) + " of records are impossible"
	case DoubleMetering:
		return "exports " + percent(v.value) + " of its flows twice"
	case OneDirection:
		return "sees one direction only: " + percent(v.value) + " of connections in use have both"
	}
	return k.String()
}

func aheadOrBehind(offset float64) string {
	if offset > 0 {
		return "ahead"
	}
	return "behind"
}

// seconds shows a timeout as people set it: in seconds.
func seconds(v float64) string { return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + " s" }

// span shows a length of time.
func span(s float64) string {
	switch {
	case s < 10:
		return strconv.FormatFloat(math.Round(s*10)/10, 'f', -1, 64) + " s"
	case s < 600:
		return seconds(s)
	}
	return time.Duration(s * 1e9).Round(time.Minute).String()
}

func percent(share float64) string {
	v := share * 100
	if v > 0 && v < 9.95 {
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) + " %"
	}
	return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + " %"
}

func ratio(n float64) string { return "1:" + strconv.FormatFloat(n, 'f', -1, 64) }

func count(n float64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(int(n)) + " " + thing + "s"
}

// rate shows a rate in bit/s.
func rate(v float64) string {
	for _, u := range [...]struct {
		size float64
		name string
	}{{1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}} {
		if v >= u.size {
			return strconv.FormatFloat(math.Round(v/u.size*100)/100, 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + " bit/s"
}
