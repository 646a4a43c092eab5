package modinput

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"
)

func TestEvents(t *testing.T) {
	whole := Event{Stanza: "weir://a<b", Sourcetype: "weir:flow", Index: "net", Host: "192.0.2.1", Time: 1_700_000_000_123_999_999}
	var out bytes.Buffer
	s := NewStream(&out)
	events := AppendEvent(nil, &whole, []byte(`{"a":"<&>"}`))
	events = AppendEvent(events, &Event{}, []byte(`{}`))
	if err := errors.Join(s.Begin(), write(s, Done(events)), s.End()); err != nil {
		t.Fatal(err)
	}
	const want = `<stream>
<event stanza="weir://a&lt;b"><time>1700000000.123</time><sourcetype>weir:flow</sourcetype><index>net</index><host>192.0.2.1</host><data>{"a":"&lt;&amp;&gt;"}</data></event>
<event><data>{}</data><done/></event>
</stream>
`
	if got := out.String(); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if err := s.End(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("written behind the end: %v", err)
	}
	if got := Done(nil); got != nil {
		t.Errorf("done without events: %q", got)
	}
}

func write(s *Stream, text []byte) error { _, err := s.Write(text); return err }

type broken struct{ writes int }

func (b *broken) Write([]byte) (int, error) { b.writes++; return 0, errors.New("broken pipe") }

// TestBrokenStream: after the first failure nothing is tried any more.
func TestBrokenStream(t *testing.T) {
	b := &broken{}
	s := NewStream(b)
	for _, err := range []error{s.Begin(), write(s, nil), s.End()} {
		if err == nil {
			t.Error("no error")
		}
	}
	if b.writes != 1 {
		t.Errorf("%d writes", b.writes)
	}
}

func TestScheme(t *testing.T) {
	s := Scheme{Name: "weir", Title: "A & B", Description: "Flows.", Parameters: []Parameter{{Name: "listen", Title: "Listen", Description: "Where.", Type: TypeString, Required: true}}}
	var got struct {
		XMLName  xml.Name `xml:"scheme"`
		Title    string   `xml:"title"`
		External bool     `xml:"use_external_validation"`
		Single   bool     `xml:"use_single_instance"`
		Mode     string   `xml:"streaming_mode"`
		Args     []struct {
			Name     string `xml:"name,attr"`
			Type     string `xml:"data_type"`
			Required bool   `xml:"required_on_create"`
		} `xml:"endpoint>args>arg"`
	}
	if err := xml.Unmarshal(s.AppendXML(nil), &got); err != nil {
		t.Fatal(err)
	}
	if got.Title != "A & B" || !got.External || got.Single || got.Mode != "xml" || len(got.Args) != 1 || got.Args[0].Name != "listen" || got.Args[0].Type != "string" || !got.Args[0].Required {
		t.Errorf("%+v", got)
	}
	if text := string(AppendError(nil, "a < b")); text != "<error><message>a &lt; b</message></error>\n" {
		t.Error(text)
	}
}

// TestLog: a line each, whatever is in it.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, slog.LevelInfo)
	log.Debug("left out")
	log.With("stanza", "weir://a").Info("listening", "address", "127.0.0.1:2055", "n", 3)
	log.Warn("two\nlines", "err", errors.New("a\nERROR b"), "empty", "")
	log.WithGroup("g").Error("x", "k", `a="b"`)
	const want = "INFO listening stanza=weir://a address=127.0.0.1:2055 n=3\n" +
		"WARN two lines err=\"a\\nERROR b\" empty=\"\"\n" +
		"ERROR x k=\"a=\\\"b\\\"\"\n"
	if got := out.String(); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	log = NewLog(&out, slog.LevelDebug)
	out.Reset()
	log.Debug("there")
	if out.String() != "DEBUG there\n" {
		t.Error(out.String())
	}
}

// TestWatch: an end right behind the configuration is none; that of an input held open is.
func TestWatch(t *testing.T) {
	after, held := make(chan time.Time, 1), make(chan struct{})
	r, w := io.Pipe()
	ended := Watch(r, after, func() { close(held) })
	after <- time.Time{}
	<-held
	select {
	case <-ended:
		t.Error("ended while it is open")
	default:
	}
	w.Close()
	<-ended
}

func TestParent(t *testing.T) {
	if NewParent().Gone() {
		t.Error("whoever runs this test is gone")
	}
}
