package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A segment is a file FIRST.seg, FIRST being the sequence number of its first entry in 20 digits: nothing but entries one after the
// other, each of length (4 bytes, big-endian), checksum (4 bytes: CRC-32C of the length and the data), and the data.
const (
	suffix     = ".seg"
	entryHead  = 8
	namePlaces = 20
)

// segment is what is known of a file.
type segment struct {
	first, count uint64
	size         int64
	weights      []uint64 // of its entries, where they are weighed
}

// end returns the sequence number after the last entry.
func (s *segment) end() uint64 { return s.first + s.count }

// after returns how many entries come after a sequence number.
func (s *segment) after(sequence uint64) uint64 {
	if s.end() <= sequence+1 {
		return 0
	}
	return s.end() - max(s.first, sequence+1)
}

// weightAfter returns what the entries after a sequence number weigh.
func (s *segment) weightAfter(sequence uint64) (sum uint64) {
	for i, w := range s.weights {
		if s.first+uint64(i) > sequence {
			sum += w
		}
	}
	return sum
}

func (s *segment) path(dir string) string {
	return filepath.Join(dir, fmt.Sprintf("%0*d%s", namePlaces, s.first, suffix))
}

// parseName returns the first sequence number of a segment by its file name.
func parseName(name string) (first uint64, ok bool) {
	number, ok := strings.CutSuffix(name, suffix)
	if !ok || len(number) != namePlaces {
		return 0, false
	}
	first, err := strconv.ParseUint(number, 10, 64)
	return first, err == nil && first > 0
}

// appendEntry appends the form of an entry on disk.
func appendEntry(b, data []byte) []byte {
	at := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	sum := checksum(b[at:at+4], data)
	b = binary.BigEndian.AppendUint32(b, sum)
	return append(b, data...)
}

func checksum(length, data []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(length, table), table, data)
}

// errDamaged: what follows is no entry.
var errDamaged = errors.New("spool: damaged entry")

// readEntry reads an entry. At the end it returns io.EOF; where the rest is no whole entry, errDamaged.
func readEntry(r io.Reader) ([]byte, error) {
	var head [entryHead]byte
	switch _, err := io.ReadFull(r, head[:]); {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errDamaged
	case err != nil:
		return nil, fmt.Errorf("spool: %w", err)
	}
	n := binary.BigEndian.Uint32(head[:4])
	if n == 0 || n > MaxEntry {
		return nil, errDamaged
	}
	data := make([]byte, n)
	switch _, err := io.ReadFull(r, data); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errDamaged
	case err != nil:
		return nil, fmt.Errorf("spool: %w", err)
	}
	if checksum(head[:4], data) != binary.BigEndian.Uint32(head[4:]) {
		return nil, errDamaged
	}
	return data, nil
}

// positionName is the file with the sequence number of the last entry acknowledged, and a checksum.
const positionName = "position"

// savePosition writes the position under its name at once; disk is held.
func (s *Spool) savePosition() error {
	s.mu.Lock()
	acked := s.acked
	s.mu.Unlock()
	if acked == s.saved {
		return nil
	}
	s.removeDelivered()
	b := binary.BigEndian.AppendUint64(nil, acked)
	b = binary.BigEndian.AppendUint32(b, checksum(b, nil))
	path := filepath.Join(s.cfg.Dir, positionName)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	s.saved = acked
	return nil
}

// loadPosition returns the position, 0 where it is not there or not whole: then all is delivered again.
func loadPosition(dir string) uint64 {
	b, err := os.ReadFile(filepath.Join(dir, positionName))
	if err != nil || len(b) != 12 || binary.BigEndian.Uint32(b[8:]) != checksum(b[:8], nil) {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
