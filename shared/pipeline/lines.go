package pipeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/flow"
)

// maxLine is the most bytes of a JSON line; longer ones are no records.
const maxLine = 1 << 20

// LineError says which line of a .jsonl file is not a canonical record, and why.
type LineError struct {
	File string
	Line int
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Err }

// linesFeed reads canonical records from JSON lines. A record without event.id is named by the hash of its line and the line's
// number; one with it, for example from weir query --records, keeps its name.
type linesFeed struct {
	name     string
	file     *os.File
	scan     *bufio.Scanner
	size     int64
	read     int64
	line     int
	p        *Pipeline
	registry *flow.Registry
	scratch  *flow.Batch // the current record
}

func openLines(path string, p *Pipeline) (*linesFeed, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open records: %w", err), file.Close())
	}
	f := &linesFeed{name: path, file: file, size: max(info.Size(), 1), p: p, registry: flow.NewRegistry(), scratch: flow.NewBatch(1, p.deps.Symbols)}
	f.scan = bufio.NewScanner(file)
	f.scan.Buffer(make([]byte, 64<<10), maxLine)
	return f, nil
}

func (f *linesFeed) next() (int64, error) {
	for f.scan.Scan() {
		f.line++
		text := f.scan.Bytes()
		f.read += int64(len(text)) + 1
		if len(text) == 0 {
			continue
		}
		f.scratch.Reset()
		if err := flow.ParseJSON(text, f.registry, f.scratch); err != nil {
			f.p.deps.Account.Stream(flow.StreamKey{}).Errors.Add(flow.MalformedLine, 1)
			return 0, &LineError{File: f.name, Line: f.line, Err: err}
		}
		r := &f.scratch.Records[0]
		if r.ID == (flow.EventID{}) {
			h := xxh3.Hash128(text)
			r.ID = flow.EventID{Datagram: flow.DatagramID{Hi: h.Hi, Lo: h.Lo}, Record: uint32(f.line)}
		}
		return r.Created, nil
	}
	if err := f.scan.Err(); err != nil {
		return 0, fmt.Errorf("%s:%d: %w", f.name, f.line+1, err)
	}
	return 0, io.EOF
}

// take appends the record to the worker's batch; each line counts as a datagram of one record.
func (f *linesFeed) take(w *worker) {
	w.open(true)
	from, b := &f.scratch.Records[0], w.batch
	stream := streamOf(w.p.deps.Account, from)
	if stream == nil {
		w.p.deps.Account.Refuse(from.Exporter, 0, flow.RefusedStreamCap)
		return
	}
	r := b.Grow()
	*r = *from
	r.Meta = uint32(len(b.Datagrams))
	r.ElementsOff, r.ElementsLen = uint32(len(b.Elements)), from.ElementsLen
	b.Elements = append(b.Elements, f.scratch.ElementsOf(from)...)
	b.Datagrams = append(b.Datagrams, flow.Datagram{
		ID: r.ID.Datagram, Exporter: r.Exporter, Domain: r.Domain, Protocol: r.Protocol, Received: r.Created, Exported: r.Created,
		Stream: stream, Records: 1, Mark: flow.StreamMark{Key: stream.Key, Order: r.Created},
	})
	stream.Datagrams.Add(1)
	stream.Decoded.Add(1)
	stream.Records.Add(1)
	stream.InFlight.Add(1)
	stream.LastSeen.Store(r.Created)
	w.sendFull()
}

func (f *linesFeed) share() float64 { return float64(f.read) / float64(f.size) }

// Close closes the file.
func (f *linesFeed) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}
