//go:build cgo

package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/shared/pipeline"
)

// TestSealWhileReceiving: what was committed before a call is in sealed files after it, and no record that comes meanwhile is lost.
func TestSealWhileReceiving(t *testing.T) {
	const datagrams = 400
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.Clock = pipeline.ExportClock
	d := start(t, cfg)
	c := client(t, cfg)
	list := benchDatagrams(t, datagrams)
	feed(t, d, list[:101])
	if got := count(t, d, ""); got[""] != 100*24 {
		t.Fatalf("before: %v", got)
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feed(t, d, list[101:])
	}()
	least, calls := int64(100*24), 0
	for feeding := true; feeding; calls++ {
		select {
		case <-fed:
			feeding = false // and once more
		default:
		}
		sealed, err := c.Seal(t.Context())
		if err != nil || sealed.Records < least || sealed.Files < 1 || sealed.Bytes == 0 {
			t.Fatalf("call %d: %+v, %v; %d records were sealed before", calls, sealed, err, least)
		}
		least = sealed.Records
	}
	if got := count(t, d, ""); got[""] != datagrams*24 {
		t.Errorf("after %d calls: %v of %d records", calls, got, datagrams*24)
	}
	sealed, err := c.Seal(t.Context())
	if st := d.Store().Stats(); err != nil || sealed.Records != datagrams*24 || st.HotRows != 0 {
		t.Errorf("%+v, %v, and %d records are not sealed", sealed, err, st.HotRows)
	}
	text, err := os.ReadFile(filepath.Join(cfg.Data, audit.FileName))
	if err != nil || !strings.Contains(string(text), `"address":"socket","method":"POST","path":"/api/v1/seal","status":200,"detail":"`) {
		t.Errorf("audit: %v\n%s", err, text)
	}
}
