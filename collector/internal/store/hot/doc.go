// Package hot keeps the records and sessions of the hour that is being written, in files of columns to which chunks of rows are
// appended. It takes a tenth of what a database needs to take in the same rows, as nothing is analyzed, ordered or written twice: an hour later
// the rows become Parquet.
//
// A file is a sequence of chunks of up to [Rows] rows. A chunk has a head and a block for each column that has a value in it:
//
//	head   "WHOT", then little-endian: length of the head, length of the chunk, rows, blocks (4 bytes each), CRC-32C of the rest of the head
//	       for each block: length of the name (1), name, type (1), width (1), flags (1), least and greatest value (8 each),
//	       length of the block (4), its CRC-32C (4)
//	block  if flags has bit 0, not all rows have a value: a bit for each row that has, in words of 8 bytes;
//	       then the cells of the rows, each of width bytes: what the value is beyond the least. Width 0: all values are the least.
//	       Of texts: the ends of all (4 bytes each), then the texts.
//
// Which chunks count is for the user to say, who keeps the number of rows that were committed: [Open] does not read what lies behind them,
// and it is written over.
package hot
