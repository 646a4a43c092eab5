// Package seen tells which sets of which datagrams are stored already, mostly without asking the database.
//
// [Memory] holds the sets stored lately exactly, and per stream the order (export time) up to which it may have forgotten
// some: a datagram of a greater order that is not in memory cannot be stored. For the others a [Filter] for each portion of
// the stored records, built when it is first needed, says "no" or "perhaps"; only then the records are searched.
//
// What is remembered of a set is the number of its record that would come next. A set is decoded at once, but its batch may
// end within it, and sets of one datagram may come late because they waited for their template: neither is a repetition.
package seen
