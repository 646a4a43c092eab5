// Package duckdb is the embedded store on DuckDB. It is the only package of the project that uses cgo; without cgo it compiles
// to a twin whose Open says so.
//
// One connection writes: it appends records, commits them with the stream marks of their datagrams, enters sealed files in the
// manifest and removes what is sealed. Questions have connections of their own and see what is committed. Each reads the manifest
// and the row counts of the hot files at the start of its transaction, so that it sees every record once while files are being
// sealed; a file that was sealed or left the manifest is not removed before the questions that may still read it have ended.
//
// Records are appended by column to files of package hot: [programs] says for each column where its values lie in
// [flow.Record]. That is why this package uses unsafe.
package duckdb
