package cim

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/member"
)

var severities = []string{"critical", "high", "medium", "low", "informational"}

func alertFields() []Field {
	return slices.Concat([]Field{
		{Name: "id", Type: typeString, CIM: true, Doc: "Identity of the alert: all events of it have the same.", Example: "9b1f..."},
		{Name: "change", Type: typeString, Values: []string{"raised", "changed", "ended"}, Doc: "What the event tells of the alert.", Example: "raised"},
		{Name: "state", Type: typeString, Values: []string{"active", "clearing", "watching", "ended"}, Doc: "State of the alert; watching is quiet and may come back.", Example: "active"},
		{Name: "sequence", Type: typeNumber, Doc: "Grows from event to event of what sends them, over restarts, too: of events with the same id the greatest counts.", Example: "1772439371250000"},
		{Name: "signature", Type: typeString, CIM: true, Doc: "What was found, without whom it concerns: alerts can be counted by it.", Example: "Horizontal scan"},
		{Name: "signature_id", Type: typeString, CIM: true, Doc: "Detector.", Example: "scan.horizontal"},
		{Name: "description", Type: typeString, CIM: true, Doc: "What is alerted of, in a line.", Example: "10.1.2.3 tried 512 hosts on tcp/445"},
		{Name: "severity", Type: typeString, CIM: true, Values: severities, Doc: "Severity.", Example: "high"},
		{Name: "severity_id", Type: typeNumber, CIM: true, Doc: "Severity from 0 to 100.", Example: "70"},
		{Name: "confidence", Type: typeNumber, Doc: "How sure it is, 0 to 1.", Example: "0.9"},
		{Name: "risk_score", Type: typeNumber, Doc: "Severity times confidence, 0 to 100.", Example: "63"},
		{Name: "category", Type: typeString, CIM: true, Doc: "Family of the detector.", Example: "scan"},
		{Name: "type", Type: typeString, CIM: true, Always: "alert", Doc: "Kind of the alert.", Example: "alert"},
		{Name: "app", Type: typeString, CIM: true, Always: "weir", Doc: "What raised it.", Example: "weir"},
		{Name: "ids_type", Type: typeString, CIM: true, Always: "network", Doc: "What was looked at.", Example: "network"},
		{Name: "action", Type: typeString, CIM: true, Always: "allowed", Doc: "Weir sees traffic and stops none.", Example: "allowed"},
		{Name: "user", Type: typeString, CIM: true, Always: filter.SplunkUnknown, Doc: "Flow export names no users.", Example: "unknown"},
	}, partyFields(), findingFields())
}

func partyFields() []Field {
	return []Field{
		{Name: "src", Type: typeString, CIM: true, Doc: "Who acts; of several (actors_total) the foremost; \"unknown\" where nobody is named.", Example: "10.1.2.3"},
		{Name: "src_ip", Type: typeAddress, CIM: true, Doc: "The same, where it is an address.", Example: "10.1.2.3"},
		{Name: "src_port", Type: typeNumber, CIM: true, Doc: "Port of the service that a reflection comes from; 0: none, or many.", Example: "0"},
		{Name: "dest", Type: typeString, CIM: true, Doc: "Who suffers; of several (victims_total) the foremost; \"unknown\" where nobody is named.", Example: "192.0.2.80"},
		{Name: "dest_ip", Type: typeAddress, CIM: true, Doc: "The same, where it is an address.", Example: "192.0.2.80"},
		{Name: "dest_port", Type: typeNumber, CIM: true, Doc: "Port of the service; 0: none, or many.", Example: "445"},
		{Name: "transport", Type: typeString, CIM: true, Doc: "Transport of the service; \"unknown\": none, or several.", Example: "tcp"},
		{Name: "dvc", Type: typeString, CIM: true, Doc: "Exporter that saw it; the first of several; \"unknown\" where none is named.", Example: "192.0.2.1"},
		{Name: "dvc_ip", Type: typeAddress, CIM: true, List: true, Doc: "Exporters that saw it.", Example: "192.0.2.1"},
		{Name: "actors", Type: typeString, List: true, Doc: "Who acts: addresses, networks or names; at most 20.", Example: "10.1.2.3"},
		{Name: "actors_total", Type: typeNumber, Doc: "How many act.", Example: "1"},
		{Name: "victims", Type: typeString, List: true, Doc: "Who suffers: addresses, networks or names; at most 20.", Example: "192.0.2.80"},
		{Name: "victims_total", Type: typeNumber, Doc: "How many suffer.", Example: "512"},
		{Name: "groups", Type: typeString, List: true, Doc: "Traffic groups concerned.", Example: "servers"},
	}
}

func findingFields() []Field {
	return []Field{
		{Name: "start_time", Type: typeTime, Doc: "When what is alerted of began.", Example: "1772439300"},
		{Name: "last_time", Type: typeTime, Doc: "When it was last seen.", Example: "1772439360"},
		{Name: "end_time", Type: typeTime, Doc: "When it ended; absent while it goes on.", Example: "1772439420"},
		{Name: "detected_time", Type: typeTime, Doc: "When it was found.", Example: "1772439371"},
		{Name: "window_start", Type: typeNumber, Unit: "s", Doc: "First second of the flows behind it: earliest of a search.", Example: "1772439300"},
		{Name: "window_end", Type: typeNumber, Unit: "s", Doc: "Second after the last of them: latest of a search.", Example: "1772439361"},
		{Name: "measured_name", Type: typeString, Doc: "What was measured.", Example: "targets"},
		{Name: "measured", Type: typeNumber, Doc: "How much it was.", Example: "512"},
		{Name: "unit", Type: typeString, Doc: "Its unit.", Example: "hosts"},
		{Name: "threshold", Type: typeNumber, Doc: "The threshold, in the same unit.", Example: "100"},
		{Name: "baseline", Type: typeNumber, Doc: "What is usual, in the same unit.", Example: "3"},
		{Name: "mitre_technique_id", Type: typeString, CIM: true, List: true, Doc: "Techniques of MITRE ATT&CK.", Example: "T1046"},
		{Name: "techniques", Type: typeString, List: true, Doc: "The same with their names.", Example: "T1046 Network Service Discovery"},
		{Name: "incident", Type: typeString, Doc: "Incident that it belongs to.", Example: "4c02..."},
		{Name: "vectors", Type: typeString, List: true, Doc: "Kinds of traffic of a flood.", Example: "DNS reflection"},
		{Name: "peak_bps", Type: typeNumber, Unit: "bit/s", Doc: "Peak of a flood.", Example: "812000000"},
		{Name: "peak_pps", Type: typeNumber, Unit: "packet/s", Doc: "Peak of a flood.", Example: "90000"},
		{Name: "sampling", Type: typeString, Doc: "What sampling means for it.", Example: "sampled 1:1000"},
		{Name: "spl", Type: typeString, Doc: "Search for the flows behind it.", Example: "`weir_index` sourcetype=weir:flow earliest=..."},
		{Name: "evidence_filter", Type: typeString, Doc: "The same as a filter of Weir.", Example: "source.ip : 10.1.2.3"},
		{Name: "runbook_url", Type: typeString, Doc: "Page that says what to do.", Example: "https://..."},
		{Name: "pivots", Type: typeString, List: true, Doc: "Links into other tools, host and time filled in.", Example: "https://..."},
		{Name: "pivot_titles", Type: typeString, List: true, Doc: "Their titles, in the same order.", Example: "Weir: 10.1.2.3"},
		{Name: "shortened", Type: typeBoolean, Doc: "Present where lists have been cut for the size of the event; the totals are right.", Example: "true"},
	}
}

// Bounds of an event of an alert. Splunk looks for fields in the first 10,000 bytes of an event.
const (
	maxAlertBytes = 9_500
	maxEntities   = 20
)

// AppendAlert appends the event of a change of an alert. It takes at most about 9,500 bytes: lists are cut until it does.
func (e *Encoder) AppendAlert(dst []byte, ev *sink.Event) []byte {
	start := len(dst)
	for _, most := range []int{maxEntities, 5, 1} {
		short := *ev
		if len(ev.Actors) > most || len(ev.Victims) > most || most < maxEntities {
			short.Shorten(most)
		}
		if dst = e.appendAlert(dst[:start], &short); len(dst)-start <= maxAlertBytes {
			return dst
		}
	}
	short := *ev
	short.Shorten(0)
	return e.appendAlert(dst[:start], &short)
}

func (e *Encoder) appendAlert(dst []byte, ev *sink.Event) []byte {
	a := &ev.Alert
	dst = appendTimestamp(dst, ev.ToldAt.UnixNano())
	dst = member.Text(dst, `,"id":`, a.ID)
	dst = member.Text(dst, `,"change":`, string(ev.Change))
	dst = member.Text(dst, `,"state":`, string(a.State))
	dst = member.Uint(dst, `,"sequence":`, ev.Sequence)
	dst = member.Text(dst, `,"signature":`, signatureOf(a.Detector))
	dst = member.Text(dst, `,"signature_id":`, a.Detector)
	dst = member.Text(dst, `,"description":`, a.Title)
	dst = member.Text(dst, `,"severity":`, severityOf(a))
	dst = strconv.AppendInt(append(dst, `,"severity_id":`...), int64(a.Severity), 10)
	dst = member.Float(dst, `,"confidence":`, a.Confidence)
	dst = member.Float(dst, `,"risk_score":`, float64(a.Severity)*a.Confidence)
	dst = member.Text(dst, `,"category":`, categoryOf(a.Detector))
	dst = appendParties(dst, a)
	dst = e.appendFinding(dst, a)
	if ev.Shortened {
		dst = member.Bool(dst, `,"shortened":`, true)
	}
	return e.finish(dst, Alert)
}

// severityOf returns CIM's word.
func severityOf(a *flow.Alert) string {
	if label := flow.SeverityLabel(a.Severity); label != "info" {
		return label
	}
	return "informational"
}

// reflection is the beginning of the names of detectors whose service is the attack's source.
const reflection = "dos.reflection."

func appendParties(dst []byte, a *flow.Alert) []byte {
	var source, destination uint16
	transport := filter.SplunkUnknown
	if s := a.Service; s != nil {
		transport = cmp.Or(s.Transport, transport)
		if strings.HasPrefix(a.Detector, reflection) {
			source = s.Port
		} else {
			destination = s.Port
		}
	}
	dst = appendForemost(dst, a.Actors, `,"src":`, `,"src_ip":`)
	dst = member.Uint(dst, `,"src_port":`, uint64(source))
	dst = appendForemost(dst, a.Victims, `,"dest":`, `,"dest_ip":`)
	dst = member.Uint(dst, `,"dest_port":`, uint64(destination))
	dst = member.Text(dst, `,"transport":`, transport)
	dst = appendForemost(dst, a.Exporters, `,"dvc":`, "")
	dst = member.Texts(dst, `,"dvc_ip":`, addresses(a.Exporters))
	dst = member.Texts(dst, `,"actors":`, a.Actors)
	dst = member.Uint(dst, `,"actors_total":`, a.ActorsTotal)
	dst = member.Texts(dst, `,"victims":`, a.Victims)
	dst = member.Uint(dst, `,"victims_total":`, a.VictimsTotal)
	return member.Texts(dst, `,"groups":`, a.Groups)
}

// appendForemost appends the first of a list, and once more where it is an address and there is a key for it.
func appendForemost(dst []byte, list []string, key, keyIP string) []byte {
	if len(list) == 0 {
		return member.Text(dst, key, filter.SplunkUnknown)
	}
	dst = member.Text(dst, key, list[0])
	if _, err := netip.ParseAddr(list[0]); err == nil && keyIP != "" {
		dst = member.Text(dst, keyIP, list[0])
	}
	return dst
}

// addresses returns those of the names that are addresses.
func addresses(names []string) (list []string) {
	for _, name := range names {
		if _, err := netip.ParseAddr(name); err == nil {
			list = append(list, name)
		}
	}
	return list
}

func (e *Encoder) appendFinding(dst []byte, a *flow.Alert) []byte {
	dst = appendInstant(dst, `,"start_time":`, a.Start)
	dst = appendInstant(dst, `,"last_time":`, a.Last)
	if a.End != nil {
		dst = appendInstant(dst, `,"end_time":`, *a.End)
	}
	dst = appendInstant(dst, `,"detected_time":`, a.DetectedAt)
	from, to := Window(a)
	dst = strconv.AppendInt(append(dst, `,"window_start":`...), from, 10)
	dst = strconv.AppendInt(append(dst, `,"window_end":`...), to, 10)
	dst = member.Text(dst, `,"measured_name":`, a.Measured.Name)
	dst = member.Float(dst, `,"measured":`, a.Measured.Value)
	dst = member.Text(dst, `,"unit":`, a.Measured.Unit)
	dst = member.Float(dst, `,"threshold":`, a.Threshold)
	dst = appendOptional(dst, `,"baseline":`, a.Baseline)
	dst = appendTechniques(dst, a.Techniques)
	dst = member.Text(dst, `,"incident":`, a.Incident)
	dst = appendFlood(dst, a.DoS)
	dst = member.Text(dst, `,"sampling":`, a.Sampling)
	dst = member.Text(dst, `,"spl":`, e.Evidence(a))
	dst = member.Text(dst, `,"evidence_filter":`, a.Evidence.Filter)
	dst = member.Text(dst, `,"runbook_url":`, a.RunbookURL)
	var links, titles []string
	for _, p := range a.Pivots {
		links, titles = append(links, p.URL), append(titles, p.Title)
	}
	return member.Texts(member.Texts(dst, `,"pivots":`, links), `,"pivot_titles":`, titles)
}

func appendInstant(dst []byte, key string, at time.Time) []byte {
	if at.IsZero() {
		return dst
	}
	return member.Seconds(dst, key, at.UnixNano())
}

func appendTechniques(dst []byte, list []flow.Technique) []byte {
	var ids, named []string
	for _, t := range list {
		ids, named = append(ids, t.ID), append(named, t.ID+" "+t.Name)
	}
	return member.Texts(member.Texts(dst, `,"mitre_technique_id":`, ids), `,"techniques":`, named)
}

func appendFlood(dst []byte, d *flow.DoS) []byte {
	if d == nil {
		return dst
	}
	var names []string
	for _, v := range d.Vectors {
		if !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	dst = member.Texts(dst, `,"vectors":`, names)
	dst = member.Float(dst, `,"peak_bps":`, d.PeakBPS)
	return member.Float(dst, `,"peak_pps":`, d.PeakPPS)
}
