// Package seen tells which records are stored already, mostly without asking the database.
//
// Records are remembered by blocks: up to 64 of a set of a datagram, as a bitmap. [Memory] holds the blocks stored lately
// exactly, and per stream the order (export time) up to which it may have forgotten some: a datagram of a greater order whose
// block is not in memory cannot be stored. For the others a [Filter] for each portion of the stored records, built when it is
// first needed, says "no" or "perhaps"; only then the records are searched.
//
// Asking by block and not by datagram keeps apart what is not a repetition: the sets of a datagram may come at different times,
// because one waited for its template, and a batch may end within a set.
package seen
