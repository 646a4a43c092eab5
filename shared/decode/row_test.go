package decode_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// row shows a record as text: canonical fields by name, "first" and "last" for times on the uptime clock, elements as "pen/id"
// with their bytes in hex.
func row(g *flow.Registry, b *flow.Batch, r *flow.Record) map[string]string {
	m := map[string]string{}
	for _, f := range g.Fields() {
		if f.Get == nil || f.Name == "weir.elements" {
			continue
		}
		var texts []string
		for _, v := range f.Get(nil, b, r) {
			texts = append(texts, v.String())
		}
		if len(texts) > 0 {
			m[f.Name] = strings.Join(texts, " ")
		}
	}
	if r.Present.Has(flow.HasFirstUptime) {
		m["first"] = fmt.Sprint(r.FirstUptime)
	}
	if r.Present.Has(flow.HasLastUptime) {
		m["last"] = fmt.Sprint(r.LastUptime)
	}
	if !r.Present.Has(flow.HasStart) {
		delete(m, "event.start")
	}
	if !r.Present.Has(flow.HasEnd) {
		delete(m, "event.end")
	}
	list := b.ElementsOf(r)
	for e, rest, ok := flow.NextElement(list); ok; e, rest, ok = flow.NextElement(rest) {
		m[fmt.Sprintf("%d/%d", e.PEN, e.ID)] += hex.EncodeToString(e.Value)
	}
	return m
}

// lab is a decoder with all that belongs to it.
type lab struct {
	*decode.Decoder
	account *flow.Account
	batch   *flow.Batch
	symbols *flow.Symbols
}

func newLab(cfg decode.Config) *lab {
	l := &lab{account: flow.NewAccount(), symbols: flow.NewSymbols()}
	l.batch = flow.NewBatch(64, l.symbols)
	l.Decoder = decode.New(cfg, decode.Deps{Account: l.account, Symbols: l.symbols})
	return l
}

// receivedAt is when the tests' datagrams are received.
const receivedAt = int64(headerSeconds)*second + 250_000_000

// give decodes datagrams and returns the first error.
func (l *lab) give(datagrams ...[]byte) (first error) {
	for _, d := range datagrams {
		if err := l.Decode(d, exporterPort, receivedAt, l.batch); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// stream returns the account of the only stream.
func (l *lab) stream(t testing.TB) *flow.Stream {
	t.Helper()
	all := l.account.Streams()
	if len(all) != 1 {
		t.Fatalf("%d streams, want 1", len(all))
	}
	return all[0]
}

// quirk is what exporters send and what is to become of it. Fields of want are compared, "" is for absent ones; the record is
// the last one.
type quirk struct {
	name      string
	datagrams [][]byte
	want      map[string]string
}

func checkQuirks(t *testing.T, quirks []quirk) {
	registry := flow.NewRegistry()
	for _, q := range quirks {
		t.Run(q.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			if err := l.give(q.datagrams...); err != nil {
				t.Fatal(err)
			}
			checkIdentities(t, l.account)
			if len(l.batch.Records) == 0 {
				t.Fatal("no record")
			}
			got := row(registry, l.batch, &l.batch.Records[len(l.batch.Records)-1])
			for name, want := range q.want {
				if got[name] != want {
					t.Errorf("%s is %q, want %q", name, got[name], want)
				}
			}
			if t.Failed() {
				t.Logf("the whole record: %v", got)
			}
		})
	}
}

// oneV9 is a template and one record of it, in one NetFlow v9 datagram.
func oneV9(pairs []uint16, values ...any) [][]byte {
	return [][]byte{v9(1, set(0, definition(256, pairs...)), set(256, values...))}
}

// oneIPFIX is the same in IPFIX.
func oneIPFIX(pairs []uint16, values ...any) [][]byte {
	return [][]byte{ipfix(1, set(2, definition(256, pairs...)), set(256, values...))}
}

// fields makes a list of pairs.
func fields(pairs ...uint16) []uint16 { return pairs }

func hexOf(b []byte) string { return hex.EncodeToString(b) }
