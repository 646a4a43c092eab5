package filter

import "github.com/weirflow/weir/shared/flow"

// address compares the two words. Single IPv4 addresses, the most frequent case, share their first word.
func (w *sqlWriter) address(c Compare, hi, lo string) {
	if c.Op != Equal {
		w.addressOrder(c.Op, c.Values[0].IP, hi, lo)
		return
	}
	if len(c.Values) > 1 && allSingle4(c.Values) {
		w.put("(", hi, " = 0 AND ", lo, " IN (")
		for i, v := range c.Values {
			if i > 0 {
				w.put(", ")
			}
			_, word := v.IP.Words()
			w.unsigned(word)
		}
		w.put("))")
		return
	}
	w.list(len(c.Values), " OR ", func(i int) { w.addressRange(c.Values[i], hi, lo) })
}

func allSingle4(values []Value) bool {
	for _, v := range values {
		if v.Bits != addrBits || !v.IP.Is4() {
			return false
		}
	}
	return true
}

// wordBits is the length of half an address.
const wordBits = 64

// addressRange compares with an address or a prefix: the word that the prefix ends in is a range, the one before is fixed.
func (w *sqlWriter) addressRange(v Value, hi, lo string) {
	firstHi, firstLo := v.First().Words()
	lastHi, lastLo := v.Last().Words()
	if v.Bits <= wordBits {
		w.between(hi, firstHi, lastHi)
		return
	}
	w.put("(")
	w.between(hi, firstHi, firstHi)
	w.put(" AND ")
	w.between(lo, firstLo, lastLo)
	w.put(")")
}

func (w *sqlWriter) between(column string, first, last uint64) {
	if first == last {
		w.put(column, " = ")
		w.unsigned(first)
		return
	}
	w.put(column, " BETWEEN ")
	w.unsigned(first)
	w.put(" AND ")
	w.unsigned(last)
}

// addressOrder compares words as one number: the first decides unless equal.
func (w *sqlWriter) addressOrder(op Op, a flow.Addr, hi, lo string) {
	h, l := a.Words()
	strict := sqlOps[Greater]
	if op == Less || op == LessEqual {
		strict = sqlOps[Less]
	}
	w.put("(", hi, strict)
	w.unsigned(h)
	w.put(" OR (", hi, " = ")
	w.unsigned(h)
	w.put(" AND ", lo, sqlOps[op])
	w.unsigned(l)
	w.put("))")
}
