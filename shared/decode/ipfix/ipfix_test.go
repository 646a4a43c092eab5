package ipfix_test

import (
	"encoding/binary"
	"testing"

	"github.com/weirflow/weir/shared/decode/ipfix"
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
)

func words(list ...uint16) (b []byte) {
	for _, w := range list {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}

// message is of domain 7.
func message(sets ...[]byte) []byte {
	b := words(10, 0, 0x6553, 0xf100, 0, 5, 0, 7)
	for _, s := range sets {
		b = append(b, s...)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

func newSession() (*template.Session, *flow.Batch, *flow.Stream) {
	limits := &template.Limits{MaxTemplates: 8, MaxFields: 32, MaxTemplateBytes: 1 << 16, MaxNames: 16, WaitSets: 4, WaitBytes: 4096, WaitBytesAll: 8192, MaxRecords: 64}
	account, symbols := &flow.Stream{}, flow.NewSymbols()
	b := flow.NewBatch(8, symbols)
	b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: account, Protocol: flow.IPFIX})
	s := template.NewSession(limits, account, symbols)
	s.Begin(b, 0, 0)
	return s, b, account
}

func TestReadHeader(t *testing.T) {
	h, ok := ipfix.ReadHeader(message())
	want := ipfix.Header{Version: 10, Length: 16, Seconds: 0x6553f100, Sequence: 5, Domain: 7}
	if !ok || h != want {
		t.Errorf("%+v, want %+v", h, want)
	}
	if _, ok := ipfix.ReadHeader(message()[:ipfix.HeaderSize-1]); ok {
		t.Error("a header cut short is read")
	}
}

func TestSets(t *testing.T) {
	cases := []struct {
		name                string
		sets                [][]byte
		templates           int64
		records             int
		decoded, expiredBad uint64
	}{
		{"two templates in a set", [][]byte{words(2, 4+8+12, 256, 1, 1, 4, 257, 2, 1, 4, 2, 4), words(256, 8, 0, 1), words(257, 12, 0, 1, 0, 2)}, 2, 2, 3, 0},
		{"enterprise numbers", [][]byte{words(2, 20, 256, 2, 0x8001, 4, 0, 9, 1, 4), words(256, 12, 0, 1, 0, 2)}, 1, 1, 2, 0},
		{"options template", [][]byte{words(3, 18, 257, 2, 1, 149, 4, 41, 8), words(257, 16, 0, 7, 0, 0, 0, 1)}, 1, 0, 2, 0},
		{"options template without scope", [][]byte{words(3, 14, 257, 1, 0, 41, 8), words(257, 12, 0, 0, 0, 1)}, 1, 0, 2, 0},
		{"withdrawal and definition in one set", [][]byte{words(2, 16, 256, 0, 256, 1, 1, 4), words(256, 8, 0, 1)}, 1, 1, 2, 0},
		{"ids below 256 are reserved", [][]byte{words(0, 12, 256, 1, 1, 4), words(1, 4), words(4, 4)}, 0, 0, 0, 3},
		{"padding behind templates", [][]byte{words(2, 16, 256, 1, 1, 4, 0, 0), words(256, 8, 0, 1)}, 1, 1, 2, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, b, account := newSession()
			ipfix.Decode(message(c.sets...), s)
			if f := s.Fault(); f.Reason != flow.ReasonNone {
				t.Error(f)
			}
			if n := account.Templates.Load(); n != c.templates || len(b.Records) != c.records {
				t.Errorf("%d templates, %d records, want %d and %d", n, len(b.Records), c.templates, c.records)
			}
			if d, e := account.SetsDecoded.Load(), account.SetsExpired[flow.ExpiredMalformed].Load(); d != c.decoded || e != c.expiredBad {
				t.Errorf("%d sets decoded, %d malformed, want %d and %d", d, e, c.decoded, c.expiredBad)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(message(words(2, 12, 256, 1, 1, 4), words(256, 8, 0, 1)))
	f.Add(message(words(256, 8, 0, 1), words(2, 20, 256, 2, 0x8001, 2, 0, 29305, 1, 2)))
	f.Add(message(words(3, 18, 257, 2, 1, 302, 2, 305, 2), words(257, 8, 5, 100)))
	f.Add(message(words(2, 16, 256, 2, 96, 0xffff, 291, 0xffff), words(256, 10, 0x0161, 0x0302, 0x0304)))
	f.Add(message(words(2, 8, 2, 0), words(3, 8, 3, 0), words(2, 0)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, b, account := newSession()
		for range 2 {
			ipfix.Decode(payload, s)
			s.Resume()
		}
		if account.Templates.Load() > 8 || account.Waiting.Load() > 4 {
			t.Fatal("more than the caps allow")
		}
		if int(account.InFlight.Load()) != len(b.Records) {
			t.Fatal("records are not counted right")
		}
		if in, out := account.Sets.Load(), account.SetsDecoded.Load()+uint64(account.Waiting.Load())+account.SetsExpired.Sum(); in != out {
			t.Fatalf("%d sets seen, %d accounted for", in, out)
		}
	})
}
