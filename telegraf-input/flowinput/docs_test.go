package flowinput

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

var update = flag.Bool("update", false, "write telegraf-input/README.md anew")

const readme = "../README.md"

// TestReadmeDoc: the README has the sample configuration, the reference of all measurements, and lines as the tests see them.
func TestReadmeDoc(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := between(t, string(text), "```toml @sample.conf\n", "```\n", Sample)
	want = between(t, want, "<!-- metrics -->\n", "<!-- end of metrics -->\n", metricsText())
	want = between(t, want, "<!-- example -->\n", "<!-- end of example -->\n", "```text\n"+exampleText(t)+"```\n")
	if *update {
		if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("telegraf-input/README.md is stale, run make docs (-want +got):\n%s", diff)
	}
}

// between replaces what stands between two marks.
func between(t *testing.T, text, from, to, with string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, from)
	_, after, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatalf("no %q in the README", from)
	}
	return before + from + with + to + after
}

func metricsText() string {
	var b strings.Builder
	for _, m := range Measurements() {
		fmt.Fprintf(&b, "- **%s**: %s\n", m.Name, m.Doc)
		if len(m.Tags) > 0 {
			b.WriteString("  - tags:\n")
		}
		for _, tag := range m.Tags {
			fmt.Fprintf(&b, "    - %s: %s\n", tag.Name, tag.Doc)
		}
		b.WriteString("  - fields:\n")
		for _, f := range m.Fields {
			unit := f.Type
			if f.Unit != "" {
				unit += ", " + f.Unit
			}
			fmt.Fprintf(&b, "    - %s (%s): %s\n", f.Name, unit, f.Doc)
		}
	}
	return b.String()
}

// exampleText is a line of each measurement.
func exampleText(t *testing.T) string {
	t.Helper()
	seen, b := map[string]bool{}, strings.Builder{}
	for _, line := range examples(t) {
		if name := line[:strings.IndexAny(line, ", ")]; !seen[name] {
			seen[name] = true
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// examples are the lines that tests expect, an alert's among them.
func examples(t *testing.T) (lines []string) {
	t.Helper()
	take := func(p *point) { lines = append(lines, strings.TrimSpace(string(appendLine(nil, p)))) }
	files, err := filepath.Glob("../testdata/*/expected.out")
	if err != nil || len(files) == 0 {
		t.Fatal("no expected metrics", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(text)), "\n")...)
	}
	teller := newAlertTeller(alertConfig{groups: 10}, func() int64 { return base }, take)
	a := alert("13febf65a33a8c03e1001339758c861e", flow.AlertActive, 68)
	a.Title, a.Confidence, a.Threshold, a.Measured.Value = "UDP flood on 10.20.0.7: 315 Mbit/s from 1,005 sources", 1, 1e8, 315104682
	a.Victims, a.VictimsTotal, a.ActorsTotal = []string{"10.20.0.7"}, 1, 1005
	a.Evidence = flow.Evidence{Filter: "destination.ip : 10.20.0.7", From: a.Start, To: a.Last}
	if err := teller.WriteAlerts(context.Background(), []flow.Alert{a}); err != nil {
		t.Fatal(err)
	}
	account := flow.NewAccount()
	s := account.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(0xc0000201), Domain: 1, Protocol: flow.NetFlow9})
	s.Datagrams.Add(120)
	s.Bytes.Add(168_000)
	s.Decoded.Add(120)
	s.Records.Add(2880)
	s.Templates.Add(2)
	s.LastSeen.Store(base - second)
	g := newGatherer(5)
	g.exporters(account.Streams(), base, take)
	return lines
}

var (
	tagsOf   = regexp.MustCompile(`,([a-z_0-9]+)=`)
	fieldsOf = regexp.MustCompile(`[ ,]([a-z_0-9]+)=("(?:[^"\\]|\\.)*"|[^, ]+)`)
)

// TestReferenceDoc: every tag and field of the lines that tests expect is in the reference, with its type.
func TestReferenceDoc(t *testing.T) {
	docs := map[string]MeasurementDoc{}
	for _, m := range Measurements() {
		docs[m.Name] = m
	}
	for _, line := range examples(t) {
		head, rest, _ := strings.Cut(line, " ")
		name, _, _ := strings.Cut(head, ",")
		m, ok := docs[name]
		if !ok {
			t.Fatalf("%s is not in the reference", name)
		}
		for _, tag := range tagsOf.FindAllStringSubmatch(head, -1) {
			if !slices.ContainsFunc(m.Tags, func(d TagDoc) bool { return d.Name == tag[1] }) {
				t.Errorf("%s: tag %s is not in the reference", name, tag[1])
			}
		}
		for _, f := range fieldsOf.FindAllStringSubmatch(" "+rest, -1) {
			m.checkField(t, f[1], f[2])
		}
	}
}

func (m *MeasurementDoc) checkField(t *testing.T, name, value string) {
	t.Helper()
	for _, f := range m.Fields {
		stem, many := strings.CutSuffix(f.Name, "*")
		if f.Name != name && (!many || !strings.HasPrefix(name, stem)) {
			continue
		}
		if got := typeOf(value); got != f.Type && (f.Type != typeUint || got != typeInt) { // the file output has no unsigned ones
			t.Errorf("%s: %s=%s is no %s", m.Name, name, value, f.Type)
		}
		return
	}
	t.Errorf("%s: field %s is not in the reference", m.Name, name)
}

func typeOf(value string) string {
	switch {
	case value[0] == '"':
		return typeText
	case value == "true" || value == "false":
		return typeBool
	case strings.HasSuffix(value, "i"):
		return typeInt
	case strings.HasSuffix(value, "u"):
		return typeUint
	}
	return typeFloat
}

// TestSampleConfiguration: it loads, it has every key, and the values that it shows are the defaults.
func TestSampleConfiguration(t *testing.T) {
	shown := regexp.MustCompile(`(?m)^( *)# (\[|[a-z_]+ = )`).ReplaceAllString(Sample, "$1$2")
	var file struct{ Inputs map[string][]toml.Primitive }
	meta, err := toml.Decode(shown, &file)
	if err != nil {
		t.Fatal(err)
	}
	in := &Input{}
	if err := meta.PrimitiveDecode(file.Inputs["weir"][0], in); err != nil {
		t.Fatal(err)
	}
	want := New()
	kind := reflect.TypeFor[Input]()
	for i := range kind.NumField() {
		key := kind.Field(i).Tag.Get("toml")
		if key == "" || key == "-" {
			continue
		}
		if !bytes.Contains([]byte(shown), []byte(" "+key+" = ")) && !strings.Contains(shown, "[inputs.weir."+key+"]") {
			t.Errorf("the sample has no %s", key)
		}
		// Of these the sample shows an example.
		if slices.Contains([]string{"listen", "config", "settings", "state", "limits", "clock"}, key) {
			continue
		}
		if a, b := reflect.ValueOf(in).Elem().Field(i).Interface(), reflect.ValueOf(want).Elem().Field(i).Interface(); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: the sample shows %v, the default is %v", key, a, b)
		}
	}
	in.Config, in.State, in.Log = "", t.TempDir(), quiet{}
	if err := in.Init(); err != nil {
		t.Error(err)
	}
}
