package pivot

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// form is what a template may hold in braces.
type form struct {
	name    string
	ways    []string // of writing it, as in {from:unix}; the first is what the bare name means
	classic string   // "IP" for %IP%, which is written in way
	way     string
	number  bool // in every way
	kinds   []Kind
	doc     string
}

// everywhere are the kinds of forms that every subject may have.
var everywhere = []Kind{Address, Port, AS, Alert, Incident}

// forms are all forms. An address may be one of an alert's, so that it has the alert's values as well.
var forms = []form{
	{name: "ip", classic: "IP", kinds: []Kind{Address}, doc: "The address."},
	{name: "port", classic: "PORT", number: true, kinds: []Kind{Port, Address, Alert}, doc: "The port; of an alert that of its service."},
	{name: "transport", kinds: []Kind{Port, Address, Alert}, doc: "Its transport protocol: `tcp`, `udp`."},
	{name: "asn", classic: "ASN", number: true, kinds: []Kind{AS, Address}, doc: "The AS number, without AS."},
	{name: "alert", kinds: everywhere, doc: "The alert's id."},
	{name: "incident", kinds: everywhere, doc: "The incident's id."},
	{name: "detector", kinds: everywhere, doc: "The alert's detector."},
	{name: "title", kinds: everywhere, doc: "The alert's title."},
	{name: "from", ways: times, classic: "TE", way: "unix", kinds: everywhere, doc: "The event's earliest time: RFC 3339, seconds or milliseconds since 1970."},
	{name: "to", ways: times, classic: "TL", way: "unix", kinds: everywhere, doc: "Its latest time, not included."},
	{name: "filter", ways: []string{"weir", "kql", "spl"}, kinds: everywhere, doc: "What selects the flows: in Weir's language, Kibana's KQL, Splunk's SPL (fields of the Common Information Model)."},
}

var times = []string{"iso", "unix", "ms"}

// FormNames returns all forms as they are written, the classic ones last.
func FormNames() (names []string) {
	var classic []string
	for i := range forms {
		f := &forms[i]
		names = append(names, "{"+f.name+"}")
		for _, way := range f.ways {
			names = append(names, "{"+f.name+":"+way+"}")
		}
		if f.classic != "" {
			classic = append(classic, "%"+f.classic+"%")
		}
	}
	return append(names, classic...)
}

// use is a form as a template holds it.
type use struct {
	form *form
	way  string // one of the form's
}

func (u use) String() string {
	if len(u.form.ways) == 0 || u.way == u.form.ways[0] {
		return "{" + u.form.name + "}"
	}
	return "{" + u.form.name + ":" + u.way + "}"
}

// number tells whether the value is a number, which stands without quotes in JSON.
func (u use) number() bool { return u.form.number || u.way == "unix" || u.way == "ms" }

// lookUp returns the form of what stands in braces.
func lookUp(text string) (use, bool) {
	name, way, hasWay := strings.Cut(text, ":")
	for i := range forms {
		f := &forms[i]
		switch {
		case f.name != name:
		case !hasWay && len(f.ways) > 0:
			return use{f, f.ways[0]}, true
		case !hasWay:
			return use{form: f}, true
		case slices.Contains(f.ways, way):
			return use{f, way}, true
		}
	}
	return use{}, false
}

func lookUpClassic(text string) (use, bool) {
	for i := range forms {
		if forms[i].classic == text {
			return use{&forms[i], forms[i].way}, true
		}
	}
	return use{}, false
}

// ErrUnknown is in the error of a link that cannot be made because its subject lacks a value that the template needs.
var ErrUnknown = errors.New("is not known")

// Translate turns a filter of Weir's language into another's.
type Translate func(filter string) (string, error)

// Translators are the languages of other tools; those that are nil have no links.
type Translators struct {
	KQL Translate // Kibana
	SPL Translate // Splunk: a search expression
}

// value returns what stands for the form.
func (u use) value(s *Subject, tr *Translators) (string, error) {
	var text string
	switch u.form.name {
	case "ip":
		if s.IP.IsValid() {
			text = s.IP.WithZone("").String()
		}
	case "port":
		text = unlessZero(uint64(s.Port))
	case "transport":
		text = s.Transport
	case "asn":
		text = unlessZero(uint64(s.ASN))
	case "alert":
		text = s.Alert
	case "incident":
		text = s.Incident
	case "detector":
		text = s.Detector
	case "title":
		text = s.Title
	case "from":
		text = stamp(s.From, u.way, false)
	case "to":
		text = stamp(s.To, u.way, true)
	case "filter":
		return u.translated(s.filter(), tr)
	}
	if text == "" {
		return "", fmt.Errorf("%s %w", u, ErrUnknown)
	}
	return text, nil
}

func (u use) translated(filter string, tr *Translators) (string, error) {
	translate := Translate(func(f string) (string, error) { return f, nil })
	switch u.way {
	case "kql":
		translate = tr.KQL
	case "spl":
		translate = tr.SPL
	}
	if filter == "" || translate == nil {
		return "", fmt.Errorf("%s %w", u, ErrUnknown)
	}
	text, err := translate(filter)
	if err != nil {
		return "", fmt.Errorf("%s of %q: %w", u, filter, err)
	}
	return text, nil
}

func unlessZero(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

// stamp writes a time so that a range of such times holds all of the event: starts are cut, ends are raised to the next whole unit.
func stamp(t time.Time, way string, end bool) string {
	if t.IsZero() {
		return ""
	}
	unit := time.Millisecond
	if way == "unix" {
		unit = time.Second
	}
	cut := t.UTC().Truncate(unit)
	if end && cut.Before(t) {
		cut = cut.Add(unit)
	}
	switch way {
	case "unix":
		return strconv.FormatInt(cut.Unix(), 10)
	case "ms":
		return strconv.FormatInt(cut.UnixMilli(), 10)
	}
	return cut.Format("2006-01-02T15:04:05.000Z")
}
