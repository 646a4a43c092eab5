package decode_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// told are datagrams of all that is saved.
func told() [][]byte {
	return [][]byte{
		v9(1, set(0, definition(256, 1, 4, 48, 1, 10, 2, 95, 4))),
		v9(2, set(1, uint16(257), uint16(4), uint16(8), uint16(1), uint16(4), fieldSpec(48, 1), fieldSpec(50, 4)), set(257, uint32(0), uint8(3), uint32(512))),
		v9(3, set(1, uint16(258), uint16(4), uint16(4), uint16(2), uint16(4), fieldSpec(82, 4)), set(258, uint32(5), "eth5")),
		v9(4, set(1, uint16(259), uint16(4), uint16(8), uint16(1), uint16(0), fieldSpec(95, 4), fieldSpec(96, 8)), set(259, uint32(0x0d0000c8), "webex\x00\x00\x00")),
		v9(5, set(1, uint16(260), uint16(4), uint16(4), uint16(1), uint16(0), fieldSpec(34, 4)), set(260, uint32(1000))),
		ipfix(0, set(3, uint16(300), uint16(2), uint16(1), fieldSpec(144, 4), fieldSpec(160, 8)), set(300, uint32(1), uint64(1_600_000_000_000))),
		ipfix(1, set(2, put(uint16(301), uint16(2)), fieldSpec(22, 4), fieldSpec(4321, 65535, 9))),
	}
}

func saved(t *testing.T, l *lab) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSaveAndLoad(t *testing.T) {
	old := newLab(decode.Config{})
	old.give(told()...)
	text := saved(t, old)
	if n := strings.Count(text, `"fields"`); n != 7 {
		t.Errorf("%d templates saved, want 7:\n%s", n, text)
	}

	l := newLab(decode.Config{})
	if err := l.Load(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(text, saved(t, l)); d != "" {
		t.Errorf("saved again (-first +second):\n%s", d)
	}
	data := v9(6, set(256, uint32(1500), uint8(3), uint16(5), uint32(0x0d0000c8)))
	init := ipfix(1, set(301, uint32(1000), uint8(2), "ab"))
	if err := l.give(data, init); err != nil {
		t.Fatal(err)
	}
	registry := flow.NewRegistry()
	got := row(registry, l.batch, &l.batch.Records[0])
	for name, want := range map[string]string{
		"source.bytes": "1500", "weir.sampling.interval": "512", "observer.ingress.interface.name": "eth5", "network.application": "webex",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if r := l.batch.Records[1]; r.Start != 1_600_000_001*second {
		t.Errorf("start %d by the saved system init time", r.Start)
	}
}

func TestLoadKeepsWhatIsKnown(t *testing.T) {
	old := newLab(decode.Config{})
	old.give(v9(1, oneCounter))
	text := saved(t, old)
	l := newLab(decode.Config{})
	l.give(v9(1, set(0, definition(256, 2, 4))))
	if err := l.Load(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if l.give(v9(2, dataOf1)); l.batch.Records[0].Source.Packets != 1 {
		t.Error("the saved definition replaced a newer one")
	}
}

func TestLoadOfDamagedFiles(t *testing.T) {
	stream := func(state string) string {
		return `{"format":1,"streams":[{"exporter":"192.0.2.1","domain":7,"protocol":"netflow9","state":` + state + `}]}`
	}
	cases := []struct {
		name, text string
		wantErr    bool
	}{
		{"nothing", "", true},
		{"cut short", `{"format":1,"streams":[`, true},
		{"another format", `{"format":2,"streams":[]}`, true},
		{"template id of a set", stream(`{"templates":[{"id":2,"used":1,"fields":[[0,1,4]]}]}`), false},
		{"template of size 0", stream(`{"templates":[{"id":256,"used":1,"fields":[[0,1,0]]}]}`), false},
		{"template without fields", stream(`{"templates":[{"id":256,"used":1}]}`), false},
		{"length beyond 16 bits", stream(`{"templates":[{"id":256,"used":1,"fields":[[0,1,70000]]}]}`), false},
		{"negative scope", stream(`{"templates":[{"id":256,"options":true,"scope":-1,"used":1,"fields":[[0,1,4]]}]}`), false},
		{"useless sampling", stream(`{"sampling":-5,"samplers":{"1":0}}`), false},
		{"unknown protocol", `{"format":1,"streams":[{"exporter":"192.0.2.1","protocol":"x"}]}`, false},
		{"protocol without templates", `{"format":1,"streams":[{"exporter":"192.0.2.1","protocol":"netflow5"}]}`, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			if err := l.Load(strings.NewReader(c.text)); (err != nil) != c.wantErr {
				t.Errorf("error %v", err)
			}
			if text := saved(t, l); strings.Contains(text, `"id"`) || strings.Contains(text, "sampl") {
				t.Errorf("loaded %s", text)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	l := newLab(decode.Config{})
	l.give(told()...)
	var b bytes.Buffer
	if err := l.Save(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":1,"streams":[{"exporter":"::","protocol":"ipfix","state":{"templates":[{"id":65535,"fields":[[1,2,65535],[0,0,0]]}]}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := newLab(decode.Config{MaxTemplates: 16})
		if l.Load(bytes.NewReader(text)) != nil {
			return
		}
		var b bytes.Buffer
		if err := l.Save(&b); err != nil || !json.Valid(b.Bytes()) {
			t.Fatalf("what was loaded cannot be saved: %v", err)
		}
		for _, s := range l.account.Streams() {
			if s.Templates.Load() > 16 {
				t.Fatal("more templates than the cap")
			}
		}
	})
}
