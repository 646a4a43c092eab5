// Package parquet writes sealed files and reads single rows of them.
//
// [Writer] knows what a file of the hour knows: which columns have no value in a row group, or one number in all rows. Of seventy documented columns
// most are like that; all of them share pages that say "so many times". Other columns are written with a dictionary where that pays, and as
// differences where not. Readers see all documented columns in their order, each of which may be NULL.
//
// The footer of a Parquet file is a structure of Apache Thrift's compact protocol (parquet.thrift of Apache Parquet format 2.x), here a tree in
// which members are known by their numbers. Encodings are those of the Parquet format's Encodings.md.
//
// [Reader] reads single rows of such files, and finds those with some number in a column: for a few rows of a row group that takes a small part
// of what a statement of DuckDB does. It reads what DuckDB writes, too, as earlier versions sealed files by it.
package parquet
