//go:build cgo

package daemon_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/query"
)

const anyPort = "127.0.0.1:0"

// start starts a daemon that is stopped at the end of the test.
func start(t *testing.T, cfg daemon.Config) *daemon.Daemon {
	t.Helper()
	d, err := daemon.New(cfg, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, d) })
	return d
}

func stop(t *testing.T, d *daemon.Daemon) {
	t.Helper()
	if err := d.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// get asks a daemon by its socket.
func get(t *testing.T, data, path string) (status int, body string) {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(data, daemon.SocketName))
	}}
	defer transport.CloseIdleConnections()
	r, err := (&http.Client{Transport: transport}).Get("http://weir" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

func TestStartStop(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	d, err := daemon.New(cfg, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(cfg.Data); err != nil || len(entries) > 0 {
		t.Errorf("New leaves %v, %v", entries, err)
	}
	stop(t, d) // not started
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err == nil {
		t.Error("a second Start succeeds")
	}
	if status, _ := get(t, cfg.Data, "/readyz"); status != http.StatusOK {
		t.Errorf("after the second Start: status %d", status)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { stop(t, d) })
	}
	all.Wait()
	if _, err := os.Stat(filepath.Join(cfg.Data, daemon.SocketName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	start(t, cfg) // the folder is free again
}

// TestStartFails: one error that says what is wrong, in one line, and nothing stays open.
func TestStartFails(t *testing.T) {
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	cases := []struct {
		name   string
		change func(t *testing.T, c *daemon.Config)
		says   []string
	}{
		{"UDP port in use", func(_ *testing.T, c *daemon.Config) { c.Listen = []string{udp.LocalAddr().String()} }, []string{udp.LocalAddr().String(), "in use"}},
		{"API port in use", func(_ *testing.T, c *daemon.Config) { c.API.Listen = tcp.Addr().String() }, []string{tcp.Addr().String(), "in use", "api.listen"}},
		{"data folder is a file", func(t *testing.T, c *daemon.Config) {
			c.Data = filepath.Join(c.Data, "file")
			if err := os.WriteFile(c.Data, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"file", "not a directory"}},
		{"data folder with a long name", func(_ *testing.T, c *daemon.Config) {
			c.Data = filepath.Join(c.Data, strings.Repeat("long", 40))
		}, []string{"choose a data folder with a shorter"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig(t.TempDir(), anyPort)
			c.change(t, &cfg)
			d, err := daemon.New(cfg, daemon.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			err = d.Start(t.Context())
			if err == nil {
				t.Fatal("it starts")
			}
			for _, text := range append(c.says, "") {
				if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
					t.Errorf("the error %q does not say %q in a line", err, text)
				}
			}
			if _, err := os.Stat(filepath.Join(cfg.Data, daemon.SocketName)); err == nil {
				t.Error("the socket stays")
			}
			stop(t, d)
			if info, err := os.Stat(cfg.Data); err != nil || !info.IsDir() {
				return
			}
			lock, err := store.TakeLock(cfg.Data, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := lock.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFolderInUse: the second daemon on a folder says so and leaves the first one alone.
func TestFolderInUse(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	start(t, cfg)
	second, err := daemon.New(cfg, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(t.Context()); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), cfg.Data) {
		t.Errorf("error %v", err)
	}
	if status, _ := get(t, cfg.Data, "/readyz"); status != http.StatusOK {
		t.Errorf("the first one answers %d", status)
	}
}

func TestConfigErrors(t *testing.T) {
	cases := []struct {
		name   string
		change func(c *daemon.Config)
		says   string
	}{
		{"no address", func(c *daemon.Config) { c.Listen = nil }, "address"},
		{"address without port", func(c *daemon.Config) { c.Listen = []string{"127.0.0.1"} }, "127.0.0.1"},
		{"profile", func(c *daemon.Config) { c.Detect.Profile = "home" }, "home"},
		{"detector", func(c *daemon.Config) { c.Detect.Disabled = []string{"dos.nothing"} }, "dos.nothing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig(filepath.Join(t.TempDir(), "data"), anyPort)
			c.change(&cfg)
			if _, err := daemon.New(cfg, daemon.Deps{}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one about %q", err, c.says)
			}
			if _, err := os.Stat(cfg.Data); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the data folder was made: %v", err)
			}
		})
	}
}

// TestAnswers asks the API by socket and by TCP.
func TestAnswers(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.API.Listen = freePort(t).String()
	d := start(t, cfg)
	feed(t, d, benchDatagrams(t, 3))
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, where := range []query.ClientConfig{{Socket: filepath.Join(cfg.Data, daemon.SocketName)}, {URL: "http://" + cfg.API.Listen}} {
		client, err := query.NewClient(where)
		if err != nil {
			t.Fatal(err)
		}
		r, err := client.Aggregate(t.Context(), query.Question{Measure: query.Flows, AllCopies: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Rows[0][0] != uint64(72) {
			t.Errorf("%+v: rows %v, want 72", where, r.Rows)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(filepath.Join(cfg.Data, daemon.SocketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
}
