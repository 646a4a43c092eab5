// Package flowinput is Weir as an input of Telegraf: it receives flow exports, watches for attacks and hands metrics to Telegraf.
//
// [Input] is a telegraf.ServiceInput, registered as "weir", which Telegraf can be built with; package execd runs it in a process of its own
// under inputs.execd, where it writes line protocol itself. Both ways lead through an outbox of bounded size: what Telegraf is too slow for
// waits there, then is dropped and counted, and never holds up the sockets.
//
// Amounts are summed by tags in intervals of event time. A point is never written twice, and the points of an interval add up to it: see
// [traffic] for how.
package flowinput
