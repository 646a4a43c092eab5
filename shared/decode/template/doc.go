// Package template holds what NetFlow v9 (RFC 3954) and IPFIX (RFC 7011) share: the templates of a stream, the program that each
// is compiled into, the sets that wait for their template, and what options data told.
//
// A [Session] is the state of one stream. The protocols' packages read headers and set headers and hand over definitions
// ([Session.Define], [Session.Withdraw]) and data sets ([Session.Data]); the session appends the records to the batch that
// [Session.Begin] named.
//
// A template is compiled when it arrives. A program is a list of instructions (offset, mask, operation) that fills a flow.Record
// without reflection or allocation; the presence bits of a record of fixed size are known at compile time. Elements without a
// place in flow.Record go to the batch's side buffer: their encoded form without the values is made at compile time as well.
// Templates with fields of variable length take the same instructions, with offsets found record by record.
package template
