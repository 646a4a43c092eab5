package syslog

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/sink"
)

// appendCEF appends an event in the Common Event Format (ArcSight, version 0): seven header fields and an extension of key=value pairs.
// Keys are those of the format's dictionary.
func appendCEF(b []byte, e *sink.Event) []byte {
	b = append(b, "CEF:0"...)
	for _, field := range []string{"Weir", "Weir", "1", e.Detector, e.Title, strconv.Itoa(min(max(e.Severity, 0), 100) / 10)} {
		b = append(b, '|')
		b = append(b, EscapeHeader(field)...)
	}
	b = append(b, '|')
	x := extension{b: b}
	x.text("externalId", e.ID)
	x.text("cat", e.Detector)
	x.text("act", string(e.Change))
	x.text("outcome", outcome(e.Detector))
	x.address("src", "c6a2", "Source IPv6 Address", e.Actors)
	x.address("dst", "c6a3", "Destination IPv6 Address", e.Victims)
	if e.Service != nil {
		x.text("proto", strings.ToUpper(e.Service.Transport))
		x.number("dpt", uint64(e.Service.Port))
	}
	x.number("cnt", waves(e))
	x.time("start", e.Start)
	if end := e.Last; e.End != nil {
		x.time("end", *e.End)
	} else {
		x.time("end", end)
	}
	x.time("rt", e.DetectedAt)
	x.custom("cs1", "State", string(e.State))
	x.custom("cs2", "Actors", strings.Join(e.Actors, ","))
	x.custom("cs3", "Victims", strings.Join(e.Victims, ","))
	x.custom("cs4", "Techniques", techniques(e))
	x.custom("cs5", "Evidence", e.Evidence.Filter)
	x.custom("cs6", "Groups", strings.Join(e.Groups, ","))
	x.custom("cn1", "Sequence", strconv.FormatUint(e.Sequence, 10))
	x.custom("cn2", "ActorsTotal", strconv.FormatUint(e.ActorsTotal, 10))
	x.custom("cn3", "VictimsTotal", strconv.FormatUint(e.VictimsTotal, 10))
	x.custom("cfp1", strings.TrimSpace(e.Measured.Name+" "+e.Measured.Unit), float(e.Measured.Value))
	x.custom("cfp2", "Threshold", float(e.Threshold))
	x.custom("cfp3", "Confidence", float(e.Confidence))
	x.text("msg", e.Sampling)
	return x.b
}

// outcome tells whether what an alert is about succeeded, where its detector says so.
func outcome(detector string) string {
	if name, found := strings.CutPrefix(detector, "brute."); found {
		if name == "success" {
			return "success"
		}
		return "failure"
	}
	return ""
}

// waves returns how many times the same was seen.
func waves(e *sink.Event) uint64 {
	n := 0
	if e.DoS != nil {
		for i := range e.DoS.Vectors {
			n += e.DoS.Vectors[i].Waves
		}
	}
	return uint64(max(n, 1))
}

func techniques(e *sink.Event) string {
	ids := make([]string, len(e.Techniques))
	for i := range e.Techniques {
		ids[i] = e.Techniques[i].ID
	}
	return strings.Join(ids, ",")
}

func float(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// extension appends key=value pairs, leaving out empty values.
type extension struct {
	b    []byte
	more bool
}

func (x *extension) text(key, value string) {
	if value == "" {
		return
	}
	if x.more {
		x.b = append(x.b, ' ')
	}
	x.more = true
	x.b = append(append(append(x.b, key...), '='), EscapeValue(value)...)
}

func (x *extension) number(key string, v uint64) { x.text(key, strconv.FormatUint(v, 10)) }

// time appends milliseconds since the Unix epoch, the form that needs no time zone.
func (x *extension) time(key string, at time.Time) {
	x.text(key, strconv.FormatInt(at.UnixMilli(), 10))
}

// custom appends one of the fields that have a label.
func (x *extension) custom(key, label, value string) {
	if value != "" && label != "" {
		x.text(key+"Label", label)
		x.text(key, value)
	}
}

// address appends the first address of a list: src and dst are for IPv4.
func (x *extension) address(key4, key6, label string, list []string) {
	if len(list) == 0 {
		return
	}
	ip, err := netip.ParseAddr(list[0])
	switch {
	case err != nil:
	case ip.Unmap().Is4():
		x.text(key4, ip.Unmap().String())
	default:
		x.custom(key6, label, ip.String())
	}
}

// EscapeHeader escapes a field of the header: backslash and pipe; it is one line.
func EscapeHeader(s string) string {
	return headerEscapes.Replace(strings.ToValidUTF8(s, "\uFFFD"))
}

// EscapeValue escapes a value of the extension: backslash and equal sign; lines end as \n or \r.
func EscapeValue(s string) string {
	return valueEscapes.Replace(strings.ToValidUTF8(s, "\uFFFD"))
}

var (
	headerEscapes = strings.NewReplacer(`\`, `\\`, `|`, `\|`, "\n", " ", "\r", " ", "\x00", " ")
	valueEscapes  = strings.NewReplacer(`\`, `\\`, `=`, `\=`, "\n", `\n`, "\r", `\r`, "\x00", " ")
)
