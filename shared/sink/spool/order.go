package spool

// Order knows up to which entry all are delivered, where several are on their way at a time. Entries are begun in order and end in any. It is
// for one goroutine at a time.
type Order struct {
	begun []uint64 // and not all before them ended
	ended map[uint64]bool
	upTo  uint64
}

// Begin takes note that an entry is on its way.
func (o *Order) Begin(sequence uint64) { o.begun = append(o.begun, sequence) }

// Done takes note that an entry is delivered, or never will be.
func (o *Order) Done(sequence uint64) {
	if o.ended == nil {
		o.ended = map[uint64]bool{}
	}
	o.ended[sequence] = true
	for len(o.begun) > 0 && o.ended[o.begun[0]] {
		o.upTo = o.begun[0]
		delete(o.ended, o.upTo)
		o.begun = o.begun[1:]
	}
}

// UpTo returns the entry up to which all are done, for [Spool.Ack]; 0: none.
func (o *Order) UpTo() uint64 { return o.upTo }

// Ahead returns how many entries have been begun from the first on that is not done.
func (o *Order) Ahead() int { return len(o.begun) }
