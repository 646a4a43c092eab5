package pivot

import (
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// Deps is what a set is given from outside.
type Deps struct {
	Translators
	// ASN returns the AS number of an address, 0 where it is not known; nil: none is known.
	ASN func(netip.Addr) uint32
}

// Set is all pivots of an installation. It is safe for concurrent use.
type Set struct {
	deps    Deps
	entries atomic.Pointer[[]entry]
}

// Use replaces the pivots by those of another set. It may be called while links are made.
func (s *Set) Use(other *Set) { s.entries.Store(other.entries.Load()) }

// entry is a pivot: a template and what it is for.
type entry struct {
	title    string
	kind     Kind
	scope    Scope
	v4       bool // the service knows IPv4 only
	template *Template
}

// Scope is which addresses (and AS numbers) a pivot is for.
type Scope string

// Scopes. What is private to a network means nothing to a public service, and what is public is in no asset database of one's own.
const (
	AllAddresses     Scope = "all"
	PublicAddresses  Scope = "public"
	PrivateAddresses Scope = "private"
)

// New returns the pivots of a configuration; errors name the pivot and wrap *[ParseError] where a template is at fault.
func New(cfg Config, deps Deps) (*Set, error) {
	s, list := &Set{deps: deps}, []entry(nil)
	for _, d := range definitions(cfg) {
		t, kinds, err := d.parse()
		if err != nil {
			return nil, fmt.Errorf("pivot %s: %w", d.name, err)
		}
		for _, k := range kinds {
			list = append(list, entry{title: d.title, kind: k, scope: d.scope, v4: d.v4, template: t})
		}
	}
	s.entries.Store(&list)
	return s, nil
}

// parse returns a pivot's template and what it is for.
func (d *definition) parse() (t *Template, kinds []Kind, err error) {
	if t, err = Parse(d.url); err != nil {
		return nil, nil, err
	}
	asked := d.kinds
	if len(asked) == 0 {
		asked = Applies(t)
	}
	for _, k := range asked {
		switch form := t.lacks(k); {
		case form == "":
			kinds = append(kinds, k)
		case !d.fitting:
			return nil, nil, fmt.Errorf("%s is never known of %s", form, k)
		}
	}
	return t, kinds, nil
}

// List returns all pivots of a configuration in their order as a user would write them, the built-in ones as well. Those that [New] refuses
// are left out.
func List(cfg Config) (list []Custom) {
	for _, d := range definitions(cfg) {
		if _, kinds, err := d.parse(); err == nil {
			list = append(list, Custom{Name: d.name, Title: d.title, URL: d.url, Applies: kinds, Addresses: d.scope})
		}
	}
	return list
}

// Applies returns what a template is for, where it does not say: what it has forms of. One that has none but times, filter and the
// alert's own values is for alerts.
func Applies(t *Template) []Kind {
	names := t.Forms()
	for _, c := range []struct {
		form string
		kind Kind
	}{{"ip", Address}, {"asn", AS}, {"port", Port}, {"transport", Port}, {"alert", Alert}, {"detector", Alert}, {"incident", Incident}} {
		if slices.Contains(names, c.form) {
			return []Kind{c.kind}
		}
	}
	return []Kind{Alert}
}

// Of returns the links for a subject in the order of the configuration: the tools first, then the services, then the user's own. It is
// empty and not nil where there are none.
func (s *Set) Of(sub Subject) []flow.AlertPivot {
	return s.appendOf([]flow.AlertPivot{}, &sub)
}

func (s *Set) appendOf(list []flow.AlertPivot, sub *Subject) []flow.AlertPivot {
	if sub.Kind == Address && sub.ASN == 0 && s.deps.ASN != nil {
		sub.ASN = s.deps.ASN(sub.IP)
	}
	tr := cached(s.deps.Translators)
	entries := *s.entries.Load()
	for i := range entries {
		e := &entries[i]
		if !e.fits(sub) {
			continue
		}
		link, err := e.template.Render(sub, tr)
		if err != nil {
			continue // a value is not known, or cannot be said in the other language: no link is better than a wrong one
		}
		list = append(list, flow.AlertPivot{Title: e.titleOf(sub), URL: link})
	}
	return list
}

// fits tells whether a pivot is of use for a subject.
func (e *entry) fits(sub *Subject) bool {
	public := true
	switch {
	case e.kind != sub.Kind:
		return false
	case e.v4 && !sub.IP.Is4():
		return false
	case sub.Kind == Address:
		public = publicAddress(sub.IP)
	case sub.Kind == AS:
		public = publicAS(sub.ASN)
	}
	return e.scope == AllAddresses || public == (e.scope == PublicAddresses)
}

func (e *entry) titleOf(sub *Subject) string {
	if label := sub.label(); label != "" {
		return e.title + ": " + label
	}
	return e.title
}

// cached returns translators that remember their last answer: several links of a subject hold the same filter.
func cached(tr Translators) Translators {
	remember := func(translate Translate) Translate {
		if translate == nil {
			return nil
		}
		var asked, text string
		var err error
		known := false
		return func(f string) (string, error) {
			if !known || f != asked {
				asked, known = f, true
				text, err = translate(f)
			}
			return text, err
		}
	}
	return Translators{KQL: remember(tr.KQL), SPL: remember(tr.SPL)}
}
