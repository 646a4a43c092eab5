package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/listen"
)

// messagesOf writes the IPFIX messages of a capture into a file, back to back.
func messagesOf(t *testing.T, capture, path string) {
	t.Helper()
	c, err := listen.OpenCapture(capture, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var file []byte
	for {
		d, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, d.Payload...)
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestIPFIXFile: a file of messages gives the records that their datagrams give, but for the exporter.
func TestIPFIXFile(t *testing.T) {
	dir := t.TempDir()
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--scale", "0.1", "--protocol", "ipfix", "--out", dir)
	capture, file, data := filepath.Join(dir, "traffic.pcap"), filepath.Join(dir, "traffic.bin"), filepath.Join(dir, "data")
	messagesOf(t, capture, file)
	want, got := decoded(t, capture), decoded(t, file)
	if len(want) != len(got) || len(got) < 1000 {
		t.Fatalf("%d records in the file, %d in the capture", len(got), len(want))
	}
	for i := range want {
		if got[i]["observer.ip"] != "0.0.0.0" {
			t.Fatalf("exporter %v", got[i]["observer.ip"])
		}
		for _, field := range []string{"source.ip", "destination.ip", "source.port", "destination.port", "network.bytes", "network.packets", "event.start", "event.end"} {
			if got[i][field] != want[i][field] {
				t.Fatalf("record %d: %s is %v, in the capture %v", i, field, got[i][field], want[i][field])
			}
		}
	}
	if out := must(t, "replay", file, "--data", data); !strings.Contains(out, " stored") {
		t.Errorf("replay says %q", out)
	}
	if again := must(t, "replay", file, "--data", data); !strings.Contains(again, " 0 stored,") {
		t.Errorf("a second replay says %q", again)
	}
	checkBroken(t, file, len(got))
}

func decoded(t *testing.T, path string) (list []map[string]any) {
	t.Helper()
	for line := range strings.Lines(must(t, "decode", path)) {
		list = append(list, jsonOf[map[string]any](t, line))
	}
	return list
}

// checkBroken cuts the file: there is one error with the offset, and what came before is decoded and stored.
func checkBroken(t *testing.T, file string, whole int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text[:len(text)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"decode", file}, {"replay", file, "--data", filepath.Join(filepath.Dir(file), "broken")}} {
		code, out, errs := weir(t, args...)
		if code != command.OK || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, " at byte ") || !strings.Contains(errs, "the file ends ") {
			t.Errorf("%s: exit %d, %q", args[0], code, errs)
		}
		if n := strings.Count(out, "\n"); args[0] == "decode" && (n >= whole || n < whole-100) {
			t.Errorf("%d records of %d", n, whole)
		}
	}
}
