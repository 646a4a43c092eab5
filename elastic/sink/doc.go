// Package sink ships what a pipeline finds to Elasticsearch or OpenSearch: records, sessions, alerts and their changes, interfaces and
// exporters, as documents of package document.
//
// Documents are gathered into pieces of some megabytes, compressed, and put into a spool on disk, from which senders deliver them by the bulk
// API. So nothing waits for the server: what it does not take stays on disk, to a limit beyond which the oldest is dropped and counted. Each
// document has an id of its own and is created, so that what is sent again, because an answer was lost or the process ended, is there already
// (409) and counted as such. Alerts have a spool of their own, so that a flood of flows does not push them out; their documents are replaced,
// by version.
//
// Of a piece, items that the server has no time for (429, 5xx) are sent again after a while; those that it refuses (400) go to the data stream
// logs-weir.deadletter, with the reason. go-elasticsearch's BulkIndexer would send each document on its own account; here a piece is
// acknowledged as a whole, in order, and is what the spool keeps: it is compressed once and sent as it is.
package sink
