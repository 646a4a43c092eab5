package flow

import "encoding/binary"

// Datagram holds what the records of one datagram share, for the steps after decoding. Records point at it by index.
type Datagram struct {
	ID       DatagramID
	Exporter Addr
	Domain   uint32
	Protocol Protocol
	Received int64 // ns since the Unix epoch
	Exported int64 // header time in ns since the Unix epoch; 0 where the protocol has none (sFlow)
	// Uptime is the exporter's uptime in ms at export; HasUptime says whether the header carries one (IPFIX does not).
	Uptime    uint32
	HasUptime bool
	Mark      StreamMark
	Stream    *Stream // the loss account of exporter and domain; never nil in a batch made by a decoder
	Records   uint32  // data records of this datagram in this batch
	// Clock is what normalize learned of the exporter's clock.
	Clock ClockCorrection
}

// StreamMark says how far an exporter's stream has been taken. It is committed in the same transaction as the records, so
// that what was not committed shows up as a gap in the sequence numbers.
type StreamMark struct {
	Key   StreamKey
	Next  uint32 // the sequence number expected next
	Known bool   // whether Next is known (IPFIX: not after a set without its template)
	// Order is the greatest export time (ns) seen, or the greatest uptime (ms) for sFlow: a datagram beyond it is new.
	Order   int64
	Waiting uint32 // sets that wait for their template
	Counts  Counts // zero where whoever made the mark keeps none
}

// Counts are the counters of a stream's account as they were at a mark. An account that is committed with the mark takes them
// instead of the live ones: those are ahead by what is in flight, which would be counted again, as a gap, if it were lost.
type Counts struct {
	Bytes, Decoded, SetsDecoded, OptionsRecords, FlowSamples, CounterSamples, Gaps, Reordered, Restarts uint64
	Clashes                                                                                             uint64
	SampleGaps, SampleDrops, SamplePool, DroppedPackets                                                 uint64
	Definitions                                                                                         uint64
}

// Counts reads the counters. They belong together only while nothing is decoded for the stream.
func (s *Stream) Counts() Counts {
	return Counts{
		Bytes: s.Bytes.Load(), Decoded: s.Decoded.Load(), SetsDecoded: s.SetsDecoded.Load(), OptionsRecords: s.OptionsRecords.Load(),
		FlowSamples: s.FlowSamples.Load(), CounterSamples: s.CounterSamples.Load(),
		Gaps: s.Gaps.Load(), Reordered: s.Reordered.Load(), Restarts: s.Restarts.Load(), Clashes: s.Clashes.Load(),
		SampleGaps: s.SampleGaps.Load(), SampleDrops: s.SampleDrops.Load(), SamplePool: s.SamplePool.Load(), DroppedPackets: s.DroppedPackets.Load(),
		Definitions: s.Definitions.Load(),
	}
}

// Batch is a number of records with what they share. It is reused: [Batch.Reset] keeps the memory.
type Batch struct {
	Records   []Record
	Datagrams []Datagram
	Elements  []byte // side buffer: elements without a canonical name, see AppendElement
	Symbols   *Symbols
	// Interfaces are the samples of interface counters that came with the datagrams.
	Interfaces []InterfaceSample
	// VLANs and Processors are what else exporters count and say with their datagrams.
	VLANs      []VLANSample
	Processors []ProcessorSample
	// Normalized says that the records come from canonical JSON: times and counters are final, normalize is left out.
	Normalized bool
	// Lost is what was dropped on the way since the batch before this one. It goes with the batch, for an account that is committed
	// must not have drops beyond its mark: those would be counted again, as gaps, if the process ended there.
	Lost []Loss
}

// Loss is a number of records of a stream that were dropped for a reason.
type Loss struct {
	Stream  *Stream
	Why     Reason
	Records uint64
}

// TakeLoss appends losses to those that go with the batch, summed by stream and reason.
func (b *Batch) TakeLoss(losses []Loss) {
	for _, l := range losses {
		b.Lost = addLoss(b.Lost, l)
	}
}

func addLoss(list []Loss, l Loss) []Loss {
	for i := range list {
		if list[i].Stream == l.Stream && list[i].Why == l.Why {
			list[i].Records += l.Records
			return list
		}
	}
	return append(list, l)
}

// NewBatch returns an empty batch with room for n records.
func NewBatch(n int, symbols *Symbols) *Batch {
	return &Batch{Records: make([]Record, 0, n), Datagrams: make([]Datagram, 0, n/16+1), Symbols: symbols}
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.Records = b.Records[:0]
	b.Datagrams = b.Datagrams[:0]
	b.Elements = b.Elements[:0]
	b.Interfaces = b.Interfaces[:0]
	b.VLANs = b.VLANs[:0]
	b.Processors = b.Processors[:0]
	b.Normalized = false
	b.Lost = b.Lost[:0]
}

// Grow appends a zero record and returns it; the pointer is valid until the next call.
func (b *Batch) Grow() *Record {
	if len(b.Records) < cap(b.Records) {
		b.Records = b.Records[:len(b.Records)+1]
		r := &b.Records[len(b.Records)-1]
		*r = Record{}
		return r
	}
	b.Records = append(b.Records, Record{})
	return &b.Records[len(b.Records)-1]
}

// ElementKind says how the bytes of an element are to be read.
type ElementKind uint8

// Kinds of element values, all in network order as on the wire.
const (
	ElementBytes  ElementKind = iota // opaque: shown as hex
	ElementUint                      // 1 to 8 bytes
	ElementInt                       // 1 to 8 bytes, two's complement
	ElementFloat                     // 4 or 8 bytes, IEEE 754
	ElementString                    // UTF-8, trailing NULs cut
	ElementAddr                      // 4 or 16 bytes
	ElementMAC                       // 6 bytes
)

// elementHeader is the encoded size before the value: PEN (4), id (2), kind (1), length (2).
const elementHeader = 9

// Element is an information element without a canonical field. Value aliases the side buffer.
type Element struct {
	PEN   uint32
	ID    uint16
	Kind  ElementKind
	Value []byte
}

// AppendElement adds an element to r, which must be the last record of the batch. Values over 65,535 bytes cannot occur on the wire.
func (b *Batch) AppendElement(r *Record, e Element) {
	if r.ElementsLen == 0 {
		r.ElementsOff = uint32(len(b.Elements))
	}
	b.Elements = AppendElement(b.Elements, e)
	r.ElementsLen = uint32(len(b.Elements)) - r.ElementsOff
	r.Present |= HasElements
}

// AddElement adds an element to any record of the batch: where others' elements lie behind its own, those are copied to the end
// of the side buffer first.
func (b *Batch) AddElement(r *Record, e Element) {
	if list := b.ElementsOf(r); len(list) > 0 && int(r.ElementsOff)+len(list) != len(b.Elements) {
		r.ElementsOff = uint32(len(b.Elements))
		b.Elements = append(b.Elements, list...)
	}
	b.AppendElement(r, e)
}

// AppendElement appends the encoded form of e to dst; this form is also what the store keeps.
func AppendElement(dst []byte, e Element) []byte {
	dst = binary.BigEndian.AppendUint32(dst, e.PEN)
	dst = binary.BigEndian.AppendUint16(dst, e.ID)
	dst = append(dst, byte(e.Kind))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.Value)))
	return append(dst, e.Value...)
}

// NextElement takes the first element off an encoded list; ok is false at its end or where it is cut short.
func NextElement(list []byte) (e Element, rest []byte, ok bool) {
	if len(list) < elementHeader {
		return Element{}, nil, false
	}
	n := int(binary.BigEndian.Uint16(list[7:]))
	if len(list) < elementHeader+n {
		return Element{}, nil, false
	}
	e = Element{PEN: binary.BigEndian.Uint32(list), ID: binary.BigEndian.Uint16(list[4:]), Kind: ElementKind(list[6])}
	e.Value = list[elementHeader : elementHeader+n]
	return e, list[elementHeader+n:], true
}

// ElementsOf returns the encoded elements of r; it aliases the side buffer.
func (b *Batch) ElementsOf(r *Record) []byte {
	end := int(r.ElementsOff) + int(r.ElementsLen)
	if r.ElementsLen == 0 || end > len(b.Elements) {
		return nil
	}
	return b.Elements[r.ElementsOff:end]
}
