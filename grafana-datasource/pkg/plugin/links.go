package plugin

import (
	"context"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/query"
)

// links returns the menus of fields: ways on within Grafana, and the collector's links into other tools with Grafana's variables for value
// and time. An answer is one without the latter, too, so the collector's silence about them is no error.
func (d *Datasource) links(ctx context.Context, q *asked) frames.Links {
	if q.alert {
		return frames.Links{} // nobody clicks on a rule's numbers
	}
	l, err := d.collector.links(ctx, d.menus)
	if err != nil { // who asked has gone
		return d.menus(nil)
	}
	return l
}

// menus makes the menus of the collector's templates.
func (d *Datasource) menus(templates []query.PivotTemplate) frames.Links {
	l := frames.Links{Address: d.exploreHost(), Port: []frames.Link{d.exploreFilter("Flows on this port", "related.port : "+mark)}}
	l.AS = []frames.Link{d.exploreFilter("Flows of this AS", "source.as.number : "+mark+" or destination.as.number : "+mark)}
	for i := range templates {
		t := &templates[i]
		if t.Name == "grafana" || !d.settings.publicLinks() && slices.Contains(pivot.Services(), t.Name) {
			continue // whoever reads this is in Grafana already
		}
		addTemplate(&l, t)
	}
	return l
}

// mark stands for the value in queries that Explore is opened with.
const mark = frames.ValueMark

// exploreHost are the ways on from an address within Grafana.
func (d *Datasource) exploreHost() []frames.Link {
	at := func(title string, q map[string]any) frames.Link {
		return frames.Link{Title: title, URL: frames.ExploreURL(d.uid, q, "${__from}", "${__to}")}
	}
	return []frames.Link{
		at("Sessions of this host", map[string]any{"queryType": "sessions", "filter": `related.ip : "` + mark + `"`, "limit": 1000}),
		at("Traffic of this host", map[string]any{"queryType": "series", "filter": `related.ip : "` + mark + `"`, "by": []string{"network.protocol"}}),
		at("Alerts on this host", map[string]any{"queryType": "alerts", "host": mark}),
	}
}

func (d *Datasource) exploreFilter(title, filter string) frames.Link {
	q := map[string]any{"queryType": "series", "filter": filter, "by": []string{"related.ip"}}
	return frames.Link{Title: title, URL: frames.ExploreURL(d.uid, q, "${__from}", "${__to}")}
}

// Values that a template is rendered with, to be found in the link afterwards. The address is one of IPv6, so that filters have it in
// quotes, which suit any address; the times are such that their texts are nobody else's.
var (
	markIP   = netip.MustParseAddr("2001:db8:5ea1:5ea1:5ea1:5ea1:5ea1:5ea1")
	markFrom = time.Date(2001, 3, 4, 5, 6, 7, 89e6, time.UTC)
	markTo   = time.Date(2002, 4, 5, 6, 7, 8, 91e6, time.UTC)
)

const (
	markPort = 61357
	markAS   = 4199877663
)

// addTemplate adds a collector's link to the menus that it is of use in. One that cannot be made without an alert is left out.
func addTemplate(l *frames.Links, t *query.PivotTemplate) {
	parsed, err := pivot.Parse(t.URL)
	if err != nil {
		return // of a later version
	}
	tab := func(s pivot.Subject, value string) []frames.Link {
		s.From, s.To = markFrom, markTo
		link, err := parsed.Render(&s, pivot.Languages())
		if err != nil {
			return nil
		}
		return []frames.Link{{Title: t.Title, URL: withVariables(link, value), Tab: true}}
	}
	for _, kind := range t.AppliesTo {
		switch pivot.Kind(kind) {
		case pivot.Address:
			l.Address = append(l.Address, tab(pivot.OfAddress(markIP, markFrom, markTo), markIP.String())...)
		case pivot.Port:
			l.Port = append(l.Port, tab(pivot.Subject{Kind: pivot.Port, Port: markPort}, strconv.Itoa(markPort))...)
		case pivot.AS:
			l.AS = append(l.AS, tab(pivot.Subject{Kind: pivot.AS, ASN: markAS}, strconv.Itoa(markAS))...)
		case pivot.Alert, pivot.Incident:
			l.Alert = append(l.Alert, frames.Link{Title: t.Title})
		}
	}
}

// withVariables puts Grafana's variables in the place of the marks.
func withVariables(link, value string) string {
	iso := "2006-01-02T15:04:05.000Z"
	for _, v := range []struct{ text, variable string }{
		{value, mark},
		{markFrom.Format(iso), "${__from:date:iso}"}, {markTo.Format(iso), "${__to:date:iso}"},
		{strconv.FormatInt(markFrom.UnixMilli(), 10), "${__from}"}, {strconv.FormatInt(markTo.UnixMilli(), 10), "${__to}"},
		{strconv.FormatInt(markFrom.Unix(), 10), "${__from:date:seconds}"}, {strconv.FormatInt(markTo.Unix()+1, 10), "${__to:date:seconds}"},
	} {
		link = anyEncoding(v.text).ReplaceAllLiteralString(link, v.variable)
	}
	return link
}

// anyEncoding finds a text in a URL, whether or not its signs are percent-encoded.
func anyEncoding(text string) *regexp.Regexp {
	var b strings.Builder
	for _, r := range text {
		plain := string(r)
		if escaped := url.QueryEscape(plain); escaped != plain {
			b.WriteString("(?:" + regexp.QuoteMeta(plain) + "|(?i:" + escaped + "))")
			continue
		}
		b.WriteString(regexp.QuoteMeta(plain))
	}
	return regexp.MustCompile(b.String())
}
