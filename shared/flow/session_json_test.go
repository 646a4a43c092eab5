package flow_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// fullSession has every member; its values are those of fullSessionJSON.
func fullSession() (*flow.SessionBatch, *flow.Session) {
	b := &flow.SessionBatch{Symbols: flow.NewSymbols()}
	b.Sessions = []flow.Session{{
		ID: flow.SessionID{Hi: 0xfedcba9876543210, Lo: 1}, Start: 1_772_438_400_000_000_001, End: 1_772_438_460_250_000_000,
		Client: flow.SessionSide{
			IP: flow.AddrFrom4(0x0a000005), Port: 50123, NAT: flow.AddrFrom4(0xc6336407), NATPort: 40001, Bytes: math.MaxUint64, Packets: 3,
			TCPFlags: flow.SYN | flow.ACK, Country: [2]byte{'C', 'H'}, ASN: 64500, Groups: b.Symbols.Intern("users,gäste \"2\""),
		},
		Server: flow.SessionSide{
			IP: flow.AddrFromWords(0x20010db8<<32, 1), Port: 443, NATPort: 8443, Bytes: 70, Packets: 2, TCPFlags: flow.FIN,
			Country: [2]byte{'D', 'E'}, ASN: 4_200_000_000, Groups: b.Symbols.Intern("servers"),
		},
		Confidence: 0.85, Transport: 6, State: flow.StateEST, Direction: flow.Outbound, SamplingInterval: 2.5,
		Service: b.Symbols.Intern("https"), Application: b.Symbols.Intern("ms teams"), Records: 7, Copies: 9,
		ExporterCount: 2, Exporters: [6]flow.Addr{flow.AddrFrom4(0xc0000201), flow.AddrFrom4(0xc0000202)}, Open: true, Truncated: true,
	}}
	return b, &b.Sessions[0]
}

const fullSessionJSON = `{"id":"fedcba98765432100000000000000001","start":"2026-03-02T08:00:00.000000001Z","end":"2026-03-02T08:01:00.25Z",` +
	`"client":{"ip":"10.0.0.5","port":50123,"flags":["SYN","ACK"],"nat":{"ip":"198.51.100.7","port":40001},"as":64500,"country":"CH","groups":["users","gäste \"2\""]},` +
	`"server":{"ip":"2001:db8::1","port":443,"flags":["FIN"],"nat":{"port":8443},"as":4200000000,"country":"DE","groups":["servers"]},` +
	`"transport":"tcp","direction_confidence":0.85,"bytes_out":18446744073709551615,"bytes_in":70,"packets_out":3,"packets_in":2,` +
	`"state":"EST","flags":["FIN","SYN","ACK"],"records":7,"exporters":["192.0.2.1","192.0.2.2"],"open":true,` +
	`"duration":60249999999,"service":"https","application":"ms teams","direction":"outbound","sampling":2.5,"copies":9,"truncated":true}`

func TestFullSessionJSON(t *testing.T) {
	b, s := fullSession()
	if got := b.AppendJSON(nil, s); string(got) != fullSessionJSON {
		t.Errorf("got  %s\nwant %s", got, fullSessionJSON)
	}
	back := flow.SessionBatch{Symbols: flow.NewSymbols()}
	if err := flow.ParseSessionJSON([]byte(fullSessionJSON), &back); err != nil {
		t.Fatal(err)
	}
	if got := back.AppendJSON(nil, &back.Sessions[0]); string(got) != fullSessionJSON {
		t.Errorf("reads back as\n%s", got)
	}
	// In the same table, the symbols are the same: all of the session but what is not in JSON has come back.
	if err := flow.ParseSessionJSON([]byte(fullSessionJSON), b); err != nil || b.Sessions[1] != b.Sessions[0] {
		t.Errorf("reads back as %+v, %v\nshould be %+v", b.Sessions[1], err, b.Sessions[0])
	}
}

// TestSessionJSONHasTheContract: members that other programs rely on come first and in their order.
func TestSessionJSONHasTheContract(t *testing.T) {
	b, s := fullSession()
	dec := json.NewDecoder(bytes.NewReader(b.AppendJSON(nil, s)))
	depth, names := 0, []string(nil)
	for isKey := false; ; {
		token, err := dec.Token()
		if err != nil {
			break
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			isKey = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
		default:
			if isKey && depth == 1 {
				names = append(names, token.(string))
				isKey = false
				continue
			}
		}
		isKey = depth == 1
	}
	const contract = "id start end client server transport direction_confidence bytes_out bytes_in packets_out packets_in state flags records exporters open "
	if got := strings.Join(names, " "); !strings.HasPrefix(got, contract) {
		t.Errorf("members are\n%s\nshould begin with\n%s", got, contract)
	}
}

func TestSessionJSONOfICMP(t *testing.T) {
	s := flow.Session{Transport: 58, ICMPType: 128, ICMPCode: 1, State: flow.StateQ, Confidence: math.NaN(), SamplingInterval: math.Inf(1)}
	got := string(s.AppendJSON(nil))
	if !json.Valid([]byte(got)) || !strings.Contains(got, `"icmp":{"type":128,"code":1}`) || strings.Contains(got, `"port":0,"flags"`) {
		t.Errorf("%s", got)
	}
	var back flow.Session
	if err := json.Unmarshal([]byte(got), &back); err != nil || back.ICMPType != 128 || back.ICMPCode != 1 {
		t.Errorf("reads back as %+v, %v", back, err)
	}
}

func TestParseSessionJSONErrors(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"cut short", `"truncated":true}`, `"truncated"`, "unexpected end"},
		{"no id", `"id":"fedc`, `"id":"zedc`, "is no id"},
		{"no time", `2026-03-02T08:00:00.000000001Z`, `yesterday`, "yesterday"},
		{"a time that 64 bits don't hold", `2026-03-02T08:00:00.000000001Z`, `2262-03-02T08:00:00Z`, "1678 to 2261"},
		{"no address", `"ip":"10.0.0.5"`, `"ip":"10.0.0"`, "client: "},
		{"a zone", `"ip":"2001:db8::1"`, `"ip":"fe80::1%eth0"`, "server: "},
		{"no translated address", `198.51.100.7`, `198.51.100`, "nat: "},
		{"no port", `"port":443`, `"port":70000`, "70000"},
		{"no country", `"country":"CH"`, `"country":"ch"`, "two letters"},
		{"a country of one letter", `"country":"CH"`, `"country":"C"`, "two letters"},
		{"a comma in a group", `"servers"`, `"a,b"`, "no name of a group"},
		{"no transport", `"tcp"`, `"tpc"`, "is no transport"},
		{"no state", `"EST"`, `"ESTABLISHED"`, "is no state"},
		{"no direction", `"outbound"`, `"out"`, "is no direction"},
		{"a sampling interval below 0", `"sampling":2.5`, `"sampling":-1`, "less than 0"},
		{"no exporter", `"192.0.2.2"`, `"router"`, "exporters: "},
	} {
		text := strings.Replace(fullSessionJSON, c.old, c.new, 1)
		b := flow.SessionBatch{Symbols: flow.NewSymbols()}
		if err := flow.ParseSessionJSON([]byte(text), &b); err == nil || !strings.Contains(err.Error(), c.says) || len(b.Sessions) != 0 {
			t.Errorf("%s: %v, should say %q", c.name, err, c.says)
		}
	}
	var s flow.Session
	for _, text := range []string{`{}`, `[]`, `null`} {
		if json.Unmarshal([]byte(text), &s) == nil && text != `null` {
			t.Errorf("%s is taken", text)
		}
	}
}

// TestParseSessionJSONTakesMore: other programs may add members, list more exporters than are kept, and leave the sides' flags out.
func TestParseSessionJSONTakesMore(t *testing.T) {
	text := strings.NewReplacer(`"open":true`, `"open":true,"note":{"by":"another"}`, `"exporters":[`, `"exporters":["::1","::2","::3","::4","::5","::6",`,
		`"flags":["SYN","ACK"],`, ``, `"flags":["FIN"],`, ``).Replace(fullSessionJSON)
	b := flow.SessionBatch{Symbols: flow.NewSymbols()}
	if err := flow.ParseSessionJSON([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	s := &b.Sessions[0]
	if len(s.SeenBy()) != flow.MaxSessionExporters || s.Client.TCPFlags != flow.FIN|flow.SYN|flow.ACK || s.Server.TCPFlags != 0 {
		t.Errorf("%+v", s)
	}
}

func TestSessionJSONAllocatesNothing(t *testing.T) {
	b, s := fullSession()
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { dst = b.AppendJSON(dst[:0], s) }); n != 0 {
		t.Errorf("%v allocations a session", n)
	}
}

func FuzzParseSessionJSON(f *testing.F) {
	f.Add([]byte(fullSessionJSON))
	f.Add([]byte(strings.ReplaceAll(fullSessionJSON, `"tcp"`, `"icmp"`)))
	f.Add([]byte(`{"id":"00000000000000000000000000000000","client":{"ip":"::"},"server":{"ip":"::"},"transport":"255"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b := flow.SessionBatch{Symbols: flow.NewSymbols()}
		if flow.ParseSessionJSON(text, &b) != nil {
			return
		}
		first := b.AppendJSON(nil, &b.Sessions[0])
		if !json.Valid(first) {
			t.Fatalf("no JSON: %s", first)
		}
		if err := flow.ParseSessionJSON(first, &b); err != nil {
			t.Fatalf("does not read back: %v\n%s", err, first)
		}
		if again := b.AppendJSON(nil, &b.Sessions[1]); !bytes.Equal(first, again) {
			t.Errorf("%s\nreads back as\n%s", first, again)
		}
	})
}
