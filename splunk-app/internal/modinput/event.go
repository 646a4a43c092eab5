package modinput

import (
	"strconv"
	"time"
)

// Event is what an event of the stream says beside its data. Splunk fills in what is empty from the stanza.
type Event struct {
	Stanza     string
	Sourcetype string
	Index      string
	Host       string
	Time       int64 // ns since the Unix epoch, told in milliseconds; 0 or less: when Splunk reads it
}

const (
	eventEnd = "</data></event>\n"
	doneEnd  = "</data><done/></event>\n"
)

// AppendEvent appends an event whose data is one line.
func AppendEvent(dst []byte, e *Event, data []byte) []byte {
	dst = append(dst, "<event"...)
	if e.Stanza != "" {
		dst = append(dst, ` stanza="`...)
		dst = AppendAttribute(dst, e.Stanza)
		dst = append(dst, '"')
	}
	dst = append(dst, '>')
	if e.Time > 0 {
		dst = append(dst, "<time>"...)
		dst = appendTime(dst, e.Time)
		dst = append(dst, "</time>"...)
	}
	dst = appendGiven(dst, "sourcetype", e.Sourcetype)
	dst = appendGiven(dst, "index", e.Index)
	dst = appendGiven(dst, "host", e.Host)
	dst = append(dst, "<data>"...)
	dst = AppendText(dst, data)
	return append(dst, eventEnd...)
}

func appendGiven(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	dst = append(dst, '<')
	dst = append(dst, name...)
	dst = append(dst, '>')
	dst = AppendText(dst, text)
	dst = append(dst, "</"...)
	dst = append(dst, name...)
	return append(dst, '>')
}

// appendTime appends seconds with three decimals.
func appendTime(dst []byte, ns int64) []byte {
	ms := ns / int64(time.Millisecond)
	dst = strconv.AppendInt(dst, ms/1000, 10)
	rest := ms % 1000
	return append(dst, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}

// Done marks the last of some appended events as the last for now: Splunk passes on what it has, and a forwarder may change the indexer.
func Done(events []byte) []byte {
	if n := len(events) - len(eventEnd); n >= 0 && string(events[n:]) == eventEnd {
		return append(events[:n], doneEnd...)
	}
	return events
}
