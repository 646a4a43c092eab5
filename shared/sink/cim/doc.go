// Package cim writes what Weir knows as events for Splunk: one line of JSON each, with the names and values of Splunk's Common Information
// Model where it has them, and the canonical names of Weir's fields where it does not. The names are those that [filter.SPL] asks for
// ([filter.SplunkName]), so that a search needs neither aliases nor lookups.
//
// [Fields] is the one table of what events have. [Encoder] writes single events, and [Feed] decides which events there are: it takes records,
// sessions and alerts from a pipeline and gives events to a [Putter].
//
// Every event begins with "timestamp", the seconds since the Unix epoch with six decimals, which is its _time. Fields that may have several
// values are arrays of JSON, always. Splunk calls the members of an array NAME{}, which is why props.conf has to alias them to NAME:
// [Field.List] says which they are.
//
// An event cannot be replaced. What is known of a session is therefore told once, when it has ended; of one that goes on, the part of
// each hour is told as an event of its own, so that sums over all events of sessions are right.
package cim
