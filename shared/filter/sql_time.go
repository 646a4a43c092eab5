package filter

import "time"

// instant compares a time kept as ms and the ns beyond. The first condition alone lets the store skip whole blocks.
func (w *sqlWriter) instant(op Op, ns int64, at Column) {
	ms, sub := at.Parts[0], at.Parts[1]
	t, rest := splitMilli(ns)
	switch {
	case op == Equal:
		w.put("(", ms, " = ")
		w.param("", t)
		w.put(" AND ", sub, " = ")
		w.unsigned(rest)
		w.put(")")
		return
	case rest == 0 && (op == GreaterEqual || op == Less):
		w.put(ms, sqlOps[op])
		w.param("", t)
		return
	}
	strict, wide := sqlOps[Greater], sqlOps[GreaterEqual]
	if op == Less || op == LessEqual {
		strict, wide = sqlOps[Less], sqlOps[LessEqual]
	}
	w.put("(", ms, wide)
	w.param("", t)
	w.put(" AND (", ms, strict)
	w.param("", t)
	w.put(" OR ", sub, sqlOps[op])
	w.unsigned(rest)
	w.put("))")
}

// instantNano compares a time kept in ns. A time.Time would be a parameter in µs.
func (w *sqlWriter) instantNano(op Op, ns int64, column string) {
	w.put(column, sqlOps[op], "make_timestamp_ns(")
	w.param("BIGINT", ns)
	w.put(")")
}

// splitMilli splits ns since the Unix epoch into a time cut to ms and the ns beyond, for times before the epoch too.
func splitMilli(ns int64) (time.Time, uint64) {
	rest := ns % int64(time.Millisecond)
	if rest < 0 {
		rest += int64(time.Millisecond)
	}
	return time.Unix(0, ns-rest).UTC(), uint64(rest)
}
