package document

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/member"
)

// alertObject is the field that holds an alert in the contract's form.
const alertObject = "weir.alert.document"

func alertFields() []Field {
	const keyword, double, long, date, ip = filter.ElasticKeyword, filter.ElasticDouble, filter.ElasticLong, filter.ElasticDate, filter.ElasticIP
	return []Field{
		{Name: "@timestamp", Type: date, ECS: true, Doc: "Of an alert when it was last seen; of an event when the change was told of."},
		{Name: "event.id", Type: keyword, ECS: true, Doc: "Identity: of an alert weir.alert.id; of an event that and a hash of what changed."},
		{Name: "event.kind", Type: keyword, ECS: true, Always: "alert", Doc: "Kind of the event."},
		{Name: "event.category", Type: keyword, ECS: true, List: true, Always: "network", Doc: "Category of the event."},
		{Name: "event.type", Type: keyword, ECS: true, List: true, Always: "info", Doc: "Type of the event."},
		{Name: "event.start", Type: date, ECS: true, Doc: "When what is alerted of began."},
		{Name: "event.end", Type: date, ECS: true, Doc: "When it ended; absent while it goes on."},
		{Name: "event.created", Type: date, ECS: true, Doc: "When it was detected."},
		{Name: "event.severity", Type: long, ECS: true, Doc: "Severity from 0 to 100."},
		{Name: "event.risk_score", Type: double, ECS: true, Doc: "Severity times confidence, from 0 to 100."},
		{Name: "event.reason", Type: keyword, ECS: true, Doc: "What is alerted of, in a line."},
		{Name: "event.url", Type: keyword, ECS: true, Doc: "Page that says what to do."},
		{Name: "message", Type: typeText, ECS: true, Doc: "What is alerted of, in a line."},
		{Name: "rule.name", Type: keyword, ECS: true, Doc: "Detector."},
		{Name: "rule.reference", Type: keyword, ECS: true, Doc: "Page about it."},
		{Name: "source.ip", Type: ip, ECS: true, Doc: "Who acts, where it is one address."},
		{Name: "destination.ip", Type: ip, ECS: true, Doc: "Who suffers, where it is one address."},
		{Name: "destination.port", Type: long, ECS: true, Doc: "Port of the service."},
		{Name: "network.transport", Type: keyword, ECS: true, Doc: "Transport of the service."},
		{Name: "related.ip", Type: ip, ECS: true, List: true, Doc: "All addresses that act or suffer, as far as they are listed."},
		{Name: "observer.ip", Type: ip, ECS: true, List: true, Doc: "Exporters that saw it."},
		{Name: "threat.framework", Type: keyword, ECS: true, Doc: "MITRE ATT&CK, where there are techniques."},
		{Name: "threat.technique.id", Type: keyword, ECS: true, List: true, Doc: "Techniques of MITRE ATT&CK."},
		{Name: "threat.technique.name", Type: keyword, ECS: true, List: true, Doc: "Their names."},
		{Name: "threat.technique.reference", Type: keyword, ECS: true, List: true, Doc: "Pages about them."},
		{Name: "threat.technique.subtechnique.id", Type: keyword, ECS: true, List: true, Doc: "Sub-techniques of MITRE ATT&CK."},
		{Name: "threat.technique.subtechnique.name", Type: keyword, ECS: true, List: true, Doc: "Their names."},
		{Name: "threat.technique.subtechnique.reference", Type: keyword, ECS: true, List: true, Doc: "Pages about them."},
		{Name: "weir.alert.id", Type: keyword, Doc: "Identity of the alert."},
		{Name: "weir.alert.state", Type: keyword, Doc: "active, clearing, watching or ended."},
		{Name: "weir.alert.severity_label", Type: keyword, Doc: "info, low, medium, high or critical."},
		{Name: "weir.alert.confidence", Type: double, Doc: "How sure it is, 0 to 1."},
		{Name: "weir.alert.actors", Type: keyword, List: true, Doc: "Who acts: addresses, networks or names."},
		{Name: "weir.alert.actors_total", Type: long, Doc: "How many act."},
		{Name: "weir.alert.victims", Type: keyword, List: true, Doc: "Who suffers: addresses, networks or names."},
		{Name: "weir.alert.victims_total", Type: long, Doc: "How many suffer."},
		{Name: "weir.alert.groups", Type: keyword, List: true, Doc: "Traffic groups concerned."},
		{Name: "weir.alert.measured.name", Type: keyword, Doc: "What was measured."},
		{Name: "weir.alert.measured.value", Type: double, Doc: "How much it was."},
		{Name: "weir.alert.measured.unit", Type: keyword, Doc: "Its unit."},
		{Name: "weir.alert.threshold", Type: double, Doc: "The threshold, in the same unit."},
		{Name: "weir.alert.baseline", Type: double, Doc: "What is usual, in the same unit."},
		{Name: "weir.alert.incident", Type: keyword, Doc: "Incident that it belongs to."},
		{Name: alertObject, Type: typeObject, Ordered: true, Doc: "The whole alert in the form of Weir's API."},
	}
}

func alertEventFields() []Field {
	return []Field{
		{Name: "event.action", Type: filter.ElasticKeyword, ECS: true, Doc: "alert_raised, alert_changed or alert_ended."},
		{Name: "weir.alert.change", Type: filter.ElasticKeyword, Doc: "raised, changed or ended."},
	}
}

// AppendAlert appends the document of an alert as it is now; its id is [flow.Alert.ID].
func (e *Encoder) AppendAlert(dst []byte, a *flow.Alert) ([]byte, error) {
	dst = member.Time(dst, `{"@timestamp":`, a.Last.UnixNano())
	dst = member.Text(dst, `,"event.id":`, a.ID)
	return e.appendAlert(dst, Alert, a)
}

// AppendAlertEvent appends the document of a change; its id is [sink.ChangeID].
func (e *Encoder) AppendAlertEvent(dst []byte, ev *sink.Event) ([]byte, error) {
	dst = member.Time(dst, `{"@timestamp":`, ev.ToldAt.UnixNano())
	dst = member.Text(dst, `,"event.id":`, sink.ChangeID(ev))
	dst = member.Text(dst, `,"event.action":`, "alert_"+string(ev.Change))
	dst = member.Text(dst, `,"weir.alert.change":`, string(ev.Change))
	return e.appendAlert(dst, AlertEvent, &ev.Alert)
}

func (e *Encoder) appendAlert(dst []byte, kind Kind, a *flow.Alert) ([]byte, error) {
	dst = appendAlertTimes(dst, a)
	dst = member.Uint(dst, `,"event.severity":`, uint64(max(a.Severity, 0)))
	dst = member.Float(dst, `,"event.risk_score":`, float64(a.Severity)*a.Confidence)
	dst = member.Text(dst, `,"event.reason":`, a.Title)
	dst = member.Text(dst, `,"message":`, a.Title)
	dst = member.Text(dst, `,"event.url":`, a.RunbookURL)
	dst = member.Text(dst, `,"rule.name":`, a.Detector)
	dst = member.Text(dst, `,"rule.reference":`, a.RunbookURL)
	dst = appendAlertParties(dst, a)
	dst = appendTechniques(dst, a.Techniques)
	dst = appendAlertOwn(dst, a)
	object, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("alert %s: %w", a.ID, err)
	}
	dst = append(append(dst, `,"`+alertObject+`":`...), object...)
	return e.finish(dst, kind), nil
}

func appendAlertTimes(dst []byte, a *flow.Alert) []byte {
	for _, t := range []struct {
		key string
		at  time.Time
	}{{`,"event.start":`, a.Start}, {`,"event.created":`, a.DetectedAt}} {
		if !t.at.IsZero() {
			dst = member.Time(dst, t.key, t.at.UnixNano())
		}
	}
	if a.End != nil {
		dst = member.Time(dst, `,"event.end":`, a.End.UnixNano())
	}
	return dst
}

// appendAlertParties appends who takes part.
func appendAlertParties(dst []byte, a *flow.Alert) []byte {
	actors, victims := addresses(a.Actors), addresses(a.Victims)
	if len(actors) == 1 && a.ActorsTotal <= 1 {
		dst = member.Text(dst, `,"source.ip":`, actors[0])
	}
	if len(victims) == 1 && a.VictimsTotal <= 1 {
		dst = member.Text(dst, `,"destination.ip":`, victims[0])
	}
	if a.Service != nil {
		dst = member.Text(dst, `,"network.transport":`, a.Service.Transport)
		if a.Service.Port != 0 {
			dst = member.Uint(dst, `,"destination.port":`, uint64(a.Service.Port))
		}
	}
	related := slices.Concat(actors, victims)
	slices.Sort(related)
	dst = member.Texts(dst, `,"related.ip":`, slices.Compact(related))
	return member.Texts(dst, `,"observer.ip":`, addresses(a.Exporters))
}

// addresses returns those of the names that are addresses.
func addresses(names []string) (list []string) {
	for _, name := range names {
		if ip, err := netip.ParseAddr(name); err == nil && ip.Zone() == "" {
			list = append(list, ip.String())
		}
	}
	return list
}

// appendTechniques appends the techniques; a sub-technique (T1110.001) counts as its technique, too.
func appendTechniques(dst []byte, list []flow.Technique) []byte {
	if len(list) == 0 {
		return dst
	}
	const page = "https://attack.mitre.org/techniques/"
	var ids, names, pages, subIDs, subNames, subPages []string
	for _, t := range list {
		id, sub, isSub := strings.Cut(t.ID, ".")
		if isSub {
			subIDs, subNames, subPages = append(subIDs, t.ID), append(subNames, t.Name), append(subPages, page+id+"/"+sub+"/")
		} else {
			names = append(names, t.Name)
		}
		if !slices.Contains(ids, id) {
			ids, pages = append(ids, id), append(pages, page+id+"/")
		}
	}
	dst = member.Text(dst, `,"threat.framework":`, "MITRE ATT&CK")
	dst = member.Texts(dst, `,"threat.technique.id":`, ids)
	dst = member.Texts(dst, `,"threat.technique.name":`, names)
	dst = member.Texts(dst, `,"threat.technique.reference":`, pages)
	dst = member.Texts(dst, `,"threat.technique.subtechnique.id":`, subIDs)
	dst = member.Texts(dst, `,"threat.technique.subtechnique.name":`, subNames)
	return member.Texts(dst, `,"threat.technique.subtechnique.reference":`, subPages)
}

func appendAlertOwn(dst []byte, a *flow.Alert) []byte {
	dst = member.Text(dst, `,"weir.alert.id":`, a.ID)
	dst = member.Text(dst, `,"weir.alert.state":`, string(a.State))
	dst = member.Text(dst, `,"weir.alert.severity_label":`, a.SeverityLabel)
	dst = member.Float(dst, `,"weir.alert.confidence":`, a.Confidence)
	dst = member.Texts(dst, `,"weir.alert.actors":`, a.Actors)
	dst = member.Uint(dst, `,"weir.alert.actors_total":`, a.ActorsTotal)
	dst = member.Texts(dst, `,"weir.alert.victims":`, a.Victims)
	dst = member.Uint(dst, `,"weir.alert.victims_total":`, a.VictimsTotal)
	dst = member.Texts(dst, `,"weir.alert.groups":`, a.Groups)
	dst = member.Text(dst, `,"weir.alert.measured.name":`, a.Measured.Name)
	dst = member.Float(dst, `,"weir.alert.measured.value":`, a.Measured.Value)
	dst = member.Text(dst, `,"weir.alert.measured.unit":`, a.Measured.Unit)
	dst = member.Float(dst, `,"weir.alert.threshold":`, a.Threshold)
	if a.Baseline != nil {
		dst = member.Float(dst, `,"weir.alert.baseline":`, *a.Baseline)
	}
	return member.Text(dst, `,"weir.alert.incident":`, a.Incident)
}
