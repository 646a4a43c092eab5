package input

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output keeps what is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func running(t *testing.T, dir string) (*instance, *output) {
	t.Helper()
	s, _, err := ReadSettings(map[string]string{"listen": "127.0.0.1:0", "flows": "all", "buffer_mb": "1"})
	if err != nil {
		t.Fatal(err)
	}
	out := &output{}
	i, err := newInstance("weir://a", dir, s, instanceDeps{to: out, failed: func(err error) { t.Error(err) }, log: slog.New(slog.DiscardHandler), now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.start(); err != nil {
		t.Fatal(err)
	}
	return i, out
}

// TestStatus: exporters without templates are told of until the templates come.
func TestStatus(t *testing.T) {
	i, out := running(t, t.TempDir())
	if r := i.status(); r.Message != "listening, no exporter yet" || len(r.Listen) != 1 {
		t.Errorf("%+v", r)
	}
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 1, Protocol: encode.IPFIX, Exporters: 1})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp4", i.addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send := func(b []byte, err error) {
		if _, e := conn.Write(b); errors.Join(err, e) != nil {
			t.Fatal(err, e)
		}
	}
	await := func(message string) {
		t.Helper()
		var r cim.Report
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if r = i.status(); r.Message == message {
				return
			}
		}
		t.Fatalf("%s, not %s", r.Message, message)
	}
	send(mix.Next(0, time.Now()), nil)
	await("listening, 1 exporter, 1 without templates")
	send(mix.Templates(0, time.Now()))
	await("listening, 1 exporter, none without templates")
	if err := i.stop(context.Background()); err != nil {
		t.Error(err)
	}
	r := i.status()
	if n := mix.RecordsPerDatagram(); int(r.Records) != n || r.Datagrams != 2 || r.Events == 0 || r.Lost+r.Dropped+r.Gaps != 0 || r.State != "stopping" {
		t.Errorf("%+v", r)
	}
	if n := bytes.Count(out.text.Bytes(), []byte("<event ")); n != int(r.Events) {
		t.Errorf("%d events of %d", n, r.Events)
	}
}

// TestWithoutFolder: where nothing can be kept it works, but forgets.
func TestWithoutFolder(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "a file")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", filepath.Join(taken, "below")} {
		i, _ := running(t, dir)
		if err := i.stop(context.Background()); err != nil {
			t.Errorf("%q: %v", dir, err)
		}
	}
}
