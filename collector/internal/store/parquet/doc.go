// Package parquet completes Parquet files with columns that have no value in any row, or the same number in all, and reads single rows of
// files.
//
// Writing a column costs time and memory by the row, also where it is NULL throughout, as most of the documented columns are: half of
// what sealing costs. So a file is written with the columns in use, and the others are added here: to its schema, and to each of its
// row groups as one page that says "NULL, so many times", which all of them share. Readers see the documented columns in their
// order.
//
// The footer of a Parquet file is a structure of Apache Thrift's compact protocol (parquet.thrift of Apache Parquet format 2.x). It is
// read as a tree in which members are known by their numbers, changed, and written again, so that what this package does not know
// is kept.
//
// [Reader] reads single rows of such files, and finds those with some number in a column: for a few rows of a row group that takes a small part
// of what a statement of DuckDB does.
package parquet
