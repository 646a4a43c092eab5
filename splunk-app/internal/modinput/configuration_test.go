package modinput

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const inputXML = `<?xml version="1.0" encoding="UTF-8"?>
<input>
  <server_host>forwarder1</server_host>
  <server_uri>https://127.0.0.1:8089</server_uri>
  <session_key>secret</session_key>
  <checkpoint_dir>/opt/splunk/var/lib/splunk/modinputs/weir</checkpoint_dir>
  <configuration>
    <stanza name="weir://dmz" app="search">
      <param name="flows"> sessions </param>
      <param name="index">net&amp;flow</param>
      <param_list name="listen"><value>:2055</value><value>:6343</value></param_list>
      <other><param name="flows">all</param></other>
    </stanza>
    <stanza name="weir://lan"/>
  </configuration>
</input>
`

func TestReadInput(t *testing.T) {
	want := Configuration{
		Host: "forwarder1", CheckpointDir: "/opt/splunk/var/lib/splunk/modinputs/weir",
		Stanzas: []Stanza{
			{"weir://dmz", map[string]string{"flows": "sessions", "index": "net&flow", "listen": ":2055,:6343"}}, {"weir://lan", map[string]string{}},
		},
	}
	got, err := ReadInput(strings.NewReader(inputXML))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestReadInputDoesNotWait: the configuration is complete with its closing tag, also while the pipe stays open.
func TestReadInputDoesNotWait(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = io.WriteString(w, strings.TrimSpace(inputXML)) }()
	if c, err := ReadInput(r); err != nil || len(c.Stanzas) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestReadItems(t *testing.T) {
	got, err := ReadItems(strings.NewReader(`<items><server_host>h</server_host><session_key>secret</session_key><checkpoint_dir>/c</checkpoint_dir>
		<item name="dmz"><param name="listen">:2055</param><param name="flows"/></item></items>`))
	want := Configuration{Host: "h", CheckpointDir: "/c", Stanzas: []Stanza{{"dmz", map[string]string{"listen": ":2055", "flows": ""}}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":             {"", "ended without <input>"},
		"cut off":             {inputXML[:300], "EOF"},
		"another document":    {"<items></items>", "<items> in place of <input>"},
		"no XML":              {"listen = :2055", "ended without <input>"},
		"crossed tags":        {"<input><configuration></input>", "syntax error"},
		"no name":             {"<input><configuration><stanza/></configuration></input>", "without a name"},
		"twice":               {`<input><configuration><stanza name="weir://a"/><stanza name="weir://a"/></configuration></input>`, "there twice"},
		"element in a text":   {`<input><configuration><stanza name="weir://a"><param name="listen"><b>:2055</b></param></stanza></configuration></input>`, "within a text"},
		"unknown entity":      {"<input><server_host>&host;</server_host></input>", "entity"},
		"too long":            {"<input>" + strings.Repeat(" ", maxBytes), "EOF"},
		"too many stanzas":    {"<input><configuration>" + many(`<stanza name="%"/>`, maxStanzas+1), "more than 1000"},
		"too many parameters": {`<input><configuration><stanza name="a">` + many(`<param name="%"/>`, maxParams+1), "more than 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ReadInput(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, %v, want an error that says %q", got, err, c.says)
			}
		})
	}
}

// many repeats a text with numbers in the place of %.
func many(text string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%", strings.Repeat("x", i+1)))
	}
	return b.String()
}

func FuzzReadInput(f *testing.F) {
	f.Add([]byte(inputXML))
	f.Add([]byte(`<input><configuration><stanza name="a"><param name="b">&#60;</param></stanza></configuration></input>`))
	f.Add([]byte(`<!DOCTYPE input [<!ENTITY a "b">]><input>&a;</input>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzRead(t, text, ReadInput)
	})
}

func FuzzReadItems(f *testing.F) {
	f.Add([]byte(`<items><item name="a"><param_list name="b"><value>c</value></param_list></item></items>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzRead(t, text, ReadItems)
	})
}

func fuzzRead(t *testing.T, text []byte, read func(io.Reader) (Configuration, error)) {
	t.Helper()
	c, err := read(bytes.NewReader(text))
	if err != nil && (len(c.Stanzas) > 0 || c.Host != "") {
		t.Errorf("an error and %+v", c)
	}
	for _, s := range c.Stanzas {
		if s.Name == "" || s.Params == nil {
			t.Errorf("stanza %+v", s)
		}
	}
}
