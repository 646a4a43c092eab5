package hec

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/spool"
)

// An entry of a spool is a piece: version (1 byte), number of events (4 bytes, big-endian), sum of the names in it (8), number of runs (2), the
// runs (kind 1, events 4), and the body of a request, compressed by gzip: a line an event.
const (
	entryVersion = 1
	entryHead    = 15
	runSize      = 5
	maxRuns      = 1 << 15
)

// run is events of a kind that follow each other.
type run struct {
	kind   cim.Kind
	events int
}

// work is events to be sent in a request. It is all of a piece, or what is left of one.
type work struct {
	job    *job
	events int
	runs   []run
	body   []byte // compressed
	tries  int
}

// job is a piece from its reading to the end of all of its works. One sender owns it.
type job struct {
	sequence uint64
	works    int
}

func appendRun(list []run, kind cim.Kind, n int) []run {
	if last := len(list) - 1; last >= 0 && list[last].kind == kind {
		list[last].events += n
		return list
	}
	return append(list, run{kind, n})
}

func appendHead(dst []byte, sum uint64, runs []run) []byte {
	events := 0
	for _, r := range runs {
		events += r.events
	}
	dst = append(dst, entryVersion)
	dst = binary.BigEndian.AppendUint32(dst, uint32(events))
	dst = binary.BigEndian.AppendUint64(dst, sum)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(runs)))
	for _, r := range runs {
		dst = append(dst, byte(r.kind))
		dst = binary.BigEndian.AppendUint32(dst, uint32(r.events))
	}
	return dst
}

var errEntry = errors.New("hec: not a piece of events")

// readEntry reads a piece, and makes it anew where its names are not those of now.
func readEntry(data []byte, e *envelope) (*work, error) {
	if len(data) < entryHead || data[0] != entryVersion {
		return nil, errEntry
	}
	w := &work{events: int(binary.BigEndian.Uint32(data[1:]))}
	sum, runs := binary.BigEndian.Uint64(data[5:]), int(binary.BigEndian.Uint16(data[13:]))
	if data = data[entryHead:]; len(data) < runs*runSize {
		return nil, errEntry
	}
	total := 0
	for range runs {
		r := run{cim.Kind(data[0]), int(binary.BigEndian.Uint32(data[1:]))}
		if int(r.kind) >= len(cim.Kinds()) {
			return nil, errEntry
		}
		w.runs, total, data = append(w.runs, r), total+r.events, data[runSize:]
	}
	if w.body = data; total != w.events {
		return nil, errEntry
	}
	if sum == e.sum || w.events == 0 {
		return w, nil
	}
	return w, w.rename(e)
}

// rename makes all lines anew.
func (w *work) rename(e *envelope) error {
	lines, err := w.lines()
	if err != nil {
		return err
	}
	var text []byte
	at := 0
	for _, r := range w.runs {
		for range r.events {
			if text, err = e.rename(text, lines[at], r.kind); err != nil {
				return err
			}
			at++
		}
	}
	w.body, err = deflate(text)
	return err
}

// weigh tells how many events an entry holds.
func weigh(data []byte) uint64 {
	if len(data) < entryHead || data[0] != entryVersion {
		return 0
	}
	return uint64(binary.BigEndian.Uint32(data[1:]))
}

// maxBody bounds what a compressed body may become.
const maxBody = 64 << 20

// lines takes a body apart: an event each, with its line end.
func (w *work) lines() ([][]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(w.body))
	if err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxBody))
	if err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	lines := bytes.SplitAfter(text, []byte{'\n'})
	if lines = lines[:len(lines)-1]; len(lines) != w.events {
		return nil, errEntry
	}
	return lines, nil
}

// cut returns a work of the events from one to before another.
func (w *work) cut(lines [][]byte, from, to int) (*work, error) {
	body, err := deflate(bytes.Join(lines[from:to], nil))
	if err != nil {
		return nil, err
	}
	part := &work{job: w.job, events: to - from, body: body}
	at := 0
	for _, r := range w.runs {
		if n := min(at+r.events, to) - max(at, from); n > 0 {
			part.runs = append(part.runs, run{r.kind, n})
		}
		at += r.events
	}
	return part, nil
}

// kindOf returns the kind of an event by its place.
func (w *work) kindOf(place int) cim.Kind {
	for _, r := range w.runs {
		if place < r.events {
			return r.kind
		}
		place -= r.events
	}
	return 0
}

// ids are the members by which events of the kinds are known, the first that an event has.
var ids = []string{"flow_id", "session_id", "id", "exporter", "component"}

// idOf returns the id in a line, "" where it has none.
func idOf(line []byte) string {
	var l struct {
		Event map[string]json.RawMessage `json:"event"`
	}
	if json.Unmarshal(line, &l) != nil { // what is refused need not be JSON
		return ""
	}
	for _, name := range ids {
		var id string
		if json.Unmarshal(l.Event[name], &id) == nil && id != "" {
			return id
		}
	}
	return ""
}

func deflate(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("hec: %w", err)
	}
	return out.Bytes(), nil
}

// packLimit is at how many compressed bytes an entry is closed: what comes on top, of the compressor's buffers and one event, has room in
// [spool.MaxEntry].
const packLimit = spool.MaxEntry / 2

// packer compresses pieces into entries of a spool.
type packer struct {
	sum  uint64
	out  bytes.Buffer
	gzip *gzip.Writer
}

// pack calls put for the entries of a piece.
func (k *packer) pack(p *piece, put func(data []byte)) error {
	if k.gzip == nil {
		k.gzip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one of gzip's
	}
	text, runs := p.text, p.runs
	for len(text) > 0 {
		k.out.Reset()
		k.gzip.Reset(&k.out)
		var done []run
		for len(text) > 0 && k.out.Len() < packLimit {
			n := bytes.IndexByte(text, '\n') + 1
			if _, err := k.gzip.Write(text[:n]); err != nil {
				return err //nolint:wrapcheck // a buffer does not fail
			}
			for runs[0].events == 0 {
				runs = runs[1:]
			}
			done = appendRun(done, runs[0].kind, 1)
			runs[0].events--
			text = text[n:]
		}
		if err := k.gzip.Close(); err != nil {
			return err //nolint:wrapcheck // as above
		}
		data := appendHead(make([]byte, 0, entryHead+runSize*len(done)+k.out.Len()), k.sum, done)
		put(append(data, k.out.Bytes()...))
	}
	return nil
}
