package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDecodeWithConfig: what weir.yaml knows of exporters holds for weir decode, too, when it is given.
func TestDecodeWithConfig(t *testing.T) {
	folder := filepath.Join("../../../shared/decode/testdata/vendors", "juniper-jflow9-run-length")
	capture := filepath.Join(folder, "capture.pcap")
	for want, args := range map[string][]string{
		`"network.bytes":40000`: {"decode", capture},
		`"network.bytes":10000`: {"decode", capture, "--config", filepath.Join(folder, "weir.yaml")},
	} {
		if out := must(t, args...); !strings.Contains(out, want) {
			t.Errorf("weir %s: no %s in %s", strings.Join(args, " "), want, out)
		}
	}
}
