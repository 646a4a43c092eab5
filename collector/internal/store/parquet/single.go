package parquet

import "bytes"

// maxSingle bounds the values that are taken for one: long texts may have been cut in the file's statistics.
const maxSingle = 64

// Single tells whether the file has a column of a name that has one value in all rows, or none in any, by the statistics of its row groups.
func (l *Layout) Single(column string) bool {
	i, ok := l.columns[column]
	return ok && l.single[i]
}

// isSingle tells it of a column by its number.
func isSingle(groups []value, column int) bool {
	var only []byte
	empty, one := true, true
	for i := range groups {
		s := statisticsOf(&groups[i], column)
		if s == nil || s.get(statisticsNulls) == nil {
			return false
		}
		nulls := s.getNumber(statisticsNulls)
		empty = empty && nulls == groups[i].getNumber(groupRows)
		least, most := s.get(statisticsMin), s.get(statisticsMax)
		if nulls > 0 || least == nil || most == nil || len(least.bytes) >= maxSingle || !bytes.Equal(least.bytes, most.bytes) {
			one = false
			continue
		}
		one = one && (i == 0 || bytes.Equal(least.bytes, only))
		only = least.bytes
	}
	return empty || one
}

func statisticsOf(group *value, column int) *value {
	meta := group.getList(groupColumns)[column].get(chunkMeta)
	return meta.get(metaStatistics)
}
