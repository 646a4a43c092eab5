// Package store describes the embedded store without touching a database: where things lie in the data folder, which columns
// hold the fields of a record, what the manifest of sealed files says, and who may open the folder.
//
//	DIR/weir.lock                                     held while the folder is open
//	DIR/weir.duckdb                                   manifest, row counts of hot files, stream marks, alerts
//	DIR/hot/flows_2026030208_1.hot                    records of the hour that is being written, see package hot
//	DIR/flows/date=2026-03-02/hour=08/part-1.parquet  sealed records, by the hour of their commit
//	DIR/index/...                                     host indexes of sealed files, see package hostindex
//	DIR/tmp/                                          room for queries that exceed the memory limit
//
// Records are appended to a hot file named by the hour of commit and a number. When the hour has passed or the file is full
// it is sealed: copied to a Parquet file, entered in the manifest, and removed. Package duckdb does the work; package seen
// remembers which datagrams are stored.
package store
