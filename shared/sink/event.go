package sink

import (
	"math"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Change says what an event tells of its alert.
type Change string

// Changes of an alert as outputs are told of them. The first event of an alert is Raised, whatever its state is.
const (
	Raised  Change = "raised"
	Changed Change = "changed"
	Ended   Change = "ended"
)

// Event is what an output is told of an alert: the alert as it was then, in the contract's form, with three more members. All events of
// an alert have its id; Sequence grows from event to event of an output and is the same when one is sent again, so that a
// receiver knows repetitions and the order by it.
type Event struct {
	Sequence  uint64    `json:"sequence"`
	Change    Change    `json:"change"`
	ToldAt    time.Time `json:"told_at"`             // when the output was told
	Shortened bool      `json:"shortened,omitempty"` // lists have been cut for the size of a message; the totals are right
	flow.Alert
}

// Magnitude returns the order of magnitude of the measured value: updates within it tell nothing new.
func Magnitude(a *flow.Alert) int {
	return int(math.Floor(math.Log10(max(1, a.Measured.Value))))
}

// Shorten cuts each list of the event to n members. With n = 0 texts without a bound go as well. The event must not share lists with
// others that need them whole.
func (e *Event) Shorten(n int) {
	e.Shortened = true
	e.Actors, e.Victims, e.Groups = cut(e.Actors, n), cut(e.Victims, n), cut(e.Groups, n)
	e.Exporters, e.Interfaces = cut(e.Exporters, n), cut(e.Interfaces, n)
	e.Techniques, e.Pivots = cut(e.Techniques, n), cut(e.Pivots, n)
	if e.DoS != nil {
		d := *e.DoS
		d.Vectors, d.Bystanders = cut(d.Vectors, n), cut(d.Bystanders, n)
		e.DoS = &d
	}
	if n > 0 {
		return
	}
	e.DoS, e.Evidence.Filter, e.Sampling, e.RunbookURL, e.Key = nil, "", "", "", ""
	e.Title = clip(e.Title, 200)
	e.ID, e.Detector = clip(e.ID, 100), clip(e.Detector, 100)
}

func cut[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// clip returns the first bytes of s, at most n, without half a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
