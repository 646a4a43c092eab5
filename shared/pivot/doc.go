// Package pivot makes links into other tools, with host, time and filter filled in: a search of the same host and minutes in Splunk, Kibana
// or Grafana, the collector's own page of a host, what public services know of an address, a port or an AS.
//
// A [Template] is a URL with forms in it, such as {ip} or the classic %IP%. Every value is escaped for the place where its form stands, so
// that it comes out of the URL as it went in, whatever it holds. A [Set] is all pivots of an installation: it says which of them
// are of use for a [Subject] or an alert. Links are rendered when something is shown or sent and are never stored: whoever moves
// a tool changes its base URL in weir.yaml, and the links of old alerts follow.
//
// Nothing here opens a link: a service learns of an address when somebody follows one.
package pivot
