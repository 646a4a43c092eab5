// Package flow holds the types that every step of the way of the data shares: the flow record and the batch it travels in, the
// registry of its fields, alerts, and the loss account.
//
// A [Record] is a flat value without pointers, so that a [Batch] of thousands is one allocation that the garbage collector
// never scans. What cannot be flat lives beside it: names as [Symbol] numbers of a [Symbols] table, elements without a
// canonical name in the batch's side buffer (see [Batch.AppendElement]), facts of the datagram in [Datagram].
//
// The registry ([Fields]) is one table with one row a field: canonical name, type, accessor and documentation. Filters,
// stores, mappings and the reference pages are all driven by it.
package flow
