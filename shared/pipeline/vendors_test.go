package pipeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
)

var updateVendors = flag.Bool("update", false, "write captures and expected records of vendors anew")

const vendorsDir = "../decode/testdata/vendors"

// TestVendors: what exporters of each vendor send becomes what their documents say that it means. Of each case capture.txt is the
// source, written by hand with what its records must be; capture.pcap and expected.jsonl follow from it.
func TestVendors(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join(vendorsDir, "*", "capture.txt"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d cases: %v", len(scripts), err)
	}
	readme, err := os.ReadFile(filepath.Join(vendorsDir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		dir := filepath.Dir(script)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if !strings.Contains(string(readme), "| "+filepath.Base(dir)+" |") {
				t.Error("the case is not in README.md")
			}
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			s := assembleWire(string(text))
			golden(t, filepath.Join(dir, "capture.pcap"), s.pcap(t))
			lines, summary := showVendor(t, dir)
			golden(t, filepath.Join(dir, "expected.jsonl"), []byte(strings.Join(lines, "")))
			checkWants(t, s, lines)
			checkSummary(t, s.account, summary)
		})
	}
}

func golden(t *testing.T, path string, want []byte) {
	t.Helper()
	if *updateVendors {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what comes of the case", path)
	}
}

func (s *wireScript) pcap(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.packets {
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: p.at, CaptureLength: len(p.data), Length: len(p.data)}, p.data); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// showVendor decodes and normalizes the capture of a case and returns the records without their ids, which are hashes.
func showVendor(t *testing.T, dir string) (lines []string, summary pipeline.Summary) {
	t.Helper()
	cfg := config.Default()
	if path := filepath.Join(dir, "weir.yaml"); exists(path) {
		var err error
		if cfg, err = config.Load(path); err != nil {
			t.Fatal(err)
		}
	}
	show, err := pipeline.NewShow(cfg)
	if err != nil {
		t.Fatal(err)
	}
	capture, err := listen.OpenCapture(filepath.Join(dir, "capture.pcap"), listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Close()
	registry := flow.NewRegistry()
	for {
		d, err := capture.Next()
		if errors.Is(err, io.EOF) {
			return lines, show.Summary()
		}
		if err != nil {
			t.Fatal(err)
		}
		show.Decode(d, func(b *flow.Batch) {
			for i := range b.Records {
				lines = append(lines, withoutID(string(flow.AppendJSON(nil, registry, b, &b.Records[i])))+"\n")
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func withoutID(line string) string {
	before, rest, _ := strings.Cut(line, `"event.id":"`)
	_, after, _ := strings.Cut(rest, `",`)
	return before + after
}

// checkWants compares records with the fields that the script wants: "name=value", "-" for absent.
func checkWants(t *testing.T, s *wireScript, lines []string) {
	t.Helper()
	if len(lines) != len(s.wants) {
		t.Errorf("%d records, want %d", len(lines), len(s.wants))
	}
	for i := range min(len(lines), len(s.wants)) {
		var record map[string]any
		d := json.NewDecoder(strings.NewReader(lines[i]))
		d.UseNumber()
		if err := d.Decode(&record); err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Fields(s.wants[i]) {
			name, want, _ := strings.Cut(word, "=")
			if got := shownField(record, name); strings.ReplaceAll(got, " ", "_") != want {
				t.Errorf("record %d: %s is %s, want %s\n%s", i+1, name, got, want, lines[i])
			}
		}
	}
}

// shownField shows a field, or an element by its number, without quotes and with the members of a list joined by commas.
func shownField(record map[string]any, name string) string {
	v, ok := record[name]
	if elements, is := record["weir.elements"].(map[string]any); is && strings.Contains(name, "/") {
		v, ok = elements[name]
	}
	if !ok {
		return "-"
	}
	if list, is := v.([]any); is {
		words := make([]string, len(list))
		for i := range list {
			words[i] = fmt.Sprint(list[i])
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(v)
}

func checkSummary(t *testing.T, want string, s pipeline.Summary) {
	t.Helper()
	var list []string
	for _, c := range []struct {
		name string
		n    uint64
	}{{"gaps", s.Gaps}, {"restarts", s.Restarts}, {"clashes", s.Clashes}, {"waiting", uint64(s.WaitingSets)}, {"expired", s.ExpiredSets}} {
		if c.n > 0 {
			list = append(list, fmt.Sprintf("%s=%d", c.name, c.n))
		}
	}
	for why, n := range s.Errors {
		list = append(list, fmt.Sprintf("%s=%d", why, n))
	}
	for why, n := range s.Invalid {
		list = append(list, fmt.Sprintf("invalid(%s)=%d", why, n))
	}
	if got := strings.Join(list, " "); got != want {
		t.Errorf("account %q, want %q", got, want)
	}
}
