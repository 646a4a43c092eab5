package sink_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/shared/sink"
)

func TestTLSErrors(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]sink.TLS{
		"no such authorities": {CA: empty + "x"}, "no certificate in the file": {CA: empty}, "no such client certificate": {Cert: empty, Key: empty + "x"},
		"a certificate without a key": {Cert: empty},
	} {
		if _, err := c.Load(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	def, err := (&sink.TLS{}).Load()
	if err != nil || def.InsecureSkipVerify || def.RootCAs != nil {
		t.Errorf("by default certificates are checked by the system's authorities: %+v, %v", def, err)
	}
}
