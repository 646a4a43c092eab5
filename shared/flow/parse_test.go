package flow_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func parse(t *testing.T, text string) (*flow.Batch, *flow.Record) {
	t.Helper()
	b := flow.NewBatch(1, flow.NewSymbols())
	if err := flow.ParseJSON([]byte(text), flow.NewRegistry(), b); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b, &b.Records[0]
}

func TestParseCompletes(t *testing.T) {
	const end = 1772439300e9
	for _, c := range []struct {
		name, text string
		want       func(r *flow.Record) bool
	}{
		{"event.end alone", `{"event.end":"2026-03-02T08:15:00Z"}`, func(r *flow.Record) bool {
			return r.End == end && r.Start == end && r.Created == end && r.Present == flow.HasStart|flow.HasEnd &&
				r.SamplingInterval == 1 && r.SamplingSource == flow.SamplingAssumed && r.ID == flow.EventID{}
		}},
		{"@timestamp instead", `{"@timestamp":"2026-03-02T08:15:00Z"}`, func(r *flow.Record) bool { return r.End == end }},
		{"another zone", `{"event.end":"2026-03-02T09:15:00.5+01:00"}`, func(r *flow.Record) bool { return r.End == end+5e8 }},
		{"forward counter alone", `{"event.end":"2026-03-02T08:15:00Z","source.bytes":10}`, func(r *flow.Record) bool {
			return r.Bytes == 10 && r.RawBytes == 10 && r.Present.Has(flow.HasBytes) && !r.Present.Has(flow.HasReverseBytes) && !r.Present.Has(flow.HasPackets)
		}},
		{"sum alone", `{"event.end":"2026-03-02T08:15:00Z","network.packets":10}`, func(r *flow.Record) bool {
			return r.Source.Packets == 10 && r.RawPackets == 10 && r.Destination.Packets == 0
		}},
		{"sum and reverse", `{"event.end":"2026-03-02T08:15:00Z","network.bytes":10,"destination.bytes":3}`, func(r *flow.Record) bool {
			return r.Source.Bytes == 7 && r.Destination.Bytes == 3 && r.Bytes == 10
		}},
		{"both directions", `{"event.end":"2026-03-02T08:15:00Z","source.bytes":10,"destination.bytes":3}`, func(r *flow.Record) bool { return r.Bytes == 13 }},
		{"reverse alone", `{"event.end":"2026-03-02T08:15:00Z","destination.bytes":3}`, func(r *flow.Record) bool {
			return r.Bytes == 3 && r.Source.Bytes == 0 && r.Present.Has(flow.HasBytes|flow.HasReverseBytes)
		}},
		{"raw counter and interval", `{"event.end":"2026-03-02T08:15:00Z","weir.raw.bytes":10,"weir.sampling.interval":2.5}`, func(r *flow.Record) bool {
			return r.Bytes == 25 && r.Source.Bytes == 25 && r.RawBytes == 10 && r.SamplingSource == flow.SamplingNone
		}},
		{"sum and interval", `{"event.end":"2026-03-02T08:15:00Z","network.bytes":25,"weir.sampling.interval":2.5}`, func(r *flow.Record) bool { return r.RawBytes == 10 }},
		{"transport alone", `{"event.end":"2026-03-02T08:15:00Z","network.transport":"udp"}`, func(r *flow.Record) bool {
			return r.IPProtocol == 17 && r.Present.Has(flow.HasProtocol)
		}},
		{"transport by number", `{"event.end":"2026-03-02T08:15:00Z","network.transport":"253","network.iana_number":253}`, func(r *flow.Record) bool { return r.IPProtocol == 253 }},
		{"flags alone", `{"event.end":"2026-03-02T08:15:00Z","weir.tcp.flags":["SYN","ACK"]}`, func(r *flow.Record) bool {
			return r.TCPFlags == flow.SYN|flow.ACK && r.Present.Has(flow.HasTCPFlags)
		}},
		{"a list as one value", `{"event.end":"2026-03-02T08:15:00Z","weir.tcp.flags":"SYN"}`, func(r *flow.Record) bool { return r.TCPFlags == flow.SYN }},
		{"white space, escapes", " { \"event.end\" : \"2026-03-02T08:15:00\\u005a\" ,\t\"network.application\":\"a\\n\\ud83d\\ude00\\/\" }\r\n", func(r *flow.Record) bool { return r.End == end && r.Application != 0 }},
		{"MAC in another spelling", `{"event.end":"2026-03-02T08:15:00Z","source.mac":"00:1b:44:11:3a:b7"}`, func(r *flow.Record) bool {
			return r.Source.MAC == flow.MAC{0, 0x1b, 0x44, 0x11, 0x3a, 0xb7}
		}},
	} {
		if _, r := parse(t, c.text); !c.want(r) {
			t.Errorf("%s: %+v", c.name, *r)
		}
	}
}

func TestParseEscapes(t *testing.T) {
	b, r := parse(t, `{"event.end":"2026-03-02T08:15:00Z","network.application":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx"}`)
	if got, want := b.Symbols.Text(r.Application), "\"\\/\b\f\n\r\té😀\ufffdx"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	const end = `"event.end":"2026-03-02T08:15:00Z"`
	for _, c := range []struct{ text, want string }{
		{``, "not a JSON object"},
		{`[]`, "not a JSON object"},
		{`{`, "where a key belongs"},
		{`{}`, `"event.end" is missing`},
		{`{` + end + `}{`, "behind the object"},
		{`{` + end + `,}`, "where a key belongs"},
		{`{` + end + ` "x":1}`, "where , or } belongs"},
		{`{` + end + `,"x" 1}`, "where : belongs"},
		{`{` + end + `,"source.prt":1}`, `"source.prt": unknown field`},
		{`{` + end + `,` + end + `}`, `"event.end": given twice`},
		{`{` + end + `,"related.ip":"10.0.0.1"}`, `"related.ip": computed from other fields`},
		{`{` + end + `,"client.ip":"10.0.0.1"}`, `"client.ip": a field of sessions`},
		{`{` + end + `,"source.port":"80"}`, `"source.port": found "80" where a number belongs`},
		{`{` + end + `,"source.port":65536}`, `"source.port": 65536 does not fit`},
		{`{` + end + `,"source.port":-1}`, `"source.port": -1 is no unsigned`},
		{`{` + end + `,"source.port":1.5}`, `"source.port": 1.5 is no unsigned`},
		{`{` + end + `,"source.port":01}`, `"source.port": not a number`},
		{`{` + end + `,"source.port":null}`, `"source.port": found null where a number belongs`},
		{`{` + end + `,"source.port":[80]}`, `"source.port": found a list where one unsigned belongs`},
		{`{` + end + `,"source.ip":80}`, `"source.ip": found 80 where a string belongs`},
		{`{` + end + `,"source.ip":"10.0.0.1/8"}`, `"source.ip": "10.0.0.1/8" is no ip`},
		{`{` + end + `,"source.ip":"fe80::1%eth0"}`, `zones have no meaning`},
		{`{` + end + `,"source.mac":"00-11"}`, `"source.mac": "00-11" is no mac`},
		{`{` + end + `,"source.geo.country_iso_code":"che"}`, `does not fit`},
		{`{` + end + `,"weir.source.group":["a,b"]}`, `does not fit`},
		{`{` + end + `,"weir.source.group":["a"`, `where , or ] belongs`},
		{`{` + end + `,"network.direction":"sideways"}`, `want one of ["inbound"`},
		{`{` + end + `,"weir.tcp.flags":["SIN"]}`, `"weir.tcp.flags": "SIN" does not fit`},
		{`{` + end + `,"weir.tcp.flags":["SYN"],"weir.tcp.flags_bits":16}`, `"weir.tcp.flags" are not those of`},
		{`{` + end + `,"network.transport":"udp","network.iana_number":6}`, `"network.transport" is not that of`},
		{`{` + end + `,"@timestamp":"2026-03-02T08:15:01Z"}`, `"@timestamp" is not "event.end"`},
		{`{"event.end":"yesterday"}`, `RFC 3339`},
		{`{"event.end":"1600-03-02T08:15:00Z"}`, `want a year`},
		{`{` + end + `,"network.bytes":5,"destination.bytes":6}`, `"network.bytes" is less than "destination.bytes"`},
		{`{` + end + `,"network.bytes":5,"source.bytes":6}`, `"network.bytes" is not the sum`},
		{`{` + end + `,"weir.sampling.interval":0}`, `must be greater than 0`},
		{`{` + end + `,"weir.mpls.labels":[1048576]}`, `"weir.mpls.labels": 1048576 does not fit`},
		{`{` + end + `,"weir.clock.uncertainty_ms":18446744073709551615}`, `does not fit`},
		{`{` + end + `,"event.id":"x-1-2"}`, `"event.id": "x-1-2" does not fit`},
		{`{` + end + `,"weir.elements":[]}`, `"weir.elements": found [ where an object belongs`},
		{`{` + end + `,"weir.elements":{"9":1}}`, `"weir.elements": "9": want an element's number`},
		{`{` + end + `,"weir.elements":{"9/1":{}}}`, `"9/1": found { where a number or string belongs`},
		{`{` + end + `,"weir.elements":{"9/1":1,"9/1":2}}`, `"9/1": given twice`},
		{"{" + end + ",\"network.application\":\"a\nb\"}", `bare control character`},
		{`{` + end + `,"network.application":"\x"}`, `bad escape`},
		{`{` + end + `,"network.application":"a`, `without an end`},
		{`{` + end + `,"network.application":tru}`, `not JSON at byte`},
	} {
		b := flow.NewBatch(2, flow.NewSymbols())
		b.Grow().End = 7
		b.Elements = append(b.Elements, 1)
		err := flow.ParseJSON([]byte(c.text), flow.NewRegistry(), b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.text, err, c.want)
		}
		if len(b.Records) != 1 || b.Records[0].End != 7 || len(b.Elements) != 1 || b.Normalized {
			t.Errorf("%s: the batch is not as before", c.text)
		}
	}
}

// FuzzParseJSON: what is read is shown in words that read as the same record.
func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(fullJSON))
	f.Add([]byte(`{"event.end":"2026-03-02T08:15:00Z","weir.raw.bytes":10,"weir.sampling.interval":2.5}`))
	f.Add([]byte(`{"event.end":"2026-03-02T08:15:00+23:59","weir.elements":{"0/1":[-1,1e300,"0x","::1","a\u0000"]}}`))
	f.Add([]byte(`{"@timestamp":"2026-03-02T08:15:00Z","network.bytes":18446744073709551615,"destination.bytes":1}`))
	reg := flow.NewRegistry()
	f.Fuzz(func(t *testing.T, line []byte) {
		b := flow.NewBatch(1, flow.NewSymbols())
		if flow.ParseJSON(line, reg, b) != nil {
			return
		}
		first := flow.AppendJSON(nil, reg, b, &b.Records[0])
		again := flow.NewBatch(1, b.Symbols)
		if err := flow.ParseJSON(first, reg, again); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second := flow.AppendJSON(nil, reg, again, &again.Records[0]); string(second) != string(first) {
			t.Errorf("shown as\n%s\nthen\n%s", first, second)
		}
	})
}
