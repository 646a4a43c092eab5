package frames

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ExploreURL is the address of Grafana's Explore with a query to a data source, below Grafana's own. From and to are milliseconds since 1970
// or Grafana's variables.
func ExploreURL(uid string, query map[string]any, from, to string) string {
	source := map[string]string{"uid": uid}
	asked := map[string]any{"refId": "A", "datasource": source}
	for k, v := range query {
		asked[k] = v
	}
	panes := map[string]any{"weir": map[string]any{
		"datasource": uid, "queries": []any{asked}, "range": map[string]string{"from": from, "to": to},
	}}
	text, err := json.Marshal(panes)
	if err != nil {
		return ""
	}
	escaped := strings.ReplaceAll(url.QueryEscape(string(text)), "+", "%20")
	// Variables must stand there as they are, to be found.
	escaped = strings.NewReplacer("%24%7B__from%7D", "${__from}", "%24%7B__to%7D", "${__to}", "%5Cu0000", ValueMark).Replace(escaped)
	return "/explore?schemaVersion=1&panes=" + escaped
}

// millis is a time in milliseconds since 1970, as Explore takes it.
func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
