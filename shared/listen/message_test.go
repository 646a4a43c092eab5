package listen

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// ipfixMessage is a message of one data set with the text, exported at the time of the tests' captures.
func ipfixMessage(text string) []byte {
	b := binary.BigEndian.AppendUint16(nil, 10)
	b = binary.BigEndian.AppendUint16(b, uint16(20+len(text)))
	b = binary.BigEndian.AppendUint32(b, uint32(start/1e9))
	b = append(b, 0, 0, 0, 1, 0, 0, 0, 2)
	b = binary.BigEndian.AppendUint16(b, 256)
	return append(binary.BigEndian.AppendUint16(b, uint16(4+len(text))), text...)
}

func all(c *Capture) (texts []string, err error) {
	for {
		d, err := c.Next()
		if err != nil {
			return texts, err
		}
		texts = append(texts, string(d.Payload[20:]))
	}
}

func TestIPFIXFile(t *testing.T) {
	file := slices.Concat(ipfixMessage("first"), ipfixMessage(strings.Repeat("long", 16000)), ipfixMessage(""))
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(file); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"plain": file, "gzipped": zipped.Bytes()} {
		c, err := NewCapture(bytes.NewReader(content), name, CaptureConfig{Session: 7})
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Next()
		if err != nil || d.Source.String() != "0.0.0.0:0" || d.Received != start/1e9*1e9 || d.Session != 7 || string(d.Payload[20:]) != "first" {
			t.Errorf("%s: first message %+v, %v", name, d, err)
		}
		texts, err := all(c)
		if !errors.Is(err, io.EOF) || len(texts) != 2 || len(texts[0]) != 64000 || texts[1] != "" {
			t.Errorf("%s: %d messages, %v", name, len(texts), err)
		}
		if s := c.Stats(); s.Packets != 3 || s.Datagrams != 3 || c.Truncated() {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestBrokenIPFIXFile: one error that says where, and what came before stays.
func TestBrokenIPFIXFile(t *testing.T) {
	good := ipfixMessage("first") // 25 bytes
	cases := []struct {
		name string
		file []byte
		says string
		cut  bool
	}{
		{"ends within a message", append(slices.Clone(good), ipfixMessage("second")[:21]...), "IPFIX file broken: message 2 at byte 25: the file ends 21 bytes into an IPFIX message of 26", true},
		{"ends within a header", append(slices.Clone(good), 0, 10), "IPFIX file broken: message 2 at byte 25: the file ends 2 bytes into an IPFIX message of 4", true},
		{"other bytes between", append(slices.Clone(good), "garbage"...), "IPFIX file broken: message 2 at byte 25: no IPFIX message: version 26465 instead of 10", false},
		{"TLS", append(slices.Clone(good), 0x16, 3, 1, 0), "IPFIX file broken: message 2 at byte 25: no IPFIX message but TLS: it is for tls:// addresses", false},
		{"length below the header", append(slices.Clone(good), 0, 10, 0, 15), "IPFIX file broken: message 2 at byte 25: IPFIX message of length 15, shorter than its header of 16 bytes", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewCapture(bytes.NewReader(c.file), "broken", CaptureConfig{})
			if err != nil {
				t.Fatal(err)
			}
			texts, err := all(r)
			if len(texts) != 1 || texts[0] != "first" {
				t.Errorf("messages %q", texts)
			}
			if err == nil || err.Error() != c.says || r.Truncated() != c.cut {
				t.Errorf("error %v, truncated %v", err, r.Truncated())
			}
			if _, again := r.Next(); !errors.Is(again, err) {
				t.Errorf("then %v", again)
			}
		})
	}
}

// TestNotIPFIXFile: two bytes are not enough to take a file for one.
func TestNotIPFIXFile(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "another version": "\x00\x09\x00\x10 and so on, for a while", "no message behind, no set in it": "\x00\x0a\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x04rest",
		"length too small": "\x00\x0a\x00\x04\x00\x0a",
	} {
		if _, err := NewCapture(strings.NewReader(content), "file", CaptureConfig{}); !errors.Is(err, ErrNotCapture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
