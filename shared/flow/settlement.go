package flow

// Settlement gathers what becomes of the records of several batches, per stream, until it is known: the store adds batches
// while it appends and settles when the transaction is committed. A record is in flight from decoding to settlement.
// It is used by one goroutine.
type Settlement struct {
	pending map[*Stream]*outcome
}

type outcome struct {
	stored, already uint64
	aside           map[Reason]uint64
	lost            map[Reason]uint64
	mark            StreamMark
	marked          bool // a datagram of the stream was added, not only losses
}

// NewSettlement returns an empty settlement.
func NewSettlement() *Settlement { return &Settlement{pending: map[*Stream]*outcome{}} }

// Add takes note of a batch that has been appended; already tells for each of its records whether it was stored before (nil:
// none was). It goes by records and not by datagrams: of a datagram's sets some may be stored and others come only now.
func (s *Settlement) Add(b *Batch, already []bool) {
	s.addLost(b.Lost)
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		o := s.of(d.Stream)
		o.mark, o.marked = d.Mark, true
		o.stored += uint64(d.Records)
	}
	for i := range b.Records {
		r := &b.Records[i]
		before := already != nil && already[i]
		if !before && r.Invalid == ReasonNone {
			continue
		}
		o := s.of(b.Datagrams[r.Meta].Stream)
		o.stored--
		if before {
			o.already++
			continue
		}
		if o.aside == nil {
			o.aside = map[Reason]uint64{}
		}
		o.aside[r.Invalid]++
	}
}

// Lose settles record i of a batch that has been added as dropped for why: alone, while the others wait to be settled. It is called once a record.
func (s *Settlement) Lose(b *Batch, i int, why Reason) {
	r := &b.Records[i]
	stream := b.Datagrams[r.Meta].Stream
	if o := s.of(stream); r.Invalid == ReasonNone {
		o.stored--
	} else {
		o.aside[r.Invalid]--
	}
	stream.Dropped.Add(why, 1)
	stream.InFlight.Add(-1)
	s.addLost([]Loss{{Stream: stream, Why: why, Records: 1}})
}

func (s *Settlement) addLost(list []Loss) {
	for _, l := range list {
		o := s.of(l.Stream)
		if o.lost == nil {
			o.lost = map[Reason]uint64{}
		}
		o.lost[l.Why] += l.Records
	}
}

func (s *Settlement) of(stream *Stream) *outcome {
	o := s.pending[stream]
	if o == nil {
		o = &outcome{}
		s.pending[stream] = o
	}
	return o
}

// Marks returns the latest mark of each stream of the settlement, to be committed with the records.
func (s *Settlement) Marks() []StreamMark {
	marks := make([]StreamMark, 0, len(s.pending))
	for stream, o := range s.pending {
		if !o.marked {
			continue
		}
		m := o.mark
		m.Key = stream.Key
		marks = append(marks, m)
	}
	return marks
}

// Streams calls f for each stream of the settlement, with its latest mark and what its account will gain.
func (s *Settlement) Streams(f func(*Stream, StreamMark, Gain)) {
	for stream, o := range s.pending {
		if !o.marked {
			continue
		}
		m := o.mark
		m.Key = stream.Key
		f(stream, m, Gain{Stored: o.stored, AlreadyStored: o.already, SetAside: o.aside, Lost: o.lost})
	}
}

// Gain is what a stream's account gains when a settlement is committed: it is to be in accounts that are committed with it.
type Gain struct {
	Stored, AlreadyStored uint64
	SetAside, Lost        map[Reason]uint64
}

// Commit settles everything added as committed and empties the settlement.
func (s *Settlement) Commit() {
	for stream, o := range s.pending {
		n := o.stored + o.already
		stream.Stored.Add(o.stored)
		stream.AlreadyStored.Add(o.already)
		for why, k := range o.aside {
			stream.SetAside.Add(why, k)
			n += k
		}
		stream.InFlight.Add(-int64(n))
		stream.passLost(o.lost)
	}
	clear(s.pending)
}

// passLost notes drops as lying behind the stream's mark.
func (s *Stream) passLost(lost map[Reason]uint64) {
	for why, n := range lost {
		s.Lost.Add(why, n)
	}
}

// Drop settles everything added as dropped for why and empties the settlement.
func (s *Settlement) Drop(why Reason) {
	for stream, o := range s.pending {
		n := o.stored + o.already
		for _, k := range o.aside {
			n += k
		}
		stream.Dropped.Add(why, n)
		stream.Lost.Add(why, n)
		stream.InFlight.Add(-int64(n))
		stream.passLost(o.lost)
	}
	clear(s.pending)
}

// Drop settles all records of the batch as dropped for why. What was lost, what went with the batch included, is appended to lost: it
// must go on with the next batch ([Batch.TakeLoss]), or, where there is none behind, be passed to [PassLost].
func (b *Batch) Drop(why Reason, lost []Loss) []Loss {
	for _, l := range b.Lost {
		lost = addLoss(lost, l)
	}
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		d.Stream.Dropped.Add(why, uint64(d.Records))
		d.Stream.InFlight.Add(-int64(d.Records))
		lost = addLoss(lost, Loss{Stream: d.Stream, Why: why, Records: uint64(d.Records)})
	}
	return lost
}

// PassLost notes losses as lying behind what may be committed next: for whoever commits, and takes batches in order.
func PassLost(list []Loss) {
	for _, l := range list {
		l.Stream.Lost.Add(l.Why, l.Records)
	}
}
