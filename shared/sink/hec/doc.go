// Package hec ships events to Splunk's HTTP Event Collector (POST /services/collector/event): a [cim.Feed] makes them, a [Sink] takes them.
//
// Events are gathered into pieces of about 1 MB, compressed, and put into a spool on disk, from which senders post them. Nothing waits for
// Splunk: what it does not take stays on disk, to a limit beyond which the oldest is dropped and counted. Alerts have a spool of their own, so
// that a flood of flows does not push them out.
//
// Where the token has acknowledgements, a piece counts as delivered when the indexer has acknowledged it, and is sent again when it does not
// in time. An acknowledgement belongs to a channel, which is this sender's alone, and its number within. A server that has restarted has
// forgotten channels and begins their numbers anew; as an old number must not be taken for a new one, a channel is given up as soon as its
// numbers go back, or the answer to a post is lost. Without acknowledgements a piece is delivered when the server has said so.
//
// Delivery is at least once. What is sent again are the same bytes, so an event's id, which is a field of it, tells repetitions.
package hec
