package sink

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/weirflow/weir/shared/flow"
)

// An entry of a spool is a piece: version (1 byte), number of documents (4 bytes, big-endian), number of marks (4), the marks, and the body of
// a bulk request, compressed by gzip.
const (
	entryVersion = 1
	entryHead    = 9
	markSize     = 44
)

// entry is a piece as it is read from a spool.
type entry struct {
	docs  int
	marks []flow.StreamMark
	body  []byte // compressed
}

func appendHead(dst []byte, docs int, marks []flow.StreamMark) []byte {
	dst = append(dst, entryVersion)
	dst = binary.BigEndian.AppendUint32(dst, uint32(docs))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(marks)))
	for i := range marks {
		dst = appendMark(dst, &marks[i])
	}
	return dst
}

func appendMark(dst []byte, m *flow.StreamMark) []byte {
	dst = append(dst, m.Key.Exporter[:]...)
	dst = binary.BigEndian.AppendUint32(dst, m.Key.Domain)
	dst = append(dst, byte(m.Key.Protocol))
	dst = binary.BigEndian.AppendUint16(dst, m.Key.Port)
	known := byte(0)
	if m.Known {
		known = 1
	}
	dst = append(dst, known)
	dst = binary.BigEndian.AppendUint64(dst, uint64(m.Order))
	dst = binary.BigEndian.AppendUint32(dst, m.Next)
	dst = binary.BigEndian.AppendUint32(dst, m.Waiting)
	return append(dst, 0, 0, 0, 0) // for what is to come
}

func readMark(b []byte) (m flow.StreamMark) {
	copy(m.Key.Exporter[:], b)
	m.Key.Domain = binary.BigEndian.Uint32(b[16:])
	m.Key.Protocol = flow.Protocol(b[20])
	m.Key.Port = binary.BigEndian.Uint16(b[21:])
	m.Known = b[23] == 1
	m.Order = int64(binary.BigEndian.Uint64(b[24:]))
	m.Next = binary.BigEndian.Uint32(b[32:])
	m.Waiting = binary.BigEndian.Uint32(b[36:])
	return m
}

var errEntry = errors.New("elastic: not a piece of documents")

func readEntry(data []byte) (entry, error) {
	if len(data) < entryHead || data[0] != entryVersion {
		return entry{}, errEntry
	}
	e := entry{docs: int(binary.BigEndian.Uint32(data[1:]))}
	marks := int(binary.BigEndian.Uint32(data[5:]))
	if marks > (len(data)-entryHead)/markSize {
		return entry{}, errEntry
	}
	data = data[entryHead:]
	for range marks {
		e.marks = append(e.marks, readMark(data))
		data = data[markSize:]
	}
	e.body = data
	return e, nil
}

// weigh tells how many documents an entry holds.
func weigh(data []byte) uint64 {
	if len(data) < entryHead || data[0] != entryVersion {
		return 0
	}
	return uint64(binary.BigEndian.Uint32(data[1:]))
}

// maxBody bounds what a compressed body may become.
const maxBody = 256 << 20

// inflate returns the body as it was before it was compressed.
func inflate(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxBody))
	if err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	return text, nil
}

// operation is what is done with one document: an action line and the document, each with its line end.
type operation struct{ action, document []byte }

// operations takes a body apart.
func operations(text []byte) (list []operation) {
	for len(text) > 0 {
		a := bytes.IndexByte(text, '\n') + 1
		d := bytes.IndexByte(text[a:], '\n') + 1
		if a == 0 || d == 0 {
			return list
		}
		list = append(list, operation{text[:a], text[a : a+d]})
		text = text[a+d:]
	}
	return list
}

// deflate compresses operations into a body.
func deflate(list []operation) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	for _, o := range list {
		if _, err := w.Write(o.action); err != nil {
			return nil, fmt.Errorf("elastic: %w", err)
		}
		if _, err := w.Write(o.document); err != nil {
			return nil, fmt.Errorf("elastic: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	return out.Bytes(), nil
}
