package frames

import (
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Links makes the menus of fields: links into other tools with the value that was clicked and the panel's time.
type Links struct {
	Address []Link // for fields that hold an address
	Port    []Link
	AS      []Link
	Alert   []Link // for rows of alerts, with the alert's own values
}

// Link is a link whose URL holds [ValueMark] where the value stands. Grafana's own variables (${__from}) may be in it as well.
type Link struct {
	Title string
	URL   string
	Tab   bool // opens a tab of its own
}

// ValueMark stands for the value in the URL of a [Link]. It is no character of a URL.
const ValueMark = "\x00"

// Of returns the menu of a field by its name in the filter language; value is Grafana's expression for the value.
func (l *Links) Of(field, value string) []data.DataLink {
	switch {
	case field == "related.ip" || field == "weir.next_hop.ip" || strings.HasSuffix(field, ".ip") && field != "observer.ip":
		return render(l.Address, value)
	case strings.HasSuffix(field, ".port"):
		return render(l.Port, value)
	case strings.HasSuffix(field, ".as.number"):
		return render(l.AS, value)
	}
	return nil
}

// ofLabels returns the menu of a line in a chart by the fields that it is a group of.
func (l *Links) ofLabels(fields []string) (list []data.DataLink) {
	for _, f := range fields {
		list = append(list, l.Of(f, `${__field.labels["`+f+`"]}`)...)
	}
	return list
}

func render(links []Link, value string) []data.DataLink {
	list := make([]data.DataLink, len(links))
	for i, l := range links {
		list[i] = data.DataLink{Title: l.Title, URL: strings.ReplaceAll(l.URL, ValueMark, value), TargetBlank: l.Tab}
	}
	return list
}
