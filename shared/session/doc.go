// Package session makes sessions of flow records: pieces cut by active timeouts are stitched, both directions are paired, client
// and server are inferred with a confidence, and the state of the connection is read off flags and counters.
//
// A [Table] does no I/O and starts nothing. It holds records for a while and takes them in the order of their event times, so
// that sessions depend neither on batch sizes nor on the order of arrival (within [Config.Shuffle]). [Duplicates] is apart: it
// marks other exporters' copies of a flow on the records, before anything is summed.
//
// The rules are those of docs/sessions.md.
package session
