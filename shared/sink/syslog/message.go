package syslog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/sink"
)

// Formatter makes messages of events.
type Formatter struct {
	Facility   int // code
	Hostname   string
	Process    int // PROCID; 0: none
	Format     string
	MaxMessage int // bytes
}

// dataID is the SD-ID of the structured data. 32473 is the enterprise number that RFC 5612 sets aside for use without one.
const dataID = "weir@32473"

// Message returns an event as a message of RFC 5424 section 6. Its text is JSON or CEF in UTF-8 without a byte order mark (MSG-ANY):
// receivers that parse the text stumble over one. Where it would be too long, the event's links go, then its lists are halved until it is not.
func (f *Formatter) Message(e sink.Event) ([]byte, error) {
	head := f.header(&e)
	for n := longest(&e); ; {
		text, err := f.text(&e)
		if err != nil {
			return nil, err
		}
		if len(head)+len(text) <= f.MaxMessage {
			return append([]byte(head), text...), nil
		}
		if len(e.Pivots) > 0 { // the collector has them for whoever has the id
			e.Pivots, e.Shortened = e.Pivots[:len(e.Pivots)/2], true
			continue
		}
		if n == 0 && e.Shortened && len(e.Actors) == 0 && e.DoS == nil {
			return nil, fmt.Errorf("syslog: alert %s needs %d bytes, the limit is %d", e.ID, len(head)+len(text), f.MaxMessage)
		}
		n /= 2
		e.Shorten(n)
	}
}

// longest returns the length of the longest list.
func longest(e *sink.Event) int {
	n := max(len(e.Actors), len(e.Victims), len(e.Groups), len(e.Exporters), len(e.Interfaces), len(e.Techniques), len(e.Pivots))
	if e.DoS != nil {
		n = max(n, len(e.DoS.Vectors), len(e.DoS.Bystanders))
	}
	return n
}

func (f *Formatter) text(e *sink.Event) ([]byte, error) {
	if f.Format == CEF {
		return appendCEF(nil, e), nil
	}
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("syslog: alert %s: %w", e.ID, err)
	}
	return b, nil
}

// header returns all before the text.
func (f *Formatter) header(e *sink.Event) string {
	process := "-"
	if f.Process > 0 {
		process = strconv.Itoa(f.Process)
	}
	var b strings.Builder
	// TIME-SECFRAC has at most 6 digits.
	fmt.Fprintf(&b, "<%d>1 %s %s weir %s %s [%s", f.Facility*8+Severity(e.Severity), e.ToldAt.UTC().Format("2006-01-02T15:04:05.000000Z"),
		printable(f.Hostname, 255), process, printable(e.Detector, 32), dataID)
	for _, p := range [][2]string{
		{"id", e.ID}, {"detector", e.Detector}, {"severity", e.SeverityLabel}, {"state", string(e.State)},
		{"change", string(e.Change)}, {"sequence", strconv.FormatUint(e.Sequence, 10)},
	} {
		fmt.Fprintf(&b, ` %s="%s"`, p[0], dataEscapes.Replace(strings.ToValidUTF8(p[1], "?")))
	}
	b.WriteString("] ")
	return b.String()
}

// dataEscapes are those of PARAM-VALUE (RFC 5424 section 6.3.3).
var dataEscapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, `]`, `\]`)

// Severity returns the severity of RFC 5424 (table 2) of an alert's: critical, error, warning, notice and informational. What is above
// is for systems that do not work any more.
func Severity(severity int) int {
	return 6 - min(max(severity/20, 0), 4)
}

// printable returns s as a header field of at most n bytes of PRINTUSASCII; "-" where nothing is left.
func printable(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < 33 || r > 126 {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(n, len(s))]
}
