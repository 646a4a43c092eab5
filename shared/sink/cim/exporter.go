package cim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/member"
)

// exporterCounters are the counters of an exporter. Those of bytes and packets have other names: CIM's are those of traffic.
var exporterCounters = func() []query.ExporterCounter {
	list := query.ExporterCounters()
	for i := range list {
		if list[i].Name == "bytes" {
			list[i].Name = "datagram_bytes"
		}
	}
	return list
}()

func exporterFields() []Field {
	list := []Field{
		{Name: "dvc", Type: typeAddress, CIM: true, Doc: "Exporter.", Example: "192.0.2.1"},
		{Name: "dvc_ip", Type: typeAddress, CIM: true, Doc: "Exporter.", Example: "192.0.2.1"},
		{Name: "weir.protocol", Type: typeString, Doc: "Export protocol.", Example: "netflow9"},
		{Name: "weir.domain", Type: typeNumber, Doc: "Observation domain.", Example: "1"},
		{Name: "datagram_src", Type: typeString, Doc: "Address that its datagrams come from, where it tells another of itself.", Example: "198.51.100.1"},
		{Name: "datagram_src_port", Type: typeNumber, Doc: "Port that its datagrams come from, where it tells devices apart.", Example: "40001"},
		{Name: "last_seen", Type: typeTime, Doc: "When the last datagram came.", Example: "1772439300.25"},
		{Name: "silence", Type: typeNumber, Unit: "s", Doc: "Time since then.", Example: "3.5"},
		{Name: "status", Type: typeString, Values: []string{statusOK, "notice", "warning", "critical"}, Doc: "The worst of its faults.", Example: "ok"},
	}
	for _, c := range exporterCounters {
		list = append(list, Field{Name: c.Name, Type: typeNumber, Doc: c.Doc + " Since the start.", Example: "1200"})
	}
	return append(list, []Field{
		{Name: "losses", Type: typeString, List: true, Doc: "Counters of what was lost or refused, each with its reason: \"dropped queue_full 3\".", Example: "refused version 3"},
		{Name: "templates", Type: typeNumber, Doc: "Templates known.", Example: "4"},
		{Name: "template_age", Type: typeNumber, Unit: "s", Doc: "Since a template was last received.", Example: "60"},
		{Name: "template_wait", Type: typeNumber, Unit: "s", Doc: "For how long data has waited for a template.", Example: "0"},
		{Name: "sampling_interval", Type: typeNumber, Doc: "Sampling interval N of 1:N.", Example: "1000"},
		{Name: "sampling_source", Type: typeString, Doc: "Where it was learned.", Example: "options"},
		{Name: "clock_status", Type: typeString, Values: []string{"good", "bad", "unknown"}, Doc: "How its clock is.", Example: "good"},
		{Name: "clock_offset", Type: typeNumber, Unit: "s", Doc: "What has to be added to its clock.", Example: "-2.5"},
		{Name: "gap_rate", Type: typeNumber, Doc: "Lost of what was sent in five minutes, 0 to 1.", Example: "0.01"},
		{Name: "records_per_second", Type: typeNumber, Doc: "Records per second in the last minute.", Example: "812.5"},
		{Name: "faults", Type: typeString, List: true, Doc: "What is wrong with how it exports, by kind.", Example: "loss"},
		{Name: "fault_texts", Type: typeString, List: true, Doc: "The same in words.", Example: "active timeout 1800 s"},
	}...)
}

const statusOK = "ok"

// AppendExporter appends the event of an exporter as it is at a time.
func (e *Encoder) AppendExporter(dst []byte, x *query.Exporter, at time.Time) []byte {
	dst = appendTimestamp(dst, at.UnixNano())
	dst = member.Text(dst, `,"dvc":`, x.IP)
	dst = member.Text(dst, `,"dvc_ip":`, x.IP)
	dst = member.Text(dst, `,"weir.protocol":`, x.Protocol)
	dst = member.Uint(dst, `,"weir.domain":`, uint64(x.Domain))
	dst = member.Text(dst, `,"datagram_src":`, x.Source)
	if x.Port != 0 {
		dst = member.Uint(dst, `,"datagram_src_port":`, uint64(x.Port))
	}
	if x.LastSeen != nil {
		dst = member.Seconds(dst, `,"last_seen":`, x.LastSeen.UnixNano())
		dst = member.Seconds(dst, `,"silence":`, max(at.Sub(*x.LastSeen), 0).Nanoseconds())
	}
	dst = member.Text(dst, `,"status":`, statusOf(x))
	for i := range exporterCounters {
		c := &exporterCounters[i]
		dst = member.Uint(append(append(append(dst, `,"`...), c.Name...), `":`...), "", c.Of(x))
	}
	dst = member.Texts(dst, `,"losses":`, lossesOf(x))
	dst = member.Uint(dst, `,"templates":`, uint64(max(x.Templates, 0)))
	return e.finish(appendExporterState(dst, x), Exporter)
}

// statusOf returns the worst level of an exporter's faults.
func statusOf(x *query.Exporter) string {
	worst := 0
	levels := []string{statusOK, "notice", "warning", "critical"}
	if x.Health != nil {
		for i := range x.Health.Faults {
			worst = max(worst, slices.Index(levels, x.Health.Faults[i].Level))
		}
	}
	return levels[worst]
}

// maxLosses is how many losses are named: the greatest.
const maxLosses = 20

func lossesOf(x *query.Exporter) (list []string) {
	type loss struct {
		what string
		n    uint64
	}
	var all []loss
	for name, m := range map[string]map[string]uint64{"refused": x.Refused, "expired": x.SetsExpired, "dropped": x.Dropped, "set_aside": x.SetAside, "error": x.Errors} {
		for why, n := range m {
			if n > 0 {
				all = append(all, loss{name + " " + why, n})
			}
		}
	}
	slices.SortFunc(all, func(a, b loss) int { return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.what, b.what)) })
	for _, l := range all[:min(len(all), maxLosses)] {
		list = append(list, l.what+" "+strconv.FormatUint(l.n, 10))
	}
	return list
}

func appendExporterState(dst []byte, x *query.Exporter) []byte {
	if h := x.Health; h != nil {
		dst = appendOptional(dst, `,"template_age":`, h.TemplateAge)
		dst = appendOptional(dst, `,"template_wait":`, h.WaitingSince)
	}
	if s := x.Sampling; s != nil {
		dst = appendOptional(dst, `,"sampling_interval":`, s.Interval)
		dst = member.Text(dst, `,"sampling_source":`, s.Source)
	}
	if c := x.Clock; c != nil {
		dst = member.Text(dst, `,"clock_status":`, c.Status)
		if c.OffsetMs != nil {
			dst = member.Seconds(dst, `,"clock_offset":`, *c.OffsetMs*1e6)
		}
	}
	h := x.Health
	if h == nil {
		return dst
	}
	dst = appendOptional(dst, `,"gap_rate":`, h.GapRate)
	dst = member.Float(dst, `,"records_per_second":`, h.RecordsPerSecond)
	var kinds, texts []string
	for i := range h.Faults {
		kinds, texts = append(kinds, h.Faults[i].Kind), append(texts, h.Faults[i].Text)
	}
	return member.Texts(member.Texts(dst, `,"faults":`, kinds), `,"fault_texts":`, texts)
}

func appendOptional(dst []byte, key string, v *float64) []byte {
	if v == nil {
		return dst
	}
	return member.Float(dst, key, *v)
}
