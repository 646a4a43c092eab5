package parquet

import "bytes"

// maxSingle bounds the values that are taken for one: long texts may have been cut in the file's statistics.
const maxSingle = 64

// Single tells whether the file has a column of a name that has one value in all rows, or none in any, by the statistics of its row groups.
func (l *Layout) Single(column string) bool {
	i, ok := l.columns[column]
	return ok && (l.single[i] || !l.Uses(column))
}

// isSingle tells whether a column, by its number, has one value in all rows.
func isSingle(groups []value, column int) bool {
	var only []byte
	for i := range groups {
		s := groups[i].getList(groupColumns)[column].get(chunkMeta).get(metaStatistics)
		if s == nil || s.get(statisticsNulls) == nil || s.getNumber(statisticsNulls) > 0 {
			return false
		}
		least, most := s.get(statisticsMin), s.get(statisticsMax)
		if least == nil || most == nil || len(least.bytes) >= maxSingle || !bytes.Equal(least.bytes, most.bytes) {
			return false
		}
		if i > 0 && !bytes.Equal(least.bytes, only) {
			return false
		}
		only = least.bytes
	}
	return true
}
