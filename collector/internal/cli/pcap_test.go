//go:build cgo

package cli

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query/conformance"
)

func TestPcap(t *testing.T) {
	data := t.TempDir()
	dir := filepath.Join(data, daemon.HeadersName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "0a1b.pcap"), []byte("capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))
	handler, err := api.New(api.DefaultConfig(), api.Deps{Engine: empty, Alerts: empty, Exporters: empty, Captures: dir})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, source := range [][]string{{"--data", data}, {"--url", server.URL}} {
		code, out, errs := weir(t, append([]string{"pcap", "0a1b"}, source...)...)
		if code != 0 || out != "capture" {
			t.Errorf("%v: exit %d, %q, %s", source, code, out, errs)
		}
		file := filepath.Join(t.TempDir(), "a.pcap")
		if code, _, errs := weir(t, append([]string{"pcap", "0a1b", "-o", file}, source...)...); code != 0 {
			t.Errorf("%v: exit %d, %s", source, code, errs)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != "capture" {
			t.Errorf("%v: %q, %v", source, got, err)
		}
		code, _, errs = weir(t, append([]string{"pcap", "ffff", "-o", file}, source...)...)
		if code != 1 || !strings.Contains(errs, "ffff") {
			t.Errorf("%v: an alert without headers: exit %d, %s", source, code, errs)
		}
		if _, err := os.Stat(file); err == nil {
			t.Error("a failed export leaves a file")
		}
	}
	if code, _, _ := weir(t, "pcap", "../x", "--data", data); code != 2 {
		t.Errorf("what is no id: exit %d", code)
	}
}
