package sflow

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Formats of samples (enterprise 0).
const (
	formatFlow            = 1
	formatCounter         = 2
	formatExpandedFlow    = 3
	formatExpandedCounter = 4
	formatDiscarded       = 5
)

// Decode appends to out a record for each flow sample and each notice of a dropped packet, and what counter samples say to Interfaces,
// VLANs and Processors. out.Datagrams[meta] holds the facts of the datagram (ID, Exporter, Domain, Received), and its Records is
// raised; samples and records are counted in the session's stream, records also as in flight.
//
// A fault costs only the sample or the record in it that has it: it is counted in the stream's Errors and decoding goes on. The error
// returned is the first fault, an [Error]; only where its Sample is -1 nothing was decoded at all, and nothing was counted.
func (s *Session) Decode(payload []byte, out *flow.Batch, meta uint32) error {
	cur := wire.NewCursor(payload)
	h, err := readHeader(&cur)
	if err != nil {
		return err
	}
	s.begin(h.Uptime)
	d := &s.decoder // not a variable of its own: it would be allocated each time
	*d = decoder{session: s, out: out, meta: meta, facts: &out.Datagrams[meta], stream: s.stream}
	d.samples(&cur, h.Samples)
	d.facts.Records += d.records
	s.stream.Records.Add(uint64(d.records))
	s.stream.InFlight.Add(int64(d.records))
	if d.first != nil {
		return d.first // an untyped nil where there is none
	}
	return nil
}

// decoder is the state of one Decode.
type decoder struct {
	session *Session
	out     *flow.Batch
	meta    uint32
	facts   *flow.Datagram
	stream  *flow.Stream
	number  int // of the sample
	records uint32
	first   *Error
	sample  sample // at hand
}

// fault counts a fault of the sample at hand and keeps the first.
func (d *decoder) fault(why flow.Reason, format uint32, detail string, err error) {
	d.stream.Errors.Add(why, 1)
	if d.first == nil {
		d.first = &Error{Reason: why, Sample: d.number, Format: format, Detail: detail, Err: err}
	}
}

// samples takes one sample after the other by its length. The count is not trusted: each round takes at least 8 bytes.
func (d *decoder) samples(cur *wire.Cursor, count uint32) {
	for i := range count {
		d.number = int(i)
		format, length := cur.U32(), cur.U32()
		body := cur.Sub(int(length))
		if !cur.OK() {
			d.fault(flow.MalformedSample, format, "runs beyond the datagram", nil)
			return
		}
		switch format {
		case formatFlow, formatExpandedFlow:
			d.flowSample(format, body)
		case formatCounter, formatExpandedCounter:
			d.counterSample(format, body)
		case formatDiscarded:
			d.discarded(body)
		}
	}
}
