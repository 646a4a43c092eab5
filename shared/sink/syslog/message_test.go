package syslog_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/syslog"
)

var update = flag.Bool("update", false, "write golden files anew")

func at(second int) time.Time { return time.Date(2026, 3, 2, 14, 0, second, 0, time.UTC) }

func flood() flow.Alert {
	return flow.Alert{
		ID: "5f0c2a", Detector: "dos.volumetric.host", Title: `UDP flood on 203.0.113.9: 1.2 Gbit/s from 3 sources`, Severity: 85, SeverityLabel: "critical",
		Confidence: 0.9, State: flow.AlertActive, Start: at(0), Last: at(40), DetectedAt: at(42), Actors: []string{"198.51.100.1", "198.51.100.2"}, ActorsTotal: 3,
		Victims: []string{"203.0.113.9"}, VictimsTotal: 1, Groups: []string{"web servers"}, Service: &flow.Service{Transport: "udp", Port: 53},
		Measured: flow.Measure{Name: "rate", Value: 1.2e9, Unit: "bit/s"}, Threshold: 1e8, Techniques: []flow.Technique{{ID: "T1498.001", Name: "Direct Network Flood"}},
		Evidence: flow.Evidence{Filter: `destination.ip : 203.0.113.9 and network.transport : udp`, From: at(0), To: at(60)}, Exporters: []string{"192.0.2.1"},
		Interfaces: []flow.Interface{{Exporter: "192.0.2.1", ID: 3, Name: "uplink"}},
		DoS:        &flow.DoS{Vectors: []flow.Vector{{Name: "udp", Start: at(0), End: at(40), Waves: 2, PeakBPS: 1.2e9, PeakPPS: 1e5}}, SourcesTotal: 3, Bystanders: []string{}},
		Pivots:     []flow.AlertPivot{}, Key: "203.0.113.9|udp",
	}
}

// awkward has in it what must be escaped.
func awkward() flow.Alert {
	end := at(50)
	return flow.Alert{
		ID: `a"b\c]d`, Detector: "brute.success", Title: "pipe | back \\ equals = line\nbreak", Severity: 45, SeverityLabel: "medium", State: flow.AlertEnded,
		Start: at(1), Last: at(30), End: &end, DetectedAt: at(2), Actors: []string{"2001:db8::5"}, ActorsTotal: 1, Victims: []string{"2001:db8:1::9"}, VictimsTotal: 1,
		Groups: []string{"a=b", `c\d`}, Service: &flow.Service{Transport: "tcp", Port: 22}, Techniques: []flow.Technique{},
		Evidence: flow.Evidence{Filter: `destination.ip : "2001:db8:1::9"` + "\r\n"}, Exporters: []string{}, Interfaces: []flow.Interface{}, Pivots: []flow.AlertPivot{},
		Sampling: "cannot be seen at 1:1000 ü",
	}
}

func formatter(format string) *syslog.Formatter {
	return &syslog.Formatter{Facility: 20, Hostname: "weir-1.example.net", Process: 4711, Format: format, MaxMessage: 8 << 10}
}

// TestGolden holds whole messages to files that were read against RFC 5424 and the CEF guide.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name   string
		format string
		event  sink.Event
	}{
		{"flood.json", syslog.JSON, sink.Event{Sequence: 7, Change: sink.Raised, ToldAt: at(43), Alert: flood()}},
		{"flood.cef", syslog.CEF, sink.Event{Sequence: 7, Change: sink.Raised, ToldAt: at(43), Alert: flood()}},
		{"awkward.json", syslog.JSON, sink.Event{Sequence: 8, Change: sink.Ended, ToldAt: at(51), Alert: awkward()}},
		{"awkward.cef", syslog.CEF, sink.Event{Sequence: 8, Change: sink.Ended, ToldAt: at(51), Alert: awkward()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := formatter(c.format).Message(c.event)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", c.name+".txt")
			if *update {
				if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got)+"\n" != string(want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestShortened: whatever does not fit is cut from lists; the message stays whole JSON, and the totals say how many there were.
func TestShortened(t *testing.T) {
	a := flood()
	a.Actors = nil
	for i := range 100 {
		a.Actors = append(a.Actors, fmt.Sprintf("2001:db8:aaaa:bbbb:cccc:dddd:eeee:%x", 0x1000+i))
	}
	a.Victims, a.ActorsTotal = slices.Clone(a.Actors), 5000
	for _, limit := range []int{syslog.MinMessage, 3000, 4000, 8 << 10} {
		for _, format := range []string{syslog.JSON, syslog.CEF} {
			f := formatter(format)
			f.MaxMessage = limit
			m, err := f.Message(sink.Event{Change: sink.Raised, Alert: a})
			if err != nil || len(m) > limit {
				t.Fatalf("%s, limit %d: %d bytes, %v", format, limit, len(m), err)
			}
			if format == syslog.CEF {
				continue
			}
			var e sink.Event
			_, text, _ := strings.Cut(string(m), "] ")
			if err := json.Unmarshal([]byte(text), &e); err != nil {
				t.Fatalf("limit %d: %v in %s", limit, err, text)
			}
			if !e.Shortened || e.ActorsTotal != 5000 || e.ID != a.ID {
				t.Errorf("limit %d: %+v", limit, e)
			}
		}
	}
	if len(a.Actors) != 100 {
		t.Error("the alert itself was cut")
	}
}

func TestSeverity(t *testing.T) {
	for severity, want := range map[int]int{-5: 6, 0: 6, 19: 6, 20: 5, 40: 4, 60: 3, 80: 2, 100: 2, 200: 2} {
		if got := syslog.Severity(severity); got != want {
			t.Errorf("severity %d is %d, want %d", severity, got, want)
		}
	}
}

// FuzzCEF: no text gets out of its field, and none is changed by the way there and back.
func FuzzCEF(f *testing.F) {
	for _, s := range []string{"", "plain", `\`, `|`, `=`, "a\nb\rc", `\|=\\`, "ü\xff", "x act=evil", "\x00"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, id string) {
		a := flood()
		a.Title, a.ID = title, id
		fm := formatter(syslog.CEF)
		fm.MaxMessage = 1 << 20
		m, err := fm.Message(sink.Event{Change: sink.Raised, Alert: a})
		if err != nil {
			if len(title)+len(id) > 1<<17 {
				return
			}
			t.Fatal(err)
		}
		text := string(m[strings.Index(string(m), "CEF:0"):])
		if i := strings.LastIndex(string(m), "] CEF:0|Weir|Weir|1|"); i >= 0 {
			text = string(m[i+2:])
		}
		if strings.ContainsAny(text, "\n\r\x00") || !utf8.ValidString(text) {
			t.Fatalf("not one line of UTF-8: %q", text)
		}
		fields := splitUnescaped(text, '|', 7)
		if len(fields) != 8 || fields[5] != syslog.EscapeHeader(title) {
			t.Fatalf("header %q", fields)
		}
		value, _, _ := strings.Cut(strings.TrimPrefix(fields[7], "externalId="), " cat=dos.volumetric.host act=raised")
		if id != "" && value != syslog.EscapeValue(id) {
			t.Fatalf("externalId %q of %q", value, id)
		}
		if bare := strings.Count(strings.NewReplacer(`\\`, "", `\=`, "").Replace(value), "="); id != "" && bare != 0 {
			t.Fatalf("%q could start a key of its own", value)
		}
	})
}

// splitUnescaped splits at sep where no backslash escapes it, at most n times.
func splitUnescaped(s string, sep byte, n int) (list []string) {
	start := 0
	for i := 0; i < len(s) && n > 0; i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			list, start, n = append(list, s[start:i]), i+1, n-1
		}
	}
	return append(list, s[start:])
}

// TestLinksGoFirst: what can be had from the collector by the alert's id is left out before who did what to whom.
func TestLinksGoFirst(t *testing.T) {
	a := flood()
	for range 40 {
		a.Pivots = append(a.Pivots, flow.AlertPivot{Title: "Search", URL: "https://search.example.net/?q=" + strings.Repeat("x", 200)})
	}
	f := formatter(syslog.JSON)
	f.MaxMessage = 4 << 10
	m, err := f.Message(sink.Event{Change: sink.Raised, Alert: a})
	if err != nil || len(m) > f.MaxMessage {
		t.Fatal(len(m), err)
	}
	var e sink.Event
	_, text, _ := strings.Cut(string(m), "] ")
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	if !e.Shortened || len(e.Actors) != len(a.Actors) || e.DoS == nil || len(e.Pivots) == 0 || len(e.Pivots) >= len(a.Pivots) {
		t.Errorf("shortened %v, %d actors, %d links", e.Shortened, len(e.Actors), len(e.Pivots))
	}
}
