package netflow9_test

import (
	"encoding/binary"
	"testing"

	"github.com/weirflow/weir/shared/decode/netflow9"
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
)

func words(list ...uint16) (b []byte) {
	for _, w := range list {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}

// header is of source id 7.
func header(sets ...[]byte) []byte {
	b := words(9, uint16(len(sets)), 0, 1000, 0x6553, 0xf100, 0, 5, 0, 7)
	for _, s := range sets {
		b = append(b, s...)
	}
	return b
}

func newSession() (*template.Session, *flow.Batch, *flow.Stream) {
	limits := &template.Limits{MaxTemplates: 8, MaxFields: 32, MaxTemplateBytes: 1 << 16, MaxNames: 16, WaitSets: 4, WaitBytes: 4096, WaitBytesAll: 8192, MaxRecords: 64}
	account, symbols := &flow.Stream{}, flow.NewSymbols()
	b := flow.NewBatch(8, symbols)
	b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: account, Protocol: flow.NetFlow9, HasUptime: true})
	s := template.NewSession(limits, account, symbols)
	s.Begin(b, 0, 0)
	return s, b, account
}

func TestReadHeader(t *testing.T) {
	h, ok := netflow9.ReadHeader(header())
	want := netflow9.Header{Version: 9, Uptime: 1000, Seconds: 0x6553f100, Sequence: 5, SourceID: 7}
	if !ok || h != want {
		t.Errorf("%+v, want %+v", h, want)
	}
	if _, ok := netflow9.ReadHeader(header()[:netflow9.HeaderSize-1]); ok {
		t.Error("a header cut short is read")
	}
}

func TestFlowSets(t *testing.T) {
	twoTemplates := words(0, 4+8+12, 256, 1, 1, 4, 257, 2, 1, 4, 2, 4)
	cases := []struct {
		name                string
		sets                [][]byte
		templates           int64
		records             int
		decoded, expiredBad uint64
	}{
		{"two templates in a set", [][]byte{twoTemplates, words(256, 8, 0, 1), words(257, 20, 0, 1, 0, 2, 0, 3, 0, 4)}, 2, 3, 3, 0},
		{"padding behind templates", [][]byte{words(0, 16, 256, 1, 1, 4, 0, 0), words(256, 8, 0, 1)}, 1, 1, 2, 0},
		{"padding behind data", [][]byte{words(0, 12, 256, 1, 1, 2), words(256, 8, 1, 0)}, 1, 2, 2, 0},
		{"ids 2 to 255 are reserved", [][]byte{words(2, 12, 256, 1, 1, 4), words(255, 8, 0, 1)}, 0, 0, 0, 2},
		{"an empty set", [][]byte{words(0, 4), words(0, 12, 256, 1, 1, 4), words(256, 4)}, 1, 0, 3, 0},
		{"ids above 32767 have no enterprise number", [][]byte{words(0, 16, 256, 2, 0x9c45, 1, 1, 1), words(256, 6, 0x0102)}, 1, 1, 2, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, b, account := newSession()
			netflow9.Decode(header(c.sets...), s)
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
	f.Add(header(words(0, 12, 256, 1, 1, 4), words(256, 8, 0, 1)))
	f.Add(header(words(256, 8, 0, 1), words(0, 12, 256, 1, 1, 4)))
	f.Add(header(words(1, 18, 257, 4, 4, 2, 4, 34, 4), words(257, 12, 0, 5, 0, 100)))
	f.Add(header(words(0, 16, 256, 2, 1, 0, 2, 0), words(256, 8, 0, 1)))
	f.Add(header(words(0, 0), words(1, 3)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, b, account := newSession()
		for range 2 {
			netflow9.Decode(payload, s)
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
