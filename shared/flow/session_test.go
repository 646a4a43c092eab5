package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestSessionJSON(t *testing.T) {
	s := flow.Session{
		ID: flow.SessionID{Hi: 1, Lo: 0xabc}, Start: 1_700_000_000_000_000_000, End: 1_700_000_000_500_000_000,
		Client:     flow.SessionSide{IP: flow.AddrFrom4(0x0a000005), Port: 50123, Bytes: 100, Packets: 3, TCPFlags: flow.SYN},
		Server:     flow.SessionSide{IP: flow.AddrFromWords(0x20010db8<<32, 1), Port: 22, Bytes: 70, Packets: 2, TCPFlags: flow.RST | flow.ACK},
		Confidence: 0.95, Transport: 6, State: flow.StateREJ, Records: 2, ExporterCount: 1, Exporters: [6]flow.Addr{flow.AddrFrom4(0xc0000201)},
	}
	const want = `{"id":"00000000000000010000000000000abc","start":"2023-11-14T22:13:20Z","end":"2023-11-14T22:13:20.5Z",` +
		`"client":{"ip":"10.0.0.5","port":50123,"flags":["SYN"]},"server":{"ip":"2001:db8::1","port":22,"flags":["RST","ACK"]},"transport":"tcp","direction_confidence":0.95,` +
		`"bytes_out":100,"bytes_in":70,"packets_out":3,"packets_in":2,"state":"REJ","flags":["SYN","RST","ACK"],"records":2,"exporters":["192.0.2.1"],"open":false,"duration":500000000}`
	if got, err := json.Marshal(&s); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	var back flow.Session
	if err := json.Unmarshal([]byte(want), &back); err != nil || string(back.AppendJSON(nil)) != want {
		t.Errorf("reads back as %s, %v", back.AppendJSON(nil), err)
	}
	if id, ok := flow.ParseSessionID(s.ID.String()); !ok || id != s.ID {
		t.Errorf("id does not read back: %v", id)
	}
	if _, ok := flow.ParseSessionID("abc"); ok {
		t.Error("half an id is taken")
	}
	if st, ok := flow.ParseSessionState("EST0"); !ok || st != flow.StateEST0 {
		t.Error("state does not read back")
	}
	var none flow.Session
	if got := none.AppendJSON(nil); !json.Valid(got) {
		t.Errorf("zero session: %s", got)
	}
}
