package flowinput

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/influxdata/telegraf/plugins/serializers/influx"

	"github.com/weirflow/weir/shared/flow"
)

// serialized is a point as Telegraf's own serializer writes it.
func serialized(t *testing.T, p *point) string {
	t.Helper()
	s := &influx.Serializer{UintSupport: true}
	if err := s.Init(); err != nil {
		t.Fatal(err)
	}
	text, err := s.Serialize(metricOf(p))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLinesAreTelegrafs: lines are what Telegraf's serializer makes of the same point.
func TestLinesAreTelegrafs(t *testing.T) {
	for name, fill := range map[string]func(*point){
		"plain":        func(p *point) { p.tag("exporter", "192.0.2.1"); p.count("bytes", 1500) },
		"no tags":      func(p *point) { p.count("bytes", 0) },
		"empty tag":    func(p *point) { p.tag("group", ""); p.count("bytes", 1) },
		"escaped tag":  func(p *point) { p.tag("group", `front office, 2=3`); p.count("bytes", 1) },
		"quoted text":  func(p *point) { p.text("title", `a "flood" of \ bytes, 5 = many`) },
		"greatest":     func(p *point) { p.count("bytes", math.MaxUint64); p.unsigned("raw", math.MaxUint64) },
		"negative":     func(p *point) { p.integer("offset", -3) },
		"fraction":     func(p *point) { p.float("use", 0.25); p.float("speed", 1e9); p.float("tiny", 1e-7) },
		"truth":        func(p *point) { p.boolean("up", true); p.boolean("down", false) },
		"address":      func(p *point) { p.addr("src", flow.AddrFrom4(0x0a000001)); p.addr("dst", flow.Addr{15: 1}) },
		"no number":    func(p *point) { p.float("x", math.NaN()); p.float("y", math.Inf(1)); p.count("z", 1) },
		"several tags": func(p *point) { p.tag("a", "1"); p.tag("b", "2"); p.tag("c", "é"); p.count("n", 7) },
	} {
		t.Run(name, func(t *testing.T) {
			var p point
			p.begin("weir_test", 1_772_409_600_123_456_789)
			fill(&p)
			if got, want := string(appendLine(nil, &p)), serialized(t, &p); got != want {
				t.Errorf("line %q\nwant %q", got, want)
			}
		})
	}
}

// FuzzLine: whatever exporters call things, a point is one line, and no more than its own.
func FuzzLine(f *testing.F) {
	f.Add("eth0", "title")
	f.Add("a,b c=d", `say "hi"`)
	f.Add("new\nline\x00", "back\\slash\r\n")
	f.Add(`ends with \`, `\`)
	f.Fuzz(func(t *testing.T, name, text string) {
		var p point
		p.begin("weir_test", 1)
		p.tag("interface", name)
		p.text("title", text)
		p.count("bytes", 1)
		line := appendLine(nil, &p)
		if n := bytes.IndexAny(line, "\n\r\x00"); n != len(line)-1 {
			t.Fatalf("%q is not one line", line)
		}
		odd := func(s string) bool {
			return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\uFFFD' })
		}
		if odd(name) || odd(text) || strings.HasSuffix(name, `\`) {
			return
		}
		if want := serialized(t, &p); string(line) != want {
			t.Fatalf("line %q\nwant %q", line, want)
		}
	})
}
